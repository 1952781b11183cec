import { Denied } from '../lib/domain-error.ts'
import { hasPermission, type AdminCaller } from '../model/permissions/permission.ts'
import { isPermission } from './catalogue.ts'

/** The caller would grant permissions that it does not hold. */
export class PermissionEscalation extends Denied {
  override readonly name = 'PermissionEscalation'
  readonly permissions: readonly string[]

  constructor(permissions: readonly string[]) {
    super(`The scopes include permissions that you lack: ${permissions.join(', ')}.`)
    this.permissions = permissions
  }
}

/**
 * Throws `PermissionEscalation` where `scopes` include a permission that the caller does not hold. An administrator who
 * sets the scopes of a client, or gets its secret, could act as that client.
 */
export function assertNoPrivilegeEscalation({ permissions }: AdminCaller, scopes: readonly string[]): void {
  const missing = scopes.filter((scope) => isPermission(scope) && !hasPermission(permissions, scope))
  if (missing.length > 0) throw new PermissionEscalation(missing)
}
