/** The URL at which a browser continues with a pending request. `cancel` denies the request. */
export function resumeUrl(request: string, action?: 'cancel'): string {
  return `/oauth2/authorize/resume?${new URLSearchParams({ request, ...(action && { answer: action }) })}`
}

/** The page of each step that needs the user. */
export const interactionUrls = {
  login: '/auth/login',
  second_factor: '/auth/second-factor',
  enrol_passkey: '/account/passkeys',
  select_account: '/auth/account',
  consent: '/oauth2/consent',
} as const
