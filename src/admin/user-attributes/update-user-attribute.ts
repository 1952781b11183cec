import { updateAttribute, type AttributeManagement } from '../../users/attributes/manage-attributes.ts'
import { adminOperation } from '../operation.ts'
import {
  ATTRIBUTE_PATH,
  attributeChangeSchema,
  attributeParams,
  attributeSchema,
  ATTRIBUTES_TAG,
  representAttribute,
} from './user-attribute.ts'

export const updateUserAttributeOperation = (services: AttributeManagement) =>
  adminOperation({
    method: 'PATCH',
    path: ATTRIBUTE_PATH,
    operationId: 'updateUserAttribute',
    tag: ATTRIBUTES_TAG,
    permission: 'organisation:update',
    summary: 'Change the definition of an attribute',
    description:
      'The rules apply to new values. Stored values stay, and an attribute with equal values cannot become unique.',
    schema: { params: attributeParams, body: attributeChangeSchema, response: { 200: attributeSchema } },
    errors: [400, 404, 409],
    example: { access: 'editable' },
    async handle({ context, request }) {
      return representAttribute(await updateAttribute(services, context, request.params.name, request.body))
    },
  })
