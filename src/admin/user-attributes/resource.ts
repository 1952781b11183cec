import type { AttributeManagement } from '../../users/attributes/manage-attributes.ts'
import type { AdminResource } from '../operation.ts'
import { createUserAttributeOperation } from './create-user-attribute.ts'
import { deleteUserAttributeOperation } from './delete-user-attribute.ts'
import { getUserAttributeOperation } from './get-user-attribute.ts'
import { listUserAttributesOperation } from './list-user-attributes.ts'
import { updateUserAttributeOperation } from './update-user-attribute.ts'

/** `/v1/admin/user-attributes`: the attributes that an organisation defines for its users. */
export const userAttributeResource = (services: AttributeManagement): AdminResource => ({
  operations: [
    listUserAttributesOperation(services),
    createUserAttributeOperation(services),
    getUserAttributeOperation(services),
    updateUserAttributeOperation(services),
    deleteUserAttributeOperation(services),
  ],
})
