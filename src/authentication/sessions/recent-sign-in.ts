/** How long after a sign-in users may change how they sign in. */
export const RECENT_SIGN_IN_SECONDS = 600

/** Whether the user has signed in within the last ten minutes. */
export function isRecentSignIn(authTime: Date, now: Date): boolean {
  return now.getTime() - authTime.getTime() <= RECENT_SIGN_IN_SECONDS * 1000
}
