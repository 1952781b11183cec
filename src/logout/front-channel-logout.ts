import type { EndedSession } from '../model/sessions/session.ts'
import { withQuery } from '../oauth/redirect-uri.ts'

/**
 * The addresses that end the sessions of a session's clients when a browser loads them (OpenID Connect Front-Channel
 * Logout §2, §3): with `iss` and `sid` for those that want to know which session.
 */
export function buildFrontChannelLogoutUrls(
  { frontChannelLogoutUris }: EndedSession,
  { issuer, sid }: { issuer: string; sid: string },
): string[] {
  return frontChannelLogoutUris.map(({ uri, sessionRequired }) =>
    sessionRequired ? withQuery(uri, { iss: issuer, sid }) : uri,
  )
}
