import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { equalInConstantTime } from '../../../../lib/crypto/hash.ts'
import { BASE64, decodeBase64, MAX_SALT_BYTES, type HashFormat } from './hash-format.ts'

/** The maximum of iterations times blocks. */
const MAX_WORK = 1_300_000
const MAX_KEY_BYTES = 512
const MIN_KEY_BYTES = 16
const digestBytes: Readonly<Record<string, number>> = { sha1: 20, sha256: 32, sha512: 64 }

const PATTERN = new RegExp(
  `^\\$pbkdf2(?:-(sha1|sha256|sha512))?\\$(?:i=)?(\\d{1,7})(?:,l=\\d{1,4})?\\$(${BASE64})\\$(${BASE64})$`,
)
const derive = promisify(pbkdf2)

/** PBKDF2 (RFC 8018 §5.2) as `$pbkdf2-sha256$i=600000$salt$key`; without `-sha…` it is SHA-1, as in passlib. */
export const readPbkdf2: HashFormat = (hash) => {
  const [, digest = 'sha1', iterationsText, saltText, keyText] = PATTERN.exec(hash) ?? []
  if (iterationsText === undefined || saltText === undefined || keyText === undefined) return undefined
  const [iterations, salt, key] = [Number(iterationsText), decodeBase64(saltText), decodeBase64(keyText)]
  const work = iterations * Math.ceil(key.length / (digestBytes[digest] ?? 1))
  if (iterations < 1 || work > MAX_WORK || key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) return undefined
  if (salt.length > MAX_SALT_BYTES) return undefined
  return async (password) => equalInConstantTime(await derive(password, salt, iterations, key.length, digest), key)
}
