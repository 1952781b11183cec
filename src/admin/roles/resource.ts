// `admin/roles` owns the operations on the roles of an organisation and their permissions.
// What they do belongs to `permissions`; giving roles to users belongs to `admin/users`.
// A role is changed only by callers who hold all of its permissions.

import type { RoleManagement } from '../../permissions/find-role.ts'
import type { AdminResource } from '../operation.ts'
import { createRoleOperation } from './create-role.ts'
import { deleteRoleOperation } from './delete-role.ts'
import { getRoleOperation } from './get-role.ts'
import { grantPermissionOperation } from './grant-permission.ts'
import { listRolesOperation } from './list-roles.ts'
import { revokePermissionByBodyOperation, revokePermissionOperation } from './revoke-permission.ts'
import { updateRoleOperation } from './update-role.ts'

/** `/v1/admin/roles`: the roles of an organisation. */
export const roleResource = (services: RoleManagement): AdminResource => ({
  operations: [
    listRolesOperation(services),
    createRoleOperation(services),
    getRoleOperation(services),
    updateRoleOperation(services),
    deleteRoleOperation(services),
    grantPermissionOperation(services),
    revokePermissionByBodyOperation(services),
    revokePermissionOperation(services),
  ],
})
