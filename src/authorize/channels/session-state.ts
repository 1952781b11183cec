import { randomBase64url } from '../../lib/crypto/random.ts'
import { sha256 } from '../../lib/crypto/hash.ts'

/**
 * The `session_state` of a response. The page at `check_session_iframe` compares it later, to detect whether the same user
 * is still signed in (OpenID Connect Session Management §2). The salt keeps clients from correlating their values.
 * Undefined if the redirect URI has no web origin: then the client has no page that could compare it.
 */
export function computeSessionState(clientId: string, redirectUri: string, browserState: string): string | undefined {
  const { origin } = new URL(redirectUri)
  if (origin === 'null') return undefined
  const salt = randomBase64url(16)
  return `${sha256(`${clientId} ${origin} ${browserState} ${salt}`).toString('hex')}.${salt}`
}
