import { forbidden, Problem, unauthorized } from '../http/errors/problem.ts'
import { intersectPermissions, hasPermission, type AdminContext } from '../model/permissions/permission.ts'
import type { UserRepository } from '../model/users/user.ts'

/** Whose session a request carries. */
export interface AdminSession {
  userId: string
  organisationId: string
  organisationSlug: string
}

/** An access token that works, as it was issued. */
export interface AdminToken {
  /** The person it is about; undefined for a client's own. */
  userId: string | undefined
  clientId: string
  organisationId: string
  organisationSlug: string
  audience: readonly string[]
  scopes: readonly string[]
}

/** What a request shows of who asks. A `token` that does not work is one without anything presented. */
export type AdminCredential =
  | { kind: 'session'; session: AdminSession | undefined }
  | { kind: 'token'; token: AdminToken | undefined }

/** What decides whether a request may administer. */
export interface AdminAuthorizationRequest {
  credential: AdminCredential
  /** `X-Org-Domain`: the slug of the organisation that the caller believes to act in. */
  organisationHeader: string | undefined
  /** Whether another site makes the browser ask for a change. */
  crossSite: boolean
}

export interface AdministratorAuthorizerOptions {
  issuer: string
  findProfile: UserRepository['findProfile']
  /** Whether a scope is a right on the administration API. */
  isPermission: (scope: string) => boolean
}

/**
 * Decides who administers. Without a session or a token that works 401; from another site, in another organisation or
 * without the permission 403, and the session goes on. An organisation that is somebody else's and one that does not
 * exist look the same. A token (RFC 6750 §2.1) must have the issuer for its audience. By it a person may do what both
 * they and its scopes may, and a client what its scopes may.
 */
export function createAdministratorAuthorizer({
  issuer,
  findProfile,
  isPermission,
}: AdministratorAuthorizerOptions): (attempt: AdminAuthorizationRequest, permission: string) => Promise<AdminContext> {
  async function bySession(session: AdminSession, permission: string): Promise<AdminContext> {
    const { userId, organisationId, organisationSlug } = session
    const profile = await findProfile({ id: userId, organisationId })
    if (!profile) throw unauthorized('Sign in first.', 'Bearer')
    const { permissions } = profile
    if (!hasPermission(permissions, permission)) throw forbidden(`You lack the permission ${permission}.`)
    return { userId, actingClientId: undefined, organisationId, organisationSlug, permissions }
  }

  async function byToken(token: AdminToken, permission: string): Promise<AdminContext> {
    const { userId, clientId, organisationId, organisationSlug } = token
    const tokenPermissions = token.scopes.filter(isPermission)
    if (!hasPermission(tokenPermissions, permission)) throw insufficientScope(permission)
    const profile = userId === undefined ? undefined : await findProfile({ id: userId, organisationId })
    if (userId !== undefined && !profile) throw invalidToken()
    const permissions = profile ? intersectPermissions(profile.permissions, tokenPermissions) : tokenPermissions
    if (!hasPermission(permissions, permission)) throw forbidden(`You lack the permission ${permission}.`)
    return { userId, actingClientId: clientId, organisationId, organisationSlug, permissions }
  }

  return async ({ credential, organisationHeader, crossSite }, permission) => {
    const presented = credential.kind === 'session' ? credential.session : credential.token
    if (credential.kind === 'token' && !credential.token?.audience.includes(issuer)) throw invalidToken()
    if (!presented) throw unauthorized('Sign in first, or send an access token as a bearer token.', 'Bearer')
    // A browser sends cookies by itself, and never a token.
    if (credential.kind === 'session' && crossSite) {
      throw forbidden('Changes may not be asked for by pages of another site.')
    }
    if (organisationHeader !== undefined && organisationHeader !== presented.organisationSlug) {
      throw forbidden('The organisation in X-Org-Domain is not the one you are signed in to.')
    }
    return 'scopes' in presented ? byToken(presented, permission) : bySession(presented, permission)
  }
}

function invalidToken(): Problem {
  return unauthorized(
    'The access token is expired, revoked, or not for this API.',
    'Bearer realm="cerberus", error="invalid_token"',
  )
}

/** RFC 6750 §3.1: says which scope would do. */
function insufficientScope(permission: string): Problem {
  return new Problem(403, 'forbidden', `The access token lacks the scope ${permission}.`, {
    headers: { 'www-authenticate': `Bearer realm="cerberus", error="insufficient_scope", scope="${permission}"` },
  })
}
