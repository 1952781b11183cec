// `admin/service-accounts` owns the operations on service accounts and their roles.
// What they do belongs to `users/service-accounts`. Their API keys are created by `admin/api-keys`.

import type { ServiceAccountManagement } from '../../users/service-accounts/manage-service-accounts.ts'
import type { ServiceAccountRoleAssigner } from '../../users/service-accounts/service-account-roles.ts'
import type { AdminResource } from '../operation.ts'
import { createServiceAccountOperation } from './create-service-account.ts'
import { deleteServiceAccountOperation } from './delete-service-account.ts'
import { getServiceAccountOperation } from './get-service-account.ts'
import { listServiceAccountsOperation } from './list-service-accounts.ts'
import {
  assignServiceAccountRoleOperation,
  listServiceAccountRolesOperation,
  removeServiceAccountRoleOperation,
} from './service-account-roles.ts'
import { updateServiceAccountOperation } from './update-service-account.ts'

/** `/v1/admin/service-accounts`: accounts of programs. */
export const serviceAccountResource = (
  services: ServiceAccountManagement & ServiceAccountRoleAssigner,
): AdminResource => ({
  operations: [
    listServiceAccountsOperation(services),
    createServiceAccountOperation(services),
    getServiceAccountOperation(services),
    updateServiceAccountOperation(services),
    deleteServiceAccountOperation(services),
    listServiceAccountRolesOperation(services),
    assignServiceAccountRoleOperation(services),
    removeServiceAccountRoleOperation(services),
  ],
})
