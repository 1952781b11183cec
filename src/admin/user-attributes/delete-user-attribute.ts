import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import {
  countAttributeUsers,
  deleteAttribute,
  type AttributeManagement,
} from '../../users/attributes/manage-attributes.ts'
import { dryRunQuerySchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { integerParameter } from '../paging.ts'
import { ATTRIBUTE_PATH, attributeParams, ATTRIBUTES_TAG } from './user-attribute.ts'

export const deleteUserAttributeOperation = (services: AttributeManagement) =>
  adminOperation({
    method: 'DELETE',
    path: ATTRIBUTE_PATH,
    operationId: 'deleteUserAttribute',
    tag: ATTRIBUTES_TAG,
    permission: 'organisation:update',
    summary: 'Delete an attribute with the values of all users',
    description: 'With dryRun, returns how many users have a value. Send this number as users to confirm.',
    schema: {
      params: attributeParams,
      querystring: dryRunQuerySchema.extend({
        users: integerParameter(0, 1_000_000_000).describe(
          'How many users have a value. Required, except with dryRun.',
        ),
      }),
      response: {
        200: z.object({ dryRun: z.literal(true), users: z.int() }).describe('With dryRun.'),
        204: z.null().describe('Deleted.'),
      },
    },
    errors: [400, 404, 409],
    async handle({ context, request, reply }) {
      const { name } = request.params
      if (isDryRun(request)) return { dryRun: true as const, users: await countAttributeUsers(services, context, name) }
      const { users } = request.query
      if (users === undefined) {
        const message = 'must be the number of users who have a value; dryRun=true returns it'
        throw validationError([{ path: ['users'], code: 'custom', message }])
      }
      await deleteAttribute(services, context, name, Number(users))
      return reply.status(204).send(null)
    },
  })
