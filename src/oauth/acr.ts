import { isPasskeyMethod, methodsOfAmr, type ProvenMethod } from './authentication-methods.ts'

/**
 * The authentication context classes, the weakest first: any method, several factors, phishing-resistant (a passkey), and
 * phishing-resistant with a key that is bound to a device. `phr` and `phrh` are of OpenID Connect Extended Authentication
 * Profile ACR Values.
 */
export const acrValues = ['pwd', 'mfa', 'phr', 'phrh'] as const
export type Acr = (typeof acrValues)[number]

/** The classes that can be reached where no passkeys are possible. */
export const acrValuesWithoutPasskeys = ['pwd', 'mfa'] as const satisfies readonly Acr[]

/** What an organisation decides about sign-ins. A maximum age is in seconds; null: the class does not expire. */
export interface AuthenticationPolicy {
  /** The weakest class that clients of the organisation get. */
  minimumAcr: Acr
  pwdMaxAge: number | null
  mfaMaxAge: number | null
  phrMaxAge: number | null
  phrhMaxAge: number | null
}

export const defaultAuthenticationPolicy: AuthenticationPolicy = {
  minimumAcr: 'pwd',
  pwdMaxAge: null,
  mfaMaxAge: null,
  phrMaxAge: null,
  phrhMaxAge: null,
}

/** Which of these methods are evidence for a class. */
const evidence: Readonly<Record<Acr, (methods: readonly ProvenMethod[]) => readonly ProvenMethod[]>> = {
  pwd: (methods) => methods,
  mfa: (methods) => {
    const hasPassword = methods.some(({ method }) => method === 'password')
    const isCode = ({ method }: ProvenMethod) => hasPassword && (method === 'totp' || method === 'recovery_code')
    return methods.filter((each) => isPasskeyMethod(each.method) || isCode(each))
  },
  phr: (methods) => methods.filter(({ method }) => isPasskeyMethod(method)),
  phrh: (methods) => methods.filter(({ method }) => method === 'device_passkey'),
}

/**
 * The strongest class that these methods reach now. A class with a maximum age needs evidence that is not older: for `mfa`
 * the second factor. Undefined: none, because all of them are too old.
 */
export function reachedAcr(methods: readonly ProvenMethod[], policy: AuthenticationPolicy, now: Date): Acr | undefined {
  return acrValues.findLast((acr) => {
    const maxAge = policy[`${acr}MaxAge`]
    const isRecent = ({ at }: ProvenMethod) => maxAge === null || now.getTime() - at.getTime() <= maxAge * 1000
    return evidence[acr](methods).some(isRecent)
  })
}

/** The class of a grant that was stored without one. */
export function acrOfAmr(amr: readonly string[]): Acr {
  const at = new Date(0)
  const methods = methodsOfAmr(amr).map((method) => ({ method, at }))
  return reachedAcr(methods, defaultAuthenticationPolicy, at) ?? 'pwd'
}

export function isAcr(value: unknown): value is Acr {
  return acrValues.some((known) => known === value)
}

/** Whether `actual` is at least as strong as `required`. */
export function reachesAcr(actual: Acr | undefined, required: Acr): boolean {
  return actual !== undefined && acrValues.indexOf(actual) >= acrValues.indexOf(required)
}

/** What a request asks for, in the client's order of preference. */
export interface RequestedAcr {
  values: readonly Acr[]
  /** Whether the response must have one of them (OpenID Connect Core §5.5.1.1). */
  essential: boolean
}

/** The strongest class that a user can reach: with the factors that they have, and with those that they can set up. */
export interface ReachableAcr {
  now: Acr
  afterEnrolment: Acr
}

/**
 * The strongest class that a user with these second factors can reach. Nothing assures that a passkey that is set up during
 * a sign-in is bound to a device, so that `phrh` needs one that the user has.
 */
export function reachableAcr(
  { mfaMethods, hasDevicePasskey }: { mfaMethods: readonly string[]; hasDevicePasskey: boolean },
  passkeysPossible: boolean,
): ReachableAcr {
  if (!passkeysPossible) return { now: mfaMethods.includes('totp') ? 'mfa' : 'pwd', afterEnrolment: 'mfa' }
  if (hasDevicePasskey) return { now: 'phrh', afterEnrolment: 'phrh' }
  if (mfaMethods.includes('passkey')) return { now: 'phr', afterEnrolment: 'phr' }
  return { now: mfaMethods.length > 0 ? 'mfa' : 'pwd', afterEnrolment: 'phr' }
}

/**
 * The class that a request needs: the most preferred one that the user can reach. What the user must set up first is asked
 * for only where nothing else will do: the value is essential, or the `minimum` is higher.
 */
export function requiredAcr(requested: RequestedAcr | undefined, minimum: Acr, reachable: ReachableAcr): Acr {
  const { values = [], essential = false } = requested ?? {}
  const mostPreferred =
    values.find((value) => reachesAcr(reachable.now, value)) ??
    (essential ? (values.find((value) => reachesAcr(reachable.afterEnrolment, value)) ?? values[0]) : undefined) ??
    'pwd'
  return reachesAcr(mostPreferred, minimum) ? mostPreferred : minimum
}

/**
 * The claim `acr` of the response: the most preferred requested class that was reached, because an essential claim must match
 * one of its values (OpenID Connect Core §5.5.1.1), and a client compares what it asked for. Otherwise the class itself.
 */
export function answeredAcr(requested: RequestedAcr | undefined, reached: Acr): Acr {
  return requested?.values.find((value) => reachesAcr(reached, value)) ?? reached
}
