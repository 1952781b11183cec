import { NoEncryptionKey, type ClientKeys } from '../keys/client-keys.ts'
import {
  defaultContentEncryption,
  type ContentEncryption,
  type KeyManagementAlgorithm,
} from '../model/clients/client-algorithms.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import { OAuthError } from '../oauth/errors.ts'

/** How a client registered one kind of response to be encrypted; `alg` is null if it did not. */
interface RegisteredEncryption {
  alg: KeyManagementAlgorithm | null
  enc: ContentEncryption | null
}

/**
 * Encrypts a JWT or a JSON object to a key of the client, if the client registered an algorithm; otherwise returns it
 * unchanged. Throws `invalid_request` if the client publishes no suitable key.
 */
export async function encryptForClient(
  client: RegisteredClient,
  text: string,
  { alg, enc }: RegisteredEncryption,
  { encrypt }: Pick<ClientKeys, 'encrypt'>,
): Promise<string> {
  if (alg === null) return text
  try {
    return await encrypt(text, client, { alg, enc: enc ?? defaultContentEncryption })
  } catch (error) {
    if (!(error instanceof NoEncryptionKey)) throw error
    throw missingKey(alg)
  }
}

/** The responses that a request leads to and that may have to be encrypted. */
export interface EncryptedResponses {
  idToken: boolean
  /** The authorization response as a JWT (JARM). */
  authorizationResponse: boolean
}

/**
 * Throws `invalid_request` if `encryptForClient` would throw it for one of `responses`. It is called before a code or a
 * request is consumed, so that the client can repeat the request when it has published a key.
 */
export async function requireEncryptionKeys(
  client: RegisteredClient,
  { idToken, authorizationResponse }: EncryptedResponses,
  { canEncrypt }: Pick<ClientKeys, 'canEncrypt'>,
): Promise<void> {
  const needed: RegisteredEncryption[] = [
    ...(idToken ? [{ alg: client.idTokenEncryptedResponseAlg, enc: client.idTokenEncryptedResponseEnc }] : []),
    ...(authorizationResponse
      ? [{ alg: client.authorizationEncryptedResponseAlg, enc: client.authorizationEncryptedResponseEnc }]
      : []),
  ]
  for (const { alg, enc } of needed) {
    if (alg !== null && !(await canEncrypt(client, { alg, enc: enc ?? defaultContentEncryption })))
      throw missingKey(alg)
  }
}

function missingKey(alg: KeyManagementAlgorithm): OAuthError {
  return new OAuthError(
    'invalid_request',
    `The response cannot be encrypted: the client's key set has no usable key for ${alg}.`,
  )
}
