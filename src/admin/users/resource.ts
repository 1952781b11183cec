import type { UserAccessServices } from '../../users/access/manage-access.ts'
import type { AttributeReader } from '../../users/attributes/attribute-values.ts'
import type { BulkServices } from '../../users/bulk/change-users.ts'
import type { UserManagement } from '../../users/find-user.ts'
import type { ImportServices } from '../../users/import/import-users.ts'
import type { RoleAssigner } from '../../users/role-assignments.ts'
import { changeUserEmailOperation, type UserEmailServices } from './access/change-user-email.ts'
import type { AdminResource } from '../operation.ts'
import {
  listSignInMethodsOperation,
  removeUserPasskeyOperation,
  removeUserPasswordOperation,
} from './access/sign-in-methods.ts'
import {
  listUserConsentsOperation,
  listUserGrantsOperation,
  revokeUserConsentOperation,
  revokeUserConsentsOperation,
  revokeUserGrantOperation,
  revokeUserGrantsOperation,
} from './access/user-grants.ts'
import { changeUsersOperation } from './bulk/change-users.ts'
import { exportUsersOperation, type ExportServices } from './bulk/export-users.ts'
import { importUsersOperation } from './bulk/import-users.ts'
import { createUserOperation } from './create-user.ts'
import { deleteUserOperation, restoreUserOperation } from './delete-user.ts'
import { explainPermissionOperation } from './access/explain-permission.ts'
import { getUserOperation } from './get-user.ts'
import { listUsersOperation } from './list-users.ts'
import { reactivateUserOperation, suspendUserOperation } from './suspend-user.ts'
import { resetUserMfaOperation } from './mfa/reset-user-mfa.ts'
import { updateUserOperation } from './update-user.ts'
import {
  assignRoleOperation,
  listUserRolesOperation,
  removeRoleByBodyOperation,
  removeRoleOperation,
} from './access/user-roles.ts'
import {
  endUserSessionOperation,
  endUserSessionsOperation,
  listUserSessionsOperation,
  setUserPasswordOperation,
  type UserSessionServices,
} from './access/user-sessions.ts'

/** `/v1/admin/users`: the users of an organisation. */
export const userResource = (
  services: UserManagement &
    UserSessionServices &
    RoleAssigner &
    AttributeReader &
    UserAccessServices &
    UserEmailServices &
    BulkServices &
    ImportServices &
    ExportServices,
): AdminResource => ({
  operations: [
    listUsersOperation(services),
    createUserOperation(services),
    changeUsersOperation(services),
    exportUsersOperation(services),
    importUsersOperation(services),
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
    endUserSessionOperation(services),
    endUserSessionsOperation(services),
    listUserGrantsOperation(services),
    revokeUserGrantOperation(services),
    revokeUserGrantsOperation(services),
    listUserConsentsOperation(services),
    revokeUserConsentOperation(services),
    revokeUserConsentsOperation(services),
    listSignInMethodsOperation(services),
    removeUserPasswordOperation(services),
    removeUserPasskeyOperation(services),
    setUserPasswordOperation(services),
    changeUserEmailOperation(services),
    resetUserMfaOperation(services),
  ],
})
