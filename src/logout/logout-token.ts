import { epochSeconds, type Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient, SigningAlgorithm } from '../model/clients/client.ts'

export interface LogoutTokenOptions {
  issuer: string
  clock: Clock
  resolveSubject: SubjectResolver
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'logout+jwt') => Promise<string>
}

/** Seconds that a logout token is good for: it is presented at once (Back-Channel Logout §4 wants two minutes at most). */
const LOGOUT_TOKEN_LIFETIME_SECONDS = 120

/**
 * Tells a client that a session has ended, and whose (OpenID Connect Back-Channel Logout §2.4). Signed as the ID tokens of
 * the client are; but never unsigned (§2.6), so by RS256 where those are.
 */
export async function mintLogoutToken(
  client: RegisteredClient,
  { userId, sessionId }: { userId: string; sessionId: string },
  { issuer, clock, resolveSubject, sign }: LogoutTokenOptions,
): Promise<string> {
  const alg = client.idTokenSignedResponseAlg
  const iat = epochSeconds(clock.now())
  const claims = {
    iss: issuer,
    aud: client.clientId,
    iat,
    exp: iat + LOGOUT_TOKEN_LIFETIME_SECONDS,
    jti: randomToken(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sub: resolveSubject(client, userId),
    sid: sessionId,
  }
  return sign(claims, alg === 'none' ? 'RS256' : alg, 'logout+jwt')
}
