import { z } from 'zod'
import type { AttributeReader } from '../../users/attributes/attribute-values.ts'
import { adminOperation } from '../operation.ts'
import { attributeSchema, ATTRIBUTES_PATH, ATTRIBUTES_TAG, representAttribute } from './user-attribute.ts'

export const listUserAttributesOperation = ({ userAttributes }: AttributeReader) =>
  adminOperation({
    method: 'GET',
    path: ATTRIBUTES_PATH,
    operationId: 'listUserAttributes',
    tag: ATTRIBUTES_TAG,
    permission: 'users:read',
    summary: 'List the attributes of users',
    description: 'All definitions of the organisation, in the order of their names.',
    schema: { response: { 200: z.object({ data: z.array(attributeSchema), total: z.int() }) } },
    async handle({ context }) {
      const definitions = await userAttributes.list(context.organisationId)
      return { data: definitions.map(representAttribute), total: definitions.length }
    },
  })
