import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto'
import { randomBytes } from './random.ts'

/** SHA-256: how secrets of high entropy are stored. */
export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const [first = '', ...rest] = parts
  const input = rest.length === 0 ? first : Buffer.concat(parts.map((part) => Buffer.from(part)))
  // In one call, and by way of a string into the pool of small buffers: a quarter of what a hash object costs.
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1')
}

/** The SHA-256 of a secret in base64url: by this name it is remembered where it must not be kept itself. */
export function fingerprint(secret: string): string {
  return hash('sha256', secret, 'base64url')
}

export function hmacSha256(key: Uint8Array, ...parts: (string | Uint8Array)[]): Buffer {
  const mac = createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}

/** Whether two byte strings are equal, in time that depends on neither content. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** A 256-bit key for one purpose, derived from `key`: what is made for one purpose means nothing to another. */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(), purpose, 32))
}

const SALT_LENGTH = 16
const TAG_LENGTH = 16
/** A key that seals one message needs no other. */
const ZERO_NONCE = Buffer.alloc(12)

/**
 * Seals a message that goes out and comes back: only `key` opens it, and only for the same purpose. Each message has a key
 * of its own, made from 128 random bits that lead it, because one key of AES-GCM with random nonces is good for 2^32
 * messages (NIST SP 800-38D §8.3), which a busy server sends within days.
 */
export function encrypt(key: Uint8Array, message: string, purpose: string): Buffer {
  const salt = randomBytes(SALT_LENGTH)
  const cipher = createCipheriv('aes-256-gcm', hmacSha256(key, salt), ZERO_NONCE).setAAD(Buffer.from(purpose))
  return Buffer.concat([salt, cipher.update(message, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The message, or undefined for anything that `sealMessage` did not make with this key and purpose. */
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

/**
 * Seals small secrets for storage. `associatedData` names the row that the secret belongs to: moved to another row it
 * does not open. The first key seals; every key opens, so that a new key can be put in front of the old one.
 */
export interface Sealer {
  seal(plaintext: Uint8Array, associatedData: string): Buffer
  /** Throws when the key is not among ours, or the bytes were changed or belong to another row. */
  open(sealed: Uint8Array, associatedData: string): Buffer
  /** Whether this was sealed under the first key. */
  isCurrent(sealed: Uint8Array): boolean
}

// version (1) ‖ key id (4) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
const FORMAT_VERSION = 1
const HEADER_LENGTH = 17

/** AES-256-GCM under `keys`, each of 32 bytes. */
export function createSealer(keys: readonly [Uint8Array, ...Uint8Array[]]): Sealer {
  const keyRing = keys.map((key) => ({ key, id: sha256('cerberus key id', key).subarray(0, 4) }))
  const [current] = keyRing
  if (!current || keys.some((key) => key.length !== 32)) throw new Error('Sealing needs keys of 32 bytes.')
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
      if (bytes[0] !== FORMAT_VERSION || bytes.length < HEADER_LENGTH + 16 || !matchingKey) {
        throw new Error('A sealed secret was made under a key that is not configured (SECRET_ENCRYPTION_KEY).')
      }
      const decipher = createDecipheriv('aes-256-gcm', matchingKey.key, bytes.subarray(5, HEADER_LENGTH), {
        authTagLength: 16,
      })
      decipher.setAAD(Buffer.from(associatedData)).setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(HEADER_LENGTH, -16)), decipher.final()])
    },
  }
}
