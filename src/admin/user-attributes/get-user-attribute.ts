import { findAttribute, type AttributeManagement } from '../../users/attributes/manage-attributes.ts'
import { adminOperation } from '../operation.ts'
import {
  ATTRIBUTE_PATH,
  attributeParams,
  attributeSchema,
  ATTRIBUTES_TAG,
  representAttribute,
} from './user-attribute.ts'

export const getUserAttributeOperation = (services: AttributeManagement) =>
  adminOperation({
    method: 'GET',
    path: ATTRIBUTE_PATH,
    operationId: 'getUserAttribute',
    tag: ATTRIBUTES_TAG,
    permission: 'users:read',
    summary: 'Read the definition of an attribute',
    schema: { params: attributeParams, response: { 200: attributeSchema } },
    errors: [404],
    async handle({ context, request }) {
      return representAttribute(await findAttribute(services, context, request.params.name))
    },
  })
