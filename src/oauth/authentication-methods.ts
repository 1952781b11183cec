/** How users prove who they are. `device_passkey` is a passkey that is bound to its device, `passkey` one that can be copied. */
export const authenticationMethods = ['password', 'totp', 'recovery_code', 'passkey', 'device_passkey'] as const
export type AuthenticationMethod = (typeof authenticationMethods)[number]

/** A method that a user has proven, and when. */
export interface ProvenMethod {
  method: AuthenticationMethod
  at: Date
}

/** The member of `amr` that says that several factors were used (RFC 8176 §2). */
const MULTIPLE_FACTORS = 'mfa'

/**
 * The values of RFC 8176 §2. A passkey whose user was verified is a key (`pop`) and a PIN or a finger (`user`). Without
 * attestation, `hwk` and `swk` are what the authenticator states.
 */
const amrValues: Readonly<Record<AuthenticationMethod, readonly string[]>> = {
  password: ['pwd'],
  totp: ['otp'],
  recovery_code: ['otp'],
  passkey: ['swk', 'pop', 'user'],
  device_passkey: ['hwk', 'pop', 'user'],
}

/** The method of a passkey whose user was verified. */
export function passkeyMethod({ backupEligible }: { backupEligible: boolean }): AuthenticationMethod {
  return backupEligible ? 'passkey' : 'device_passkey'
}

export function isPasskeyMethod(method: AuthenticationMethod): boolean {
  return method === 'passkey' || method === 'device_passkey'
}

/** The claim `amr` of a sign-in with these methods (RFC 8176 §2). */
export function amrOf(methods: readonly AuthenticationMethod[]): string[] {
  const values = new Set(methods.flatMap((method) => amrValues[method]))
  const hasPasskey = methods.some(isPasskeyMethod)
  const hasCode = methods.includes('totp') || methods.includes('recovery_code')
  return [...values, ...(hasPasskey || (hasCode && methods.includes('password')) ? [MULTIPLE_FACTORS] : [])]
}

/** The methods that a stored `amr` stands for, where nothing more is known. */
export function methodsOfAmr(amr: readonly string[]): AuthenticationMethod[] {
  return (['password', 'totp', 'passkey', 'device_passkey'] as const).filter((method) =>
    amrValues[method].every((value) => amr.includes(value)),
  )
}
