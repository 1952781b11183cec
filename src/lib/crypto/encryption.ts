// `lib/crypto` holds hashing, randomness and sealing (AES-256-GCM) over node:crypto. JOSE belongs to `keys`.

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { hmacSha256 } from './hash.ts'
import { randomBytes } from './random.ts'

const SALT_LENGTH = 16
const TAG_LENGTH = 16
/** A constant nonce is safe here, because each key encrypts one message. */
const ZERO_NONCE = Buffer.alloc(12)

/**
 * Encrypts with AES-256-GCM a message that a client stores for us, such as an opaque access token. `purpose` is
 * authenticated: `decrypt` needs the same key and the same purpose. The result is salt ‖ ciphertext ‖ tag.
 *
 * Each message has its own key, derived from `key` and 128 random bits. One AES-GCM key with random nonces is limited to
 * 2^32 messages (NIST SP 800-38D §8.3), which a busy server sends within days.
 */
export function encrypt(key: Uint8Array, message: string, purpose: string): Buffer {
  const salt = randomBytes(SALT_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', hmacSha256(key, salt), ZERO_NONCE).setAAD(Buffer.from(purpose))
  return Buffer.concat([salt, cipher.update(message, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The message, or undefined for bytes that `encrypt` did not make with this key and purpose. */
export function decrypt(key: Uint8Array, encrypted: Uint8Array, purpose: string): string | undefined {
  if (encrypted.length < SALT_LENGTH + TAG_LENGTH) return undefined
  const messageKey = hmacSha256(key, encrypted.subarray(0, SALT_LENGTH))
  const decipher = createDecipheriv('aes-256-gcm', messageKey, ZERO_NONCE, { authTagLength: TAG_LENGTH })
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(encrypted.subarray(-TAG_LENGTH))
  const body = decipher.update(encrypted.subarray(SALT_LENGTH, -TAG_LENGTH), undefined, 'utf8')
  try {
    return body + decipher.final('utf8')
  } catch {
    return undefined
  }
}
