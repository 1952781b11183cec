// `admin/protected-resources` owns the operations on protected resources (RFC 8707).
// What they do belongs to `clients/resources`.

import type { ResourceManagement } from '../../clients/resources/manage-resources.ts'
import type { AdminResource } from '../operation.ts'
import { createResourceOperation } from './create-resource.ts'
import { deleteResourceOperation } from './delete-resource.ts'
import { getResourceOperation } from './get-resource.ts'
import { listResourcesOperation } from './list-resources.ts'
import { updateResourceOperation } from './update-resource.ts'

/** `/v1/admin/resources`: the APIs that access tokens are issued for. */
export const protectedResourceResource = (services: ResourceManagement): AdminResource => ({
  operations: [
    listResourcesOperation(services),
    createResourceOperation(services),
    getResourceOperation(services),
    updateResourceOperation(services),
    deleteResourceOperation(services),
  ],
})
