import { Denied } from '../lib/domain-error.ts'
import { hasPermission, type AdminCaller } from '../model/permissions/permission.ts'
import { isPermission } from './catalogue.ts'

/** The caller would grant permissions that it does not hold. */
export class PermissionEscalation extends Denied {
  override readonly name = 'PermissionEscalation'
  readonly permissions: readonly string[]

  constructor(permissions: readonly string[], subject = 'The scopes include') {
    super(`${subject} permissions that you lack: ${permissions.join(', ')}.`)
    this.permissions = permissions
  }
}

/** What a client may do, and what it could do before. */
type ClientScopes = Readonly<{ scopes: readonly string[]; scopeHistory: readonly string[] }>

/**
 * Throws `PermissionEscalation` where `scopes` include a permission that the caller does not hold. An administrator who
 * sets the scopes of a client, or gets its secret, could act as that client.
 */
export function assertNoPrivilegeEscalation({ permissions }: AdminCaller, scopes: readonly string[]): void {
  const missing = missingPermissions(permissions, scopes)
  if (missing.length > 0) throw new PermissionEscalation(missing)
}

/**
 * Throws `PermissionEscalation` where the caller lacks one of these permissions, in the whole organisation or, with
 * `withinTeamId`, within this team. `subject` begins the message.
 */
export function assertHoldsPermissions(
  { permissions, teamPermissions }: Pick<AdminCaller, 'permissions' | 'teamPermissions'>,
  required: readonly string[],
  subject: string,
  withinTeamId: string | null = null,
): void {
  const held = withinTeamId === null ? permissions : [...permissions, ...(teamPermissions[withinTeamId] ?? [])]
  const missing = missingPermissions(held, [...new Set(required)])
  if (missing.length > 0) throw new PermissionEscalation(missing, subject)
}

/**
 * Throws `PermissionEscalation` where the client has, or ever had, a permission that the caller does not hold. A caller who
 * takes a permission away, adds a secret, a key or a redirect URI, and waits until the permission is restored, could act
 * as that client.
 */
export function assertHoldsPermissionsOf(caller: AdminCaller, { scopes, scopeHistory }: ClientScopes): void {
  assertHoldsPermissions(caller, [...scopes, ...scopeHistory], 'The client has, or once had,')
}

function missingPermissions(held: readonly string[], scopes: readonly string[]): string[] {
  return scopes.filter((scope) => isPermission(scope) && !hasPermission(held, scope))
}
