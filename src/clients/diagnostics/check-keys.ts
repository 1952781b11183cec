import { readKeySet } from '../../keys/client-key-set.ts'
import { type ClientKeys } from '../../keys/client-keys.ts'
import { isUsablePublicKey, isVerificationKey, publicKeyProblem } from '../../keys/public-jwk.ts'
import { parseForeignJson } from '../../lib/json.ts'
import {
  defaultContentEncryption,
  signingAlgorithms,
  type ResponseEncryption,
} from '../../model/clients/client-algorithms.ts'
import { allowsAuthMethod } from '../../model/clients/authentication-methods.ts'
import type { Client } from '../../model/clients/client.ts'
import { failed, passed, skipped, type ClientCheck } from './client-check.ts'
import { profileOf } from '../settings/profiles.ts'

export interface KeysCheckOptions {
  clientKeys: Pick<ClientKeys, 'canEncrypt'>
  fetchText: (url: string) => Promise<string>
}

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
  const set = readKeySet(published)
  if (!set) return failed({ ...subject, seen: 'JSON that is no key set' }, 'Publish a JSON Web Key Set: {"keys":[…]}.')
  const keys = set.keys.filter(isUsablePublicKey)
  const registeredAlgorithm = client.tokenEndpointAuthSigningAlg
  const algorithms = signingAlgorithms.filter(
    (alg) =>
      profileOf(client).assertionAlgorithms.includes(alg) &&
      (registeredAlgorithm === null || alg === registeredAlgorithm),
  )
  const supportedAlgorithms = algorithms.filter((alg) => keys.some((key) => isVerificationKey(key, alg)))
  const seen = `${keys.length} keys, for ${supportedAlgorithms.join(', ') || 'none'} of ${algorithms.join(', ')}${describeIgnored(set.keys)}`
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
    if (await clientKeys.canEncrypt(client, how))
      return passed({ ...subject, seen: 'a key that a test value was encrypted to' })
    return failed(
      { ...subject, seen: 'no usable key' },
      `Publish a valid key for ${how.alg} among the keys of the client.`,
    )
  }
}

/** The first of the keys that are ignored (RFC 7517 §5), with the reason. */
function describeIgnored(keys: readonly unknown[]): string {
  const ignored = keys.flatMap((key, index) => {
    const problem = publicKeyProblem(key)
    return problem ? [`the key at position ${index} ${problem.reason}`] : []
  })
  const [first] = ignored
  return first === undefined ? '' : `; ${ignored.length} ignored: ${first}`
}

async function fetchJson(uri: string, fetchText: (url: string) => Promise<string>): Promise<unknown> {
  try {
    return parseForeignJson(await fetchText(uri))
  } catch {
    return undefined
  }
}
