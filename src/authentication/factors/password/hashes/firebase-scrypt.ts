import { createCipheriv } from 'node:crypto'
import { equalInConstantTime } from '../../../../lib/crypto/hash.ts'
import { BASE64, decodeBase64, MAX_SALT_BYTES, type HashFormat } from './hash-format.ts'
import { deriveByScrypt, isAcceptableScryptCost } from './scrypt.ts'

const MAX_SIGNER_KEY_BYTES = 256
const AES_KEY_BYTES = 32
const KEY_BYTES = 64

const PATTERN = new RegExp(
  `^\\$fbscrypt\\$v=1,n=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})(?:,ss=(${BASE64}))?,sk=(${BASE64})\\$(${BASE64})\\$(${BASE64})$`,
)

/**
 * The modified scrypt of Firebase as `$fbscrypt$v=1,n=14,r=8,p=1,ss=separator,sk=signer-key$salt$hash`, where `n` is the memory
 * cost of the project, `r` its rounds, and `ss` its salt separator. The hash is the signer key, encrypted by AES-256 in
 * counter mode with the key that scrypt derives from the password.
 */
export const readFirebaseScrypt: HashFormat = (hash) => {
  const [, logN, r, p, separator = '', signerKeyText, saltText, expectedText] = PATTERN.exec(hash) ?? []
  if (signerKeyText === undefined || saltText === undefined || expectedText === undefined) return undefined
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) }
  const [signerKey, expected] = [decodeBase64(signerKeyText), decodeBase64(expectedText)]
  const salt = Buffer.concat([decodeBase64(saltText), decodeBase64(separator)])
  const isAcceptable = isAcceptableScryptCost(cost) && salt.length <= MAX_SALT_BYTES
  if (!isAcceptable || signerKey.length < AES_KEY_BYTES || signerKey.length > MAX_SIGNER_KEY_BYTES) return undefined
  if (expected.length !== signerKey.length) return undefined
  return async (password) => {
    const key = await deriveByScrypt(password, salt, KEY_BYTES, cost)
    const cipher = createCipheriv('aes-256-ctr', key.subarray(0, AES_KEY_BYTES), Buffer.alloc(16))
    return equalInConstantTime(Buffer.concat([cipher.update(signerKey), cipher.final()]), expected)
  }
}
