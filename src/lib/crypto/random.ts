import { randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafeSlow(8192)
let poolOffset = pool.length

/**
 * Passes `size` random bytes of a pool to `read`, and then erases them. Filling the pool costs as much as one small draw
 * from the system's generator.
 */
function takeFromPool<Value>(size: number, read: (start: number, end: number) => Value): Value {
  if (poolOffset + size > pool.length) {
    randomFillSync(pool)
    poolOffset = 0
  }
  const start = poolOffset
  poolOffset += size
  const value = read(start, poolOffset)
  pool.fill(0, start, poolOffset)
  return value
}

const copy = (start: number, end: number) => Buffer.from(pool.subarray(start, end))
const base64url = (start: number, end: number) => pool.toString('base64url', start, end)
const hex = (start: number, end: number) => pool.toString('hex', start, end)

/** `size` random bytes. */
export function randomBytes(size: number): Buffer {
  return takeFromPool(size, copy)
}

/** `size` random bytes as base64url. */
export function randomBase64url(size: number): string {
  return takeFromPool(size, base64url)
}

/** An unguessable token: 256 bits, 43 characters of base64url. */
export function randomToken(): string {
  return randomBase64url(32)
}

const ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `length` lowercase letters and digits, 5.17 bits each. */
export function randomAlphanumeric(length: number): string {
  return randomString(ALPHANUMERIC, length)
}

/** `length` characters of the alphabet, drawn without bias. */
export function randomString(alphabet: string, length: number): string {
  const unbiasedLimit = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    const byte = randomBytes(1)[0] ?? 255
    if (byte < unbiasedLimit) text += alphabet.charAt(byte % alphabet.length)
  }
  return text
}

/** A UUID of version 7 (RFC 9562 §5.7): sorts by `now` to the millisecond, 74 random bits after that. */
export function uuidv7(now: Date): string {
  const time = now.getTime().toString(16).padStart(12, '0')
  const random = takeFromPool(10, hex)
  const variant = '89ab'.charAt(Number.parseInt(random.charAt(3), 16) & 3)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(7, 19)}`
}
