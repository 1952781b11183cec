interface KeycloakUser {
  id?: string
  username?: string
  email?: string
  emailVerified?: boolean
  enabled?: boolean
  firstName?: string
  lastName?: string
  credentials?: readonly KeycloakCredential[]
}

interface KeycloakCredential {
  type?: string
  secretData?: string
  credentialData?: string
}

/** A user of `kc.sh export`. Realm exports of the console have no hashes. */
export function keycloakUser(given: object): Record<string, unknown> {
  const user = given as KeycloakUser
  const password = user.credentials?.find(({ type }) => type === 'password')
  return {
    email: user.email ?? user.username,
    externalId: user.id,
    emailVerified: user.emailVerified,
    firstName: user.firstName,
    lastName: user.lastName,
    preferredUsername: user.username,
    blocked: user.enabled === false ? true : undefined,
    passwordHash: password && keycloakHash(password),
  }
}

/** The hash in a format of the server. An unknown algorithm stays one, so that the server reports the user. */
function keycloakHash({ secretData = '{}', credentialData = '{}' }: KeycloakCredential): string {
  const { value = '', salt = '' } = JSON.parse(secretData) as { value?: string; salt?: string }
  const {
    algorithm = '',
    hashIterations = 0,
    additionalParameters = {},
  } = JSON.parse(credentialData) as {
    algorithm?: string
    hashIterations?: number
    additionalParameters?: Record<string, readonly string[]>
  }
  if (algorithm !== 'argon2') {
    const digest = algorithm === 'pbkdf2' ? 'pbkdf2-sha1' : algorithm
    return `$${digest}$i=${hashIterations}$${salt}$${value}`
  }
  const [type = 'id', memory = '', lanes = '1'] = ['type', 'memory', 'parallelism'].map(
    (name) => additionalParameters[name]?.[0],
  )
  const unpadded = (text: string) => text.replaceAll('=', '')
  return `$argon2${type}$v=19$m=${memory},t=${hashIterations},p=${lanes}$${unpadded(salt)}$${unpadded(value)}`
}
