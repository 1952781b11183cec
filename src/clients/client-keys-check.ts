import { keySetProblem, NoEncryptionKey, type ClientKeys } from '../keys/client-keys.ts'
import {
  defaultContentEncryption,
  authenticatesBy,
  signingAlgorithms,
  type Client,
  type EncryptedResponse,
  type SigningAlgorithm,
} from '../model/client.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'
import { profileOf } from './profiles.ts'

export interface KeysCheckOptions {
  clientKeys: Pick<ClientKeys, 'encrypt'>
  fetchDocument: (url: string) => Promise<string>
}

type PublicKey = Readonly<Record<string, unknown>>

/** That the keys of a client can be had, are strong, and fit what it signs by. */
export async function checkKeys(client: Client, { fetchDocument }: KeysCheckOptions): Promise<ClientCheck> {
  const signs = authenticatesBy(client, 'private_key_jwt')
  const told = {
    name: 'keys',
    expected: signs ? 'a public key for one of the algorithms of its assertions' : 'a sound key set, where it has one',
  }
  if (client.jwks === null && client.jwksUri === null) {
    return signs
      ? failed({ ...told, seen: 'neither jwks nor jwksUri' }, 'Set jwksUri, or jwks.')
      : skipped({ ...told, seen: 'neither jwks nor jwksUri' })
  }
  const published = client.jwks ?? (await fetched(client.jwksUri ?? '', fetchDocument))
  if (published === undefined) {
    return failed({ ...told, seen: 'nothing that is JSON' }, 'Have jwksUri answer 200 with the key set, over https.')
  }
  const problem = keySetProblem(published)
  if (problem !== undefined) return failed({ ...told, seen: `a key set that ${problem}` }, `The key set ${problem}.`)
  const { keys } = published as { keys: PublicKey[] }
  const only = client.tokenEndpointAuthSigningAlg
  const algorithms = signingAlgorithms.filter(
    (alg) => profileOf(client).assertionAlgorithms.includes(alg) && (only === null || alg === only),
  )
  const fitting = algorithms.filter((alg) => keys.some((key) => fits(key, alg)))
  const seen = `${keys.length} keys, for ${fitting.join(', ') || 'none'} of ${algorithms.join(', ')}`
  if (signs && fitting.length === 0) return failed({ ...told, seen }, `Publish a key for ${algorithms.join(' or ')}.`)
  return passed({ ...told, seen })
}

/** That what the client wants encrypted can be encrypted to it. */
export async function checkEncryption(client: Client, { clientKeys }: KeysCheckOptions): Promise<ClientCheck[]> {
  const wanted = [
    ['id_token', client.idTokenEncryptedResponseAlg, client.idTokenEncryptedResponseEnc],
    ['userinfo', client.userinfoEncryptedResponseAlg, client.userinfoEncryptedResponseEnc],
    ['introspection', client.introspectionEncryptedResponseAlg, client.introspectionEncryptedResponseEnc],
    ['authorization', client.authorizationEncryptedResponseAlg, client.authorizationEncryptedResponseEnc],
  ] as const
  const checks = wanted.flatMap(([what, alg, enc]) =>
    alg ? [encrypts(what, { alg, enc: enc ?? defaultContentEncryption })] : [],
  )
  return Promise.all(checks)

  async function encrypts(what: string, how: EncryptedResponse): Promise<ClientCheck> {
    const told = { name: `${what}_encryption`, expected: `a key for ${how.alg}` }
    try {
      await clientKeys.encrypt('{}', client, how)
      return passed({ ...told, seen: `something was encrypted by ${how.alg} and ${how.enc}` })
    } catch (error) {
      const seen = error instanceof NoEncryptionKey ? 'no such key' : 'a key that nothing can be encrypted to'
      return failed({ ...told, seen }, `Publish a sound key for ${how.alg} among the keys of the client.`)
    }
  }
}

async function fetched(uri: string, fetchDocument: (url: string) => Promise<string>): Promise<unknown> {
  try {
    return JSON.parse(await fetchDocument(uri))
  } catch {
    return undefined
  }
}

const kinds: Readonly<Record<SigningAlgorithm, { kty: string; crv?: string }>> = {
  RS256: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
}

function fits(key: PublicKey, alg: SigningAlgorithm): boolean {
  const { kty, crv } = kinds[alg]
  const forIt = key['use'] !== 'enc' && (key['alg'] === undefined || key['alg'] === alg)
  return forIt && key['kty'] === kty && (crv === undefined || key['crv'] === crv)
}
