import { createHmac, hash, hkdfSync, timingSafeEqual } from 'node:crypto'

/** SHA-256 of the concatenated parts. Secrets of high entropy are stored as this hash. */
export function sha256(...parts: (string | Uint8Array)[]): Buffer {
  const [first = '', ...rest] = parts
  const input = rest.length === 0 ? first : Buffer.concat(parts.map((part) => Buffer.from(part)))
  // One call, through a string into Node's pool of small buffers, costs a quarter of a hash object.
  return Buffer.from(hash('sha256', input, 'binary'), 'latin1')
}

/** The SHA-256 of a secret in base64url: the key of a cache that must not hold the secret itself. */
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

/** A 256-bit key for one purpose, derived with HKDF (RFC 5869): keys of different purposes are independent. */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(), purpose, 32))
}
