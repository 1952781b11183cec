import { createCipheriv, createDecipheriv } from 'node:crypto'
import { sha256 } from './hash.ts'
import { randomBytes } from './random.ts'

/**
 * Encrypts small secrets for storage with AES-256-GCM. `associatedData` names the row of the secret: a ciphertext that is
 * copied to another row cannot be opened there. The first key seals and every key opens, so that keys can be rotated.
 */
export interface Sealer {
  seal(plaintext: Uint8Array, associatedData: string): Buffer
  /** Throws when the key is not configured, the bytes were changed, or the associated data differs. */
  open(sealed: Uint8Array, associatedData: string): Buffer
  /** Whether the secret was sealed under the first key. */
  isCurrent(sealed: Uint8Array): boolean
}

/** The secret was encrypted under a key that this process does not have, or is damaged. */
export class CannotUnseal extends Error {}

// version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
const FORMAT_VERSION = 1
const HEADER_LENGTH = 17
const TAG_LENGTH = 16

/** AES-256-GCM under `keys`, each of 32 bytes. */
export function createSealer(keys: readonly [Uint8Array, ...Uint8Array[]]): Sealer {
  const keyRing = keys.map((key) => ({ key, id: sha256('cerberus key id', key).subarray(0, 4) }))
  const [current] = keyRing
  if (!current || keys.some((key) => key.length !== 32)) throw new Error('A sealer needs keys of 32 bytes.')
  return {
    isCurrent: (sealed) => current.id.equals(Buffer.from(sealed).subarray(1, 5)),
    seal(plaintext, associatedData) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, nonce).setAAD(Buffer.from(associatedData))
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
      return Buffer.concat([Buffer.of(FORMAT_VERSION), current.id, nonce, body, cipher.getAuthTag()])
    },
    open(sealed, associatedData) {
      const bytes = Buffer.from(sealed)
      const matchingKey = keyRing.find(({ id }) => id.equals(bytes.subarray(1, 5)))
      if (bytes[0] !== FORMAT_VERSION || bytes.length < HEADER_LENGTH + TAG_LENGTH || !matchingKey) {
        throw new CannotUnseal('A sealed secret was made under a key that is not configured (SECRET_ENCRYPTION_KEY).')
      }
      const decipher = createDecipheriv('aes-256-gcm', matchingKey.key, bytes.subarray(5, HEADER_LENGTH), {
        authTagLength: TAG_LENGTH,
      })
      decipher.setAAD(Buffer.from(associatedData)).setAuthTag(bytes.subarray(-TAG_LENGTH))
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_LENGTH, -TAG_LENGTH)), decipher.final()])
    },
  }
}
