import { epochSeconds, type Clock } from '../lib/time/clock.ts'
import { randomToken } from '../lib/crypto/random.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'

export interface LogoutTokenOptions {
  issuer: string
  clock: Clock
  resolveSubject: SubjectResolver
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'logout+jwt') => Promise<string>
}

/** Back-Channel Logout §4 recommends at most two minutes. */
const LOGOUT_TOKEN_LIFETIME_SECONDS = 120

/**
 * Mints a logout token for a client (OpenID Connect Back-Channel Logout §2.4). It is signed like the client's ID tokens. It
 * must not be unsecured (§2.6), so it is signed with RS256 if the ID tokens are.
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
