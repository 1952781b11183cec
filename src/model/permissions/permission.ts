// `model/permissions` holds permissions and the caller of the management API.
// A permission has the form `resource:action`, `resource:*` or `*`.
// The catalogue of permissions belongs to `permissions`.

import type { RequestMetadata } from '../audit/audit-event.ts'

/** Other names of resources. */
const RESOURCE_ALIASES: Readonly<Record<string, string>> = { audit_logs: 'audit', organisations: 'organisation' }

/**
 * The permissions that a name stands for. `x:write` is `x:create` and `x:update`, `x:manage` is `x:*`, `oauth2:clients:…` is
 * `clients:…`, and `audit_logs` and `organisations` are other names of `audit` and `organisation`. Any other name stands for
 * itself.
 */
export function canonicalPermissions(name: string): string[] {
  const [resource = '', action, ...rest] = name.replace(/^oauth2:(?=clients:)/, '').split(':')
  if (action === undefined || rest.length > 0) return [name]
  const canonical = Object.hasOwn(RESOURCE_ALIASES, resource) ? RESOURCE_ALIASES[resource] : resource
  if (action === 'write') return [`${canonical}:create`, `${canonical}:update`]
  return [`${canonical}:${action === 'manage' ? '*' : action}`]
}

/**
 * Whether the permissions `held` include `required`, a permission of the form `resource:action`. `*` includes every
 * permission, `resource:*` every action on the resource. Both may be aliases (`canonicalPermissions`).
 */
export function hasPermission(held: readonly string[], required: string): boolean {
  const canonical = held.flatMap(canonicalPermissions)
  return canonicalPermissions(required).every((wanted) => {
    const [resource] = wanted.split(':')
    return canonical.some((permission) => permission === '*' || permission === wanted || permission === `${resource}:*`)
  })
}

/** The permissions that both lists include, wildcards and aliases considered. */
export function intersectPermissions(one: readonly string[], other: readonly string[]): string[] {
  const [first, second] = [one.flatMap(canonicalPermissions), other.flatMap(canonicalPermissions)]
  const shared = [
    ...first.filter((permission) => hasPermission(second, permission)),
    ...second.filter((permission) => hasPermission(first, permission)),
  ]
  return [...new Set(shared)]
}

/** The caller of the management API, in the one organisation it may act in. */
export interface AdminCaller {
  /** Undefined if a service account acts, or a client for itself. */
  userId: string | undefined
  /** The service account that acts, by an API key. */
  serviceAccountId: string | undefined
  /** The `client_id` of the client whose access token is used; undefined for a browser session. */
  actingClientId: string | undefined
  /** The id of the API key that is used, as the user or the service account. */
  apiKeyId: string | undefined
  organisationId: string
  organisationSlug: string
  /** In the whole organisation. */
  permissions: readonly string[]
  /** By the id of a team: the permissions of roles that are limited to it. */
  teamPermissions: TeamPermissions
  /**
   * The teams whose members the operation is limited to, where the caller holds its permission within teams only.
   * Undefined: it is not limited.
   */
  limitedToTeams: readonly string[] | undefined
  /** When the user of a session signed in. */
  authTime?: Date | undefined
  /** The grant of an access token of a user. */
  grantId?: string | undefined
}

/** Whether a user acts by their session: not by an access token or an API key, which may be limited to fewer permissions. */
export function isSignedIn({
  userId,
  actingClientId,
  apiKeyId,
}: Pick<AdminCaller, 'userId' | 'actingClientId' | 'apiKeyId'>): boolean {
  return userId !== undefined && actingClientId === undefined && apiKeyId === undefined
}

export type TeamPermissions = Readonly<Record<string, readonly string[]>>

/** What an operation of the management API knows about its caller, for authorisation and for audit events. */
export interface AdminContext extends AdminCaller {
  requestMetadata: RequestMetadata
}
