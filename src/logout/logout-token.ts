import { epochSeconds, type Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import type { Subjects } from '../clients/subject.ts'
import type { RegisteredClient, SigningAlgorithm } from '../model/client.ts'

export interface LogoutTokenOptions {
  issuer: string
  clock: Clock
  subjects: Subjects
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'logout+jwt') => Promise<string>
}

/** Seconds that a logout token is good for: it is presented at once (Back-Channel Logout §4 wants two minutes at most). */
const LIFETIME = 120

/**
 * Tells a client that a session has ended, and whose (OpenID Connect Back-Channel Logout §2.4). Signed as the ID tokens of
 * the client are; but never unsigned (§2.6), so by RS256 where those are.
 */
export async function mintLogoutToken(
  client: RegisteredClient,
  { userId, sessionId }: { userId: string; sessionId: string },
  { issuer, clock, subjects, sign }: LogoutTokenOptions,
): Promise<string> {
  const alg = client.idTokenSignedResponseAlg
  const iat = epochSeconds(clock.now())
  const claims = {
    iss: issuer,
    aud: client.clientId,
    iat,
    exp: iat + LIFETIME,
    jti: randomToken(),
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    sub: subjects(client, userId),
    sid: sessionId,
  }
  return sign(claims, alg === 'none' ? 'RS256' : alg, 'logout+jwt')
}
