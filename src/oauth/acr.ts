/**
 * The authentication context classes, the weakest first: a password, and several factors: a password with a second one,
 * or a passkey. Named like the methods of RFC 8176.
 */
export const acrValues = ['pwd', 'mfa'] as const
export type Acr = (typeof acrValues)[number]

/** The member of `amr` that says that several factors were used (RFC 8176 §2). */
const MULTIPLE_FACTORS = 'mfa'

export const PASSWORD_ONLY: readonly string[] = ['pwd']

/** The methods of a sign-in by password and a one-time password, from an app or from paper. */
export const PASSWORD_AND_CODE: readonly string[] = ['pwd', 'otp', MULTIPLE_FACTORS]

/**
 * The methods of a passkey whose user was verified: a key, which the device holds, and a PIN or a finger. A passkey that can
 * be copied to other devices is held by software. Without attestation, this is what the authenticator states.
 */
export function passkeyMethods({ backupEligible }: { backupEligible: boolean }): readonly string[] {
  return [backupEligible ? 'swk' : 'hwk', 'pop', 'user', MULTIPLE_FACTORS]
}

/** The class that these methods reach. */
export function acrOf(amr: readonly string[]): Acr {
  return amr.includes(MULTIPLE_FACTORS) ? 'mfa' : 'pwd'
}

export function isAcr(value: unknown): value is Acr {
  return acrValues.some((known) => known === value)
}

/** Whether `actual` is at least as strong as `required`. */
export function reachesAcr(actual: Acr, required: Acr): boolean {
  return acrValues.indexOf(actual) >= acrValues.indexOf(required)
}

/** What a request asks for, in the client's order of preference. */
export interface RequestedAcr {
  values: readonly Acr[]
  /** Whether the response must have one of them (OpenID Connect Core §5.5.1.1). */
  essential: boolean
}

/**
 * The class that a request needs: the most preferred one that the user can reach. A user without a second factor can only
 * reach `mfa` by setting one up, so that is asked for only where nothing else will do: the value is essential, or the
 * `minimum` of the client.
 */
export function requiredAcr(requested: RequestedAcr | undefined, minimum: Acr, hasSecondFactor: boolean): Acr {
  const reachable = requested?.values.find((value) => value === 'pwd' || hasSecondFactor)
  const wanted = reachable ?? (requested?.essential ? requested.values[0] : undefined) ?? 'pwd'
  return reachesAcr(wanted, minimum) ? wanted : minimum
}
