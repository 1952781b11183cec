import type { AttributeReader } from '../../users/attributes/attribute-values.ts'
import type { UserManagement } from '../../users/find-user.ts'
import type { RoleAssigner } from '../../users/role-assignments.ts'
import type { AdminResource } from '../operation.ts'
import { createUserOperation } from './create-user.ts'
import { deleteUserOperation, restoreUserOperation } from './delete-user.ts'
import { explainPermissionOperation } from './access/explain-permission.ts'
import { getUserOperation } from './get-user.ts'
import { listUsersOperation } from './list-users.ts'
import { reactivateUserOperation, suspendUserOperation } from './suspend-user.ts'
import { updateUserOperation } from './update-user.ts'
import {
  assignRoleOperation,
  listUserRolesOperation,
  removeRoleByBodyOperation,
  removeRoleOperation,
} from './access/user-roles.ts'
import {
  endUserSessionsOperation,
  listUserSessionsOperation,
  setUserPasswordOperation,
  type UserSessionServices,
} from './access/user-sessions.ts'

/** `/v1/admin/users`: the users of an organisation. */
export const userResource = (
  services: UserManagement & UserSessionServices & RoleAssigner & AttributeReader,
): AdminResource => ({
  operations: [
    listUsersOperation(services),
    createUserOperation(services),
    getUserOperation(services),
    updateUserOperation(services),
    deleteUserOperation(services),
    restoreUserOperation(services),
    suspendUserOperation(services),
    reactivateUserOperation(services),
    listUserRolesOperation(services),
    assignRoleOperation(services),
    removeRoleOperation(services),
    removeRoleByBodyOperation(services),
    explainPermissionOperation(services),
    listUserSessionsOperation(services),
    endUserSessionsOperation(services),
    setUserPasswordOperation(services),
  ],
})
