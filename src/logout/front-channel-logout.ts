import type { EndedSession } from '../model/sessions/session.ts'
import { withQuery } from '../oauth/redirect-uri.ts'

/**
 * The URLs that log the user out of the clients of a session when a browser loads them (OpenID Connect Front-Channel Logout
 * §2, §3). Clients that require it receive `iss` and `sid`.
 */
export function buildFrontChannelLogoutUrls(
  { frontChannelLogoutUris }: EndedSession,
  { issuer, sid }: { issuer: string; sid: string },
): string[] {
  return frontChannelLogoutUris.map(({ uri, sessionRequired }) =>
    sessionRequired ? withQuery(uri, { iss: issuer, sid }) : uri,
  )
}
