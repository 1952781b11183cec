import { defaultAuthenticationPolicy, type AuthenticationPolicy } from '../../oauth/acr.ts'
import { isObject } from '../../lib/object.ts'

/** What a new password must have, besides the rules that hold for every password. */
export interface PasswordPolicy {
  /** At least `MIN_PASSWORD_LENGTH`. */
  minLength: number
  requireUppercase: boolean
  requireLowercase: boolean
  requireNumbers: boolean
  requireSymbols: boolean
}

/** The lifetimes of tokens, in seconds, of clients without lifetimes of their own. Null: the default of the server. */
export interface TokenLifetimes {
  accessToken: number | null
  refreshToken: number | null
  idToken: number | null
}

/** What pages of the organisation look like. */
export interface Branding {
  logoUrl: string | null
  /** `#rrggbb` */
  primaryColor: string | null
  faviconUrl: string | null
}

export const mfaMethods = ['totp'] as const
export type MfaMethod = (typeof mfaMethods)[number]

/** The settings of an organisation that no statement filters, joins or sorts by. */
export interface OrganisationSettings {
  email: string | null
  phone: string | null
  website: string | null
  allowedCallbackUrls: readonly string[]
  allowedLogoutUrls: readonly string[]
  allowedOrigins: readonly string[]
  /** Seconds from sign-in to the end of the session of a user who chose to stay signed in; null: it cannot be chosen. */
  staySignedInLifetime: number | null
  requireMfa: boolean
  /** Whether users who sign in with a password are offered a passkey. */
  offerPasskeys: boolean
  allowedMfaMethods: readonly MfaMethod[]
  authenticationPolicy: AuthenticationPolicy
  passwordPolicy: PasswordPolicy
  tokenLifetimePolicy: TokenLifetimes
  branding: Branding
  /** Days that audit events are kept at least; null: the default of the server. */
  auditRetentionDays: number | null
  /** Data of the organisation, which the server does not read. */
  metadata: Readonly<Record<string, unknown>>
}

/** No policy allows shorter passwords (NIST SP 800-63B §3.1.1.2). */
export const MIN_PASSWORD_LENGTH = 8

/** The rules for passwords where the organisation has set none. */
export const defaultPasswordPolicy: PasswordPolicy = {
  minLength: MIN_PASSWORD_LENGTH,
  requireUppercase: false,
  requireLowercase: false,
  requireNumbers: false,
  requireSymbols: false,
}

/** Each lifetime is the default of the server. */
export const noTokenLifetimes: TokenLifetimes = { accessToken: null, refreshToken: null, idToken: null }

export const defaultOrganisationSettings: OrganisationSettings = {
  email: null,
  phone: null,
  website: null,
  allowedCallbackUrls: [],
  allowedLogoutUrls: [],
  allowedOrigins: [],
  staySignedInLifetime: null,
  requireMfa: false,
  offerPasskeys: false,
  allowedMfaMethods: [...mfaMethods],
  authenticationPolicy: defaultAuthenticationPolicy,
  passwordPolicy: defaultPasswordPolicy,
  tokenLifetimePolicy: noTokenLifetimes,
  branding: { logoUrl: null, primaryColor: null, faviconUrl: null },
  auditRetentionDays: null,
  metadata: {},
}

/** Completes the settings that storage holds: what is missing has its default, and unknown members are left out. */
export function completeOrganisationSettings(stored: unknown): OrganisationSettings {
  const given = isObject(stored) ? stored : {}
  const complete = (name: string, value: unknown): unknown => {
    if (!Object.hasOwn(given, name)) return value
    // Metadata has no members of its own.
    return isObject(value) && name !== 'metadata' ? pick(value, given[name]) : given[name]
  }
  const settings = Object.entries(defaultOrganisationSettings).map(([name, value]) => [name, complete(name, value)])
  return Object.fromEntries(settings) as OrganisationSettings
}

/** The members of `defaults`, with the values of `given` where it has them. */
function pick(defaults: Readonly<Record<string, unknown>>, given: unknown) {
  if (!isObject(given)) return defaults
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [name, Object.hasOwn(given, name) ? given[name] : value]),
  )
}
