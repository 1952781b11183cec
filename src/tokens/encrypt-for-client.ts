import { NoEncryptionKey, type ClientKeys } from '../keys/client-keys.ts'
import {
  defaultContentEncryption,
  type ContentEncryption,
  type KeyManagementAlgorithm,
  type RegisteredClient,
} from '../model/clients/client.ts'
import { OAuthError } from '../oauth/errors.ts'

/**
 * `text`, which is a JWT or claims in JSON, as the client registered to read it: encrypted to a key of its own, or as it
 * is. Throws `invalid_request` where the client publishes no key that fits.
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
      `There is no key to encrypt to: the client's key set holds none for ${alg}.`,
    )
  }
}
