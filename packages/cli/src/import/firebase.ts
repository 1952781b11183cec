/** The password hash parameters of a Firebase project. */
export interface FirebaseParameters {
  signerKey?: string | undefined
  saltSeparator?: string | undefined
  rounds: string
  memoryCost: string
}

interface FirebaseUser {
  localId?: string
  email?: string
  emailVerified?: boolean
  displayName?: string
  photoUrl?: string
  phoneNumber?: string
  disabled?: boolean
  passwordHash?: string
  salt?: string
}

/** A user of `firebase auth:export --format=json`. */
export function firebaseUser(
  given: object,
  { signerKey, saltSeparator, rounds, memoryCost }: FirebaseParameters,
): Record<string, unknown> {
  const user = given as FirebaseUser
  const separator = saltSeparator === undefined ? '' : `,ss=${saltSeparator}`
  const hasHash = user.passwordHash !== undefined && user.salt !== undefined && signerKey !== undefined
  return {
    email: user.email,
    externalId: user.localId,
    emailVerified: user.emailVerified,
    name: user.displayName,
    picture: user.photoUrl,
    phone: user.phoneNumber,
    blocked: user.disabled === true ? true : undefined,
    passwordHash: hasHash
      ? `$fbscrypt$v=1,n=${memoryCost},r=${rounds},p=1${separator},sk=${signerKey}$${standard(user.salt)}$${standard(user.passwordHash)}`
      : undefined,
  }
}

/** Some exports are in the alphabet of URLs. */
const standard = (base64 = '') => base64.replaceAll('-', '+').replaceAll('_', '/')
