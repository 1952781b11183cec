import { randomBase64url } from '../../lib/random.ts'
import { sha256 } from '../../lib/hash.ts'

/**
 * What a client compares later, by way of the page at `check_session_iframe`, to see whether its person is still the one
 * who is signed in here (OpenID Connect Session Management §2): salted, so that clients cannot compare among one another.
 * Undefined where the redirect URI has no web origin, and so no page that could ask.
 */
export function computeSessionState(clientId: string, redirectUri: string, browserState: string): string | undefined {
  const { origin } = new URL(redirectUri)
  if (origin === 'null') return undefined
  const salt = randomBase64url(16)
  return `${sha256(`${clientId} ${origin} ${browserState} ${salt}`).toString('hex')}.${salt}`
}
