import { keySetProblem, NoEncryptionKey, type ClientKeys } from '../../keys/client-keys.ts'
import {
  defaultContentEncryption,
  signingAlgorithms,
  type ResponseEncryption,
  type SigningAlgorithm,
} from '../../model/clients/client-algorithms.ts'
import { allowsAuthMethod } from '../../model/clients/authentication-methods.ts'
import type { Client } from '../../model/clients/client.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'
import { profileOf } from '../settings/profiles.ts'

export interface KeysCheckOptions {
  clientKeys: Pick<ClientKeys, 'encrypt'>
  fetchText: (url: string) => Promise<string>
}

type PublicKey = Readonly<Record<string, unknown>>

/** Checks that the keys of a client can be fetched, are strong, and match its signing algorithms. */
export async function checkKeys(client: Client, { fetchText }: KeysCheckOptions): Promise<ClientCheck> {
  const signsAssertions = allowsAuthMethod(client, 'private_key_jwt')
  const subject = {
    name: 'keys',
    expected: signsAssertions
      ? 'a public key for one of the algorithms of its assertions'
      : 'a valid key set, if it has one',
  }
  if (client.jwks === null && client.jwksUri === null) {
    return signsAssertions
      ? failed({ ...subject, seen: 'neither jwks nor jwksUri' }, 'Set jwksUri, or jwks.')
      : skipped({ ...subject, seen: 'neither jwks nor jwksUri' })
  }
  const published = client.jwks ?? (await fetchJson(client.jwksUri ?? '', fetchText))
  if (published === undefined) {
    return failed(
      { ...subject, seen: 'a response that is not JSON' },
      'Make jwksUri respond with 200 and the key set, over https.',
    )
  }
  const problem = keySetProblem(published)
  if (problem !== undefined) return failed({ ...subject, seen: `a key set that ${problem}` }, `The key set ${problem}.`)
  const { keys } = published as { keys: PublicKey[] }
  const registeredAlgorithm = client.tokenEndpointAuthSigningAlg
  const algorithms = signingAlgorithms.filter(
    (alg) =>
      profileOf(client).assertionAlgorithms.includes(alg) &&
      (registeredAlgorithm === null || alg === registeredAlgorithm),
  )
  const supportedAlgorithms = algorithms.filter((alg) => keys.some((key) => keySupportsAlgorithm(key, alg)))
  const seen = `${keys.length} keys, for ${supportedAlgorithms.join(', ') || 'none'} of ${algorithms.join(', ')}`
  if (signsAssertions && supportedAlgorithms.length === 0)
    return failed({ ...subject, seen }, `Publish a key for ${algorithms.join(' or ')}.`)
  return passed({ ...subject, seen })
}

/** Checks that responses can be encrypted to the keys of the client. */
export async function checkEncryption(client: Client, { clientKeys }: KeysCheckOptions): Promise<ClientCheck[]> {
  const wanted = [
    ['id_token', client.idTokenEncryptedResponseAlg, client.idTokenEncryptedResponseEnc],
    ['userinfo', client.userinfoEncryptedResponseAlg, client.userinfoEncryptedResponseEnc],
    ['introspection', client.introspectionEncryptedResponseAlg, client.introspectionEncryptedResponseEnc],
    ['authorization', client.authorizationEncryptedResponseAlg, client.authorizationEncryptedResponseEnc],
  ] as const
  const checks = wanted.flatMap(([what, alg, enc]) =>
    alg ? [checkEncryptionKey(what, { alg, enc: enc ?? defaultContentEncryption })] : [],
  )
  return Promise.all(checks)

  async function checkEncryptionKey(what: string, how: ResponseEncryption): Promise<ClientCheck> {
    const subject = { name: `${what}_encryption`, expected: `a key for ${how.alg}` }
    try {
      await clientKeys.encrypt('{}', client, how)
      return passed({ ...subject, seen: `a test value was encrypted with ${how.alg} and ${how.enc}` })
    } catch (error) {
      const seen = error instanceof NoEncryptionKey ? 'no such key' : 'a key that cannot be used for encryption'
      return failed({ ...subject, seen }, `Publish a valid key for ${how.alg} among the keys of the client.`)
    }
  }
}

async function fetchJson(uri: string, fetchText: (url: string) => Promise<string>): Promise<unknown> {
  try {
    return JSON.parse(await fetchText(uri))
  } catch {
    return undefined
  }
}

const keyTypes: Readonly<Record<SigningAlgorithm, { kty: string; crv?: string }>> = {
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
}

function keySupportsAlgorithm(key: PublicKey, alg: SigningAlgorithm): boolean {
  const { kty, crv } = keyTypes[alg]
  const isUsable = key['use'] !== 'enc' && (key['alg'] === undefined || key['alg'] === alg)
  return isUsable && key['kty'] === kty && (crv === undefined || key['crv'] === crv)
}
