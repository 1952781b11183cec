import { scrypt, type ScryptOptions } from 'node:crypto'
import { equalInConstantTime } from '../../../../lib/crypto/hash.ts'
import { BASE64, decodeBase64, MAX_SALT_BYTES, type HashFormat } from './hash-format.ts'

/** The maximum of N·r·p: 128 MiB. */
const MAX_WORK = 2 ** 20
const MAX_BLOCK_SIZE = 64
const MIN_KEY_BYTES = 16
const MAX_KEY_BYTES = 512

const PATTERN = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${BASE64})\\$(${BASE64})$`)

/** The parameters of scrypt (RFC 7914 §2). `logN` is the binary logarithm of N. */
export interface ScryptCost {
  logN: number
  r: number
  p: number
}

export function isAcceptableScryptCost({ logN, r, p }: ScryptCost): boolean {
  return logN >= 1 && r >= 1 && r <= MAX_BLOCK_SIZE && p >= 1 && 2 ** logN * r * p <= MAX_WORK
}

export function deriveByScrypt(
  password: string,
  salt: Buffer,
  bytes: number,
  { logN, r, p }: ScryptCost,
): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** logN, r, p, maxmem: 2 * 128 * MAX_WORK }
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

/** scrypt as `$scrypt$ln=17,r=8,p=1$salt$key`. */
export const readScrypt: HashFormat = (hash) => {
  const [, logN, r, p, saltText, keyText] = PATTERN.exec(hash) ?? []
  if (saltText === undefined || keyText === undefined) return undefined
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) }
  const [salt, key] = [decodeBase64(saltText), decodeBase64(keyText)]
  if (!isAcceptableScryptCost(cost) || salt.length > MAX_SALT_BYTES) return undefined
  if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) return undefined
  return async (password) => equalInConstantTime(await deriveByScrypt(password, salt, key.length, cost), key)
}
