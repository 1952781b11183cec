import { profileOf } from '../../clients/settings/profiles.ts'
import type { ClientKeys } from '../../keys/client-keys.ts'
import { epochSeconds, type Clock } from '../../lib/time/clock.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { SigningAlgorithm } from '../../model/clients/client-algorithms.ts'
import { encryptForClient } from '../encrypt-for-client.ts'

export const INTROSPECTION_JWT_MEDIA_TYPE = 'application/token-introspection+jwt'

export interface IntrospectionJwtOptions {
  issuer: string
  clock: Clock
  clientKeys: Pick<ClientKeys, 'encrypt'>
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'token-introspection+jwt') => Promise<string>
}

/**
 * Encodes an introspection response as a JWT for the caller, and encrypts it if the caller registered that (RFC 9701 §5).
 * It has no `sub` and no `exp`, so that it cannot be mistaken for a token.
 */
export async function encodeIntrospectionJwt(
  introspection: Readonly<Record<string, unknown>>,
  caller: RegisteredClient,
  { issuer, clock, clientKeys, sign }: IntrospectionJwtOptions,
): Promise<string> {
  const [defaultAlg = 'RS256'] = profileOf(caller).introspectionAlgorithms
  const claims = {
    iss: issuer,
    aud: caller.clientId,
    iat: epochSeconds(clock.now()),
    token_introspection: introspection,
  }
  const signed = await sign(claims, caller.introspectionSignedResponseAlg ?? defaultAlg, 'token-introspection+jwt')
  const encryption = { alg: caller.introspectionEncryptedResponseAlg, enc: caller.introspectionEncryptedResponseEnc }
  return encryptForClient(caller, signed, encryption, clientKeys)
}
