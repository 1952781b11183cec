import { forbidden, Problem, unauthorized } from '../http/errors/problem.ts'
import type { Clock } from '../lib/time/clock.ts'
import { hasPermission, intersectPermissions, type AdminCaller } from '../model/permissions/permission.ts'
import type { HeldPermissions, ServiceAccountRepository } from '../model/service-accounts/service-account.ts'
import type { UserRepository } from '../model/users/user.ts'
import { isPermission } from '../permissions/catalogue.ts'

/** The browser session of a request. */
export interface AdminSession {
  userId: string
  organisationId: string
  organisationSlug: string
  authTime: Date
}

/** A valid access token. */
export interface AdminToken {
  /** The user of the token; undefined for a client's own token. */
  userId: string | undefined
  clientId: string
  grantId: string | undefined
  organisationId: string
  organisationSlug: string
  audience: readonly string[]
  scopes: readonly string[]
}

/** An active API key. */
export interface AdminApiKey {
  id: string
  /** The user or the service account as which it acts; the other is null. */
  userId: string | null
  serviceAccountId: string | null
  organisationId: string
  organisationSlug: string
  scopes: readonly string[]
}

/**
 * What a request presents: an access token or an API key, or else a session cookie. Undefined where it is invalid or
 * missing.
 */
export type AdminCredential =
  | { kind: 'session'; session: AdminSession | undefined }
  | { kind: 'token'; token: AdminToken | undefined }
  | { kind: 'api_key'; apiKey: AdminApiKey | undefined }

/** What decides whether the caller may call an operation. */
export interface AdminAuthorizationRequest {
  credential: AdminCredential
  /** `X-Org-Domain`: the slug of the organisation that the caller means. */
  organisationHeader: string | undefined
  /** Whether a page of another site makes the browser send a change. */
  crossSite: boolean
}

/** What the caller of an operation must hold. */
export interface RequiredPermission {
  permission: string
  /** Whether it is enough to hold it within a team: then the operation is limited to such teams. */
  withinTeams: boolean
}

export interface CallerAuthorizationOptions {
  issuer: string
  clock: Clock
  findProfile: UserRepository['findProfile']
  findServiceAccountPermissions: ServiceAccountRepository['findPermissions']
}

/**
 * Returns the caller if it holds the permission. Throws a 401 problem without a valid session or token. Throws 403 for a
 * request from another site, for another organisation, or without the permission. The same 403 answers an organisation
 * that does not exist. A token must have the issuer as audience (RFC 9068 §4). A user may do by a token what both their
 * permissions and its scopes allow, and by an API key likewise, as may a service account; a client what its scopes allow.
 */
export async function authorizeCaller(
  { credential, organisationHeader, crossSite }: AdminAuthorizationRequest,
  required: RequiredPermission,
  options: CallerAuthorizationOptions,
): Promise<AdminCaller> {
  const presented = presentedBy(credential)
  if (credential.kind === 'api_key' && !presented) throw invalidApiKey()
  if (credential.kind === 'token' && !credential.token?.audience.includes(options.issuer)) throw invalidToken()
  if (!presented) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
  // Browsers send cookies with cross-site requests, but never a token.
  if (credential.kind === 'session' && crossSite) {
    throw forbidden('Other sites may not send this request with the session cookie.')
  }
  if (organisationHeader !== undefined && organisationHeader !== presented.organisationSlug) {
    throw forbidden('X-Org-Domain names another organisation than the one you are signed in to.')
  }
  return 'scopes' in presented
    ? authorizeScoped(presented, required, options)
    : authorizeSession(presented, required, options)
}

function presentedBy(credential: AdminCredential): AdminSession | AdminToken | AdminApiKey | undefined {
  switch (credential.kind) {
    case 'session':
      return credential.session
    case 'token':
      return credential.token
    case 'api_key':
      return credential.apiKey
  }
}

async function authorizeSession(
  { userId, organisationId, organisationSlug, authTime }: AdminSession,
  required: RequiredPermission,
  { findProfile, clock }: CallerAuthorizationOptions,
): Promise<AdminCaller> {
  const profile = await findProfile({ id: userId, organisationId }, clock.now())
  if (!profile) throw unauthorized('Sign in first.', 'Bearer')
  const { permissions, teamPermissions } = profile
  const limitedToTeams = requirePermission({ permissions, teamPermissions }, required)
  const organisation = { organisationId, organisationSlug }
  const by = { userId, serviceAccountId: undefined, actingClientId: undefined, apiKeyId: undefined }
  return { ...by, ...organisation, permissions, teamPermissions, limitedToTeams, authTime }
}

async function authorizeScoped(
  presented: AdminToken | AdminApiKey,
  required: RequiredPermission,
  options: CallerAuthorizationOptions,
): Promise<AdminCaller> {
  const { organisationId, organisationSlug, scopes } = presented
  const isToken = 'clientId' in presented
  const tokenPermissions = scopes.filter(isPermission)
  if (!hasPermission(tokenPermissions, required.permission))
    throw insufficientScope(isToken ? 'access token' : 'API key', required.permission)
  const userId = presented.userId ?? undefined
  const serviceAccountId = isToken ? undefined : (presented.serviceAccountId ?? undefined)
  const principal = await findPrincipal({ userId, serviceAccountId, organisationId }, options)
  if (principal === 'inactive') throw isToken ? invalidToken() : invalidApiKey()
  const permissions = principal ? intersectPermissions(principal.permissions, tokenPermissions) : tokenPermissions
  const teamPermissions = Object.fromEntries(
    Object.entries(principal?.teamPermissions ?? {}).map(([teamId, held]) => [
      teamId,
      intersectPermissions(held, tokenPermissions),
    ]),
  )
  const limitedToTeams = requirePermission({ permissions, teamPermissions }, required)
  const organisation = { organisationId, organisationSlug }
  const by = isToken
    ? { actingClientId: presented.clientId, apiKeyId: undefined, grantId: presented.grantId }
    : { actingClientId: undefined, apiKeyId: presented.id }
  return { userId, serviceAccountId, ...by, ...organisation, permissions, teamPermissions, limitedToTeams }
}

/** What the user or the service account may do; undefined for a client that acts for itself. */
async function findPrincipal(
  { userId, serviceAccountId, organisationId }: Pick<AdminCaller, 'userId' | 'serviceAccountId' | 'organisationId'>,
  { findProfile, findServiceAccountPermissions, clock }: CallerAuthorizationOptions,
): Promise<HeldPermissions | 'inactive' | undefined> {
  if (userId !== undefined) return (await findProfile({ id: userId, organisationId }, clock.now())) ?? 'inactive'
  if (serviceAccountId === undefined) return undefined
  return (await findServiceAccountPermissions({ id: serviceAccountId, organisationId }, clock.now())) ?? 'inactive'
}

/** The teams that the caller is limited to; undefined: it holds the permission in the whole organisation. */
function requirePermission(
  { permissions, teamPermissions }: Pick<AdminCaller, 'permissions' | 'teamPermissions'>,
  { permission, withinTeams }: RequiredPermission,
): string[] | undefined {
  if (hasPermission(permissions, permission)) return undefined
  const teams = Object.entries(teamPermissions).filter(([, held]) => hasPermission(held, permission))
  if (!withinTeams || teams.length === 0) throw missingPermission(permission)
  return teams.map(([teamId]) => teamId)
}

function missingPermission(permission: string): Problem {
  return forbidden(`You lack the permission ${permission}.`)
}

function invalidToken(): Problem {
  return unauthorized(
    'The access token is expired, revoked, or not for this API.',
    'Bearer realm="cerberus", error="invalid_token"',
  )
}

function invalidApiKey(): Problem {
  return unauthorized(
    'The API key is unknown, expired or revoked, its user or service account is not active, or it may not be used from this address.',
    'Bearer realm="cerberus", error="invalid_token"',
  )
}

/** RFC 6750 §3.1: names the scope that would be sufficient. */
function insufficientScope(credential: 'access token' | 'API key', permission: string): Problem {
  return new Problem(403, 'forbidden', `The ${credential} lacks the scope ${permission}.`, {
    headers: { 'www-authenticate': `Bearer realm="cerberus", error="insufficient_scope", scope="${permission}"` },
  })
}
