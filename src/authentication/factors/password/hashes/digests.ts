import { createHash } from 'node:crypto'
import { readArgon2 } from './argon2.ts'
import { BASE64, decodeBase64, MAX_SALT_BYTES, type HashFormat } from './hash-format.ts'

// Digests without a work factor, which a graphics card tries by the thousand million a second. None is stored as it is, but
// the Argon2id hash of the digest: `$digest$sha1,password-salt$salt$argon2id$v=19$…`.

const digestBytes = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const
type DigestName = keyof typeof digestBytes
type Order = 'password-salt' | 'salt-password'

/** How a digest is made of a password. */
interface DigestRecipe {
  name: DigestName
  order: Order
  salt: Buffer
}

/** A digest as other systems store it, in hexadecimal. */
export interface ForeignDigest extends DigestRecipe {
  digest: string
}

const LDAP = new RegExp(`^\\{(S?)(MD5|SHA|SHA1|SHA256|SHA512)\\}(${BASE64})$`, 'i')
const NAMED = new RegExp(
  `^\\$(md5|sha1|sha256|sha512)\\$(?:order=(password-salt|salt-password)\\$)?(${BASE64})?\\$([0-9a-f]{32,128}|${BASE64})$`,
  'i',
)
const HEXADECIMAL = /^[0-9a-f]+$/i
const STORED = new RegExp(
  `^\\$digest\\$(md5|sha1|sha256|sha512),(password-salt|salt-password)\\$(${BASE64})?(\\$argon2id\\$.+)$`,
)

/**
 * Reads a digest of LDAP (`{SSHA}…`, `{SHA256}…`), one with its name (`$sha256$salt$digest`, after the salt comes the digest in
 * hexadecimal or Base64; `$sha256$order=salt-password$salt$digest`), or MD5, SHA-1 or SHA-256 in hexadecimal alone.
 */
export function readForeignDigest(text: string): ForeignDigest | undefined {
  const [, salted, ldapName, ldapValue] = LDAP.exec(text) ?? []
  if (ldapName !== undefined && ldapValue !== undefined) {
    const name = ldapName.toLowerCase().replace(/^sha$/, 'sha1') as DigestName
    const bytes = decodeBase64(ldapValue)
    const salt = bytes.subarray(digestBytes[name])
    if ((salted === '') !== (salt.length === 0)) return undefined
    return checked({ name, order: 'password-salt', salt }, bytes.subarray(0, digestBytes[name]))
  }
  const [, name, order, salt, value] = NAMED.exec(text) ?? []
  if (name !== undefined && value !== undefined) {
    const recipe = {
      name: name.toLowerCase() as DigestName,
      order: (order?.toLowerCase() ?? 'password-salt') as Order,
      salt: decodeBase64(salt ?? ''),
    }
    const isHexadecimal = HEXADECIMAL.test(value) && value.length === 2 * digestBytes[recipe.name]
    return checked(recipe, isHexadecimal ? Buffer.from(value, 'hex') : decodeBase64(value))
  }
  if (!HEXADECIMAL.test(text)) return undefined
  const unsalted = (['md5', 'sha1', 'sha256'] as const).find((one) => text.length === 2 * digestBytes[one])
  if (unsalted === undefined) return undefined
  return checked({ name: unsalted, order: 'password-salt', salt: Buffer.alloc(0) }, Buffer.from(text, 'hex'))
}

function checked(recipe: DigestRecipe, digest: Buffer): ForeignDigest | undefined {
  if (digest.length !== digestBytes[recipe.name] || recipe.salt.length > MAX_SALT_BYTES) return undefined
  return { ...recipe, digest: digest.toString('hex') }
}

/** What is stored of a digest: its recipe, and the Argon2id hash of the digest in hexadecimal. */
export function wrapDigest({ name, order, salt }: DigestRecipe, argon2idHash: string): string {
  return `$digest$${name},${order}$${salt.toString('base64')}${argon2idHash}`
}

/** A wrapped digest. */
export const readWrappedDigest: HashFormat = (hash) => {
  const [, name, order, salt = '', inner] = STORED.exec(hash) ?? []
  if (name === undefined || inner === undefined) return undefined
  const verify = readArgon2(inner)
  const recipe = { name: name as DigestName, order: order as Order, salt: decodeBase64(salt) }
  return verify && ((password) => verify(digestOf(password, recipe)))
}

function digestOf(password: string, { name, order, salt }: DigestRecipe): string {
  const parts = order === 'password-salt' ? [Buffer.from(password), salt] : [salt, Buffer.from(password)]
  return createHash(name).update(Buffer.concat(parts)).digest('hex')
}
