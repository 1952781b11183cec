/** The scopes of OpenID Connect Core §5.4 and §11, with the claims that each one requests. */
export const standardScopes = {
  openid: ['sub'],
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  offline_access: [],
} as const satisfies Record<string, readonly string[]>

/** Our own scopes: what a user is in the organisation. Each requests the claim of its name. */
export const organisationScopes = {
  roles: ['roles'],
  groups: ['groups'],
  permissions: ['permissions'],
  organisation: ['organisation'],
} as const satisfies Record<string, readonly string[]>

/** All scopes about a user, with the claims that each one requests. */
export const userScopes: Readonly<Record<string, readonly string[]>> = { ...standardScopes, ...organisationScopes }

/** Whether a scope is about a user. The grant type client_credentials does not allow these. */
export function isIdentityScope(scope: string): boolean {
  return Object.hasOwn(userScopes, scope)
}

const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/
const SCOPE_TOKENS = /^ *[\x21\x23-\x5b\x5d-\x7e][\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** Whether `text` is one scope-token of RFC 6749 §3.3. */
export function isScopeToken(text: string): boolean {
  return SCOPE_TOKEN.test(text)
}

/** The unique scopes of a space-separated list in their order, or undefined if the list is malformed. */
export function parseScope(text: string): string[] | undefined {
  if (!SCOPE_TOKENS.test(text)) return undefined
  const scopes = text.split(' ')
  const uniqueScopes = new Set(scopes)
  uniqueScopes.delete('')
  return uniqueScopes.size === scopes.length ? scopes : [...uniqueScopes]
}

export function formatScope(scopes: readonly string[]): string {
  return scopes.join(' ')
}

/** The scope that a claim belongs to, or undefined if no scope has it. */
export function scopeOfClaim(name: string): string | undefined {
  const match = Object.entries(userScopes).find(([scope, claims]) => scope !== 'openid' && claims.includes(name))
  return match?.[0]
}

/** The standard claims about a user that belong to a scope. */
export const standardClaimNames = Object.entries(standardScopes).flatMap(([scope, claims]) =>
  scope === 'openid' ? [] : claims,
) as Exclude<(typeof standardScopes)[keyof typeof standardScopes][number], 'sub'>[]

/** All claims about a user that belong to a scope. */
export const userClaimNames: readonly string[] = [...standardClaimNames, ...Object.values(organisationScopes).flat()]

/** The claims of a scope. */
export function claimsOfScope(scope: string): readonly string[] {
  return isIdentityScope(scope) ? (userScopes[scope] ?? []) : []
}
