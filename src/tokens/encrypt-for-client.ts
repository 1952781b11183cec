import { NoEncryptionKey, type ClientKeys } from '../keys/client-keys.ts'
import {
  defaultContentEncryption,
  type ContentEncryption,
  type KeyManagementAlgorithm,
} from '../model/clients/client-algorithms.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import { OAuthError } from '../oauth/errors.ts'

/**
 * Encrypts a JWT or a JSON object to a key of the client, if the client registered an algorithm; otherwise returns it
 * unchanged. Throws `invalid_request` if the client publishes no suitable key.
 */
export async function encryptForClient(
  client: RegisteredClient,
  text: string,
  { alg, enc }: { alg: KeyManagementAlgorithm | null; enc: ContentEncryption | null },
  { encrypt }: Pick<ClientKeys, 'encrypt'>,
): Promise<string> {
  if (alg === null) return text
  try {
    return await encrypt(text, client, { alg, enc: enc ?? defaultContentEncryption })
  } catch (error) {
    if (!(error instanceof NoEncryptionKey)) throw error
    throw new OAuthError(
      'invalid_request',
      `The response cannot be encrypted: the client's key set has no key for ${alg}.`,
    )
  }
}
