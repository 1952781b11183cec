import { createAttribute, type AttributeManagement } from '../../users/attributes/manage-attributes.ts'
import { adminOperation } from '../operation.ts'
import {
  attributeSchema,
  ATTRIBUTES_PATH,
  ATTRIBUTES_TAG,
  newAttributeSchema,
  representAttribute,
} from './user-attribute.ts'

export const createUserAttributeOperation = (services: AttributeManagement) =>
  adminOperation({
    method: 'POST',
    path: ATTRIBUTES_PATH,
    operationId: 'createUserAttribute',
    tag: ATTRIBUTES_TAG,
    permission: 'organisation:update',
    summary: 'Define an attribute of users',
    description: 'An organisation has at most 100. A value has at most 4,096 bytes in JSON.',
    schema: { body: newAttributeSchema, response: { 201: attributeSchema } },
    errors: [400, 409],
    example: {
      name: 'costCentre',
      type: 'string',
      access: 'readable',
      pattern: '[0-9]{4}',
      titles: { en: 'Cost centre' },
    },
    async handle({ context, request, reply }) {
      const created = await createAttribute(services, context, request.body)
      return reply
        .status(201)
        .header('location', `${ATTRIBUTES_PATH}/${created.name}`)
        .send(representAttribute(created))
    },
  })
