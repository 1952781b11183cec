interface Auth0User {
  user_id?: string
  _id?: { $oid?: string }
  email?: string
  email_verified?: boolean
  name?: string
  given_name?: string
  family_name?: string
  nickname?: string
  username?: string
  picture?: string
  phone_number?: string
  blocked?: boolean
  password_hash?: string
  passwordHash?: string
  custom_password_hash?: {
    algorithm?: string
    hash?: { value?: string; encoding?: string }
    salt?: { value?: string; encoding?: string; position?: string }
  }
}

/** A user of an export of Auth0, in the names of its import format. */
export function auth0User(given: object): Record<string, unknown> {
  const user = given as Auth0User
  const { _id: databaseId } = user
  return {
    email: user.email,
    externalId: user.user_id ?? databaseId?.$oid,
    emailVerified: user.email_verified,
    name: user.name,
    firstName: user.given_name,
    lastName: user.family_name,
    nickname: user.nickname,
    preferredUsername: user.username,
    picture: user.picture,
    phone: user.phone_number,
    blocked: user.blocked === true ? true : undefined,
    passwordHash: user.password_hash ?? user.passwordHash ?? customHash(user.custom_password_hash),
  }
}

/** bcrypt, Argon2, PBKDF2 and LDAP are text of a known format. Digests have salt and encoding beside them. */
function customHash(given: Auth0User['custom_password_hash']): string | undefined {
  const value = given?.hash?.value
  if (given === undefined || value === undefined) return undefined
  const { algorithm = '', salt, hash } = given
  if (!/^(?:md5|sha1|sha256|sha512)$/.test(algorithm)) return value
  const digest = Buffer.from(value, hash?.encoding === 'hex' ? 'hex' : 'base64').toString('hex')
  const saltBytes = Buffer.from(salt?.value ?? '', salt?.encoding === 'utf8' ? 'utf8' : encodingOf(salt?.encoding))
  const order = salt?.position === 'prefix' ? '$order=salt-password' : ''
  return `$${algorithm}${order}$${saltBytes.toString('base64')}$${digest}`
}

function encodingOf(encoding: string | undefined): BufferEncoding {
  if (encoding === 'hex') return 'hex'
  return encoding === 'base64' ? 'base64' : 'utf8'
}
