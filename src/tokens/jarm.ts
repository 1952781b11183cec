import { profileOf } from '../clients/settings/profiles.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import { epochSeconds, type Clock } from '../lib/time/clock.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { SigningAlgorithm } from '../model/clients/client-algorithms.ts'
import { encryptForClient } from './encrypt-for-client.ts'

export interface JarmOptions {
  issuer: string
  clock: Clock
  clientKeys: Pick<ClientKeys, 'encrypt'>
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm, kind: 'JWT') => Promise<string>
}

/** The browser delivers it immediately. JARM §2.1 recommends at most ten minutes. */
const JARM_LIFETIME_SECONDS = 300

/**
 * Encodes authorization response parameters as a signed JWT, and encrypts it if the client registered that (JARM §2.1,
 * §2.2). The `typ` is `JWT`, because clients reject others. It has no `sub`, so that it cannot be mistaken for an ID token.
 */
export function createJarmEncoder({ issuer, clock, clientKeys, sign }: JarmOptions) {
  return async (parameters: Readonly<Record<string, string>>, client: RegisteredClient): Promise<string> => {
    const [defaultAlg = 'RS256'] = profileOf(client).authorizationResponseAlgorithms
    const exp = epochSeconds(clock.now()) + JARM_LIFETIME_SECONDS
    const claims = { ...parameters, iss: issuer, aud: client.clientId, exp }
    const signed = await sign(claims, client.authorizationSignedResponseAlg ?? defaultAlg, 'JWT')
    const encryption = { alg: client.authorizationEncryptedResponseAlg, enc: client.authorizationEncryptedResponseEnc }
    return encryptForClient(client, signed, encryption, clientKeys)
  }
}
