// `admin/permissions` owns the operations on the catalogue of permissions, which is read-only.
// The server writes the catalogue at start, from `permissions/catalogue.ts`.
// Giving permissions to roles belongs to `admin/roles`.

import type { RoleRepository } from '../../model/permissions/role.ts'
import type { AdminResource } from '../operation.ts'
import { getPermissionOperation } from './get-permission.ts'
import { listPermissionsOperation } from './list-permissions.ts'

/** `/v1/admin/permissions`: the permissions that roles can have. */
export const permissionResource = (services: { roles: Pick<RoleRepository, 'listPermissions'> }): AdminResource => ({
  operations: [listPermissionsOperation(services), getPermissionOperation(services)],
})
