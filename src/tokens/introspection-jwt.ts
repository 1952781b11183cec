import { profileOf } from '../clients/profiles.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import { epochSeconds, type Clock } from '../lib/clock.ts'
import type { RegisteredClient, SigningAlgorithm } from '../model/client.ts'
import { encryptFor } from './encrypt.ts'

export const INTROSPECTION_JWT = 'application/token-introspection+jwt'

export interface IntrospectionJwtOptions {
  issuer: string
  clock: Clock
  clientKeys: Pick<ClientKeys, 'encrypt'>
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'token-introspection+jwt') => Promise<string>
}

/**
 * What introspection answers, signed for whoever asked and encrypted where they registered it (RFC 9701 §5). It has no
 * `sub` and no `exp`, so that nobody takes it for a token.
 */
export async function introspectionJwt(
  answer: Readonly<Record<string, unknown>>,
  caller: RegisteredClient,
  { issuer, clock, clientKeys, sign }: IntrospectionJwtOptions,
): Promise<string> {
  const [usual = 'RS256'] = profileOf(caller).introspectionAlgorithms
  const claims = { iss: issuer, aud: caller.clientId, iat: epochSeconds(clock.now()), token_introspection: answer }
  const signed = await sign(claims, caller.introspectionSignedResponseAlg ?? usual, 'token-introspection+jwt')
  const reader = { alg: caller.introspectionEncryptedResponseAlg, enc: caller.introspectionEncryptedResponseEnc }
  return encryptFor(caller, signed, reader, clientKeys)
}
