import { randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafeSlow(8192)
let used = pool.length

/** `size` bytes of the system's generator, drawn from a pool because one large draw costs as little as a small one. */
export function randomBytes(size: number): Buffer {
  if (used + size > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + size))
  pool.fill(0, used, used + size)
  used += size
  return bytes
}

/** An unguessable token: 256 bits, 43 characters of base64url. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url')
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** `length` lowercase letters and digits, each drawn without bias: 5.17 bits apiece. */
export function randomName(length: number): string {
  let name = ''
  while (name.length < length) {
    const byte = randomBytes(1)[0] ?? 255
    if (byte < 252) name += LETTERS[byte % 36]
  }
  return name
}

/** A UUID of version 7 (RFC 9562 §5.7): sorts by `now` to the millisecond, 74 random bits after that. */
export function uuidv7(now: Date): string {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeUIntBE(now.getTime(), 0, 6)
  randomBytes(10).copy(bytes, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
