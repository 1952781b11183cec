/** Browser sessions and their cookie. */
export interface SessionSettings {
  sessionCookie: { name: string; secure: boolean }
  /** Seconds after which a browser session ends: without activity, and since the sign-in. */
  sessionLifetimes: { idle: number; max: number }
}

interface SessionVariables {
  SESSION_COOKIE_NAME?: string | undefined
  SESSION_COOKIE_SECURE?: boolean | undefined
  SESSION_IDLE_SEC: number
  SESSION_MAX_SEC: number
}

/** The settings of sessions. The cookie is Secure if the issuer is https, and browsers accept its name. */
export function readSessionSettings(env: SessionVariables, issuer: string, problems: string[]): SessionSettings {
  const secure = env.SESSION_COOKIE_SECURE ?? issuer.startsWith('https:')
  const name = env.SESSION_COOKIE_NAME ?? (secure ? '__Host-cerb_sid' : 'cerb_sid')
  if (!secure && /^__(?:Host|Secure)-/i.test(name))
    problems.push('SESSION_COOKIE_NAME must not begin with __Host- or __Secure- unless the cookie is Secure')
  if (env.SESSION_IDLE_SEC > env.SESSION_MAX_SEC) problems.push('SESSION_IDLE_SEC must not exceed SESSION_MAX_SEC')
  return { sessionCookie: { name, secure }, sessionLifetimes: { idle: env.SESSION_IDLE_SEC, max: env.SESSION_MAX_SEC } }
}
