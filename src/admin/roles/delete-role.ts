import { z } from 'zod'
import type { RoleManagement } from '../../permissions/find-role.ts'
import { deleteRole } from '../../permissions/manage-roles.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { ROLE_PATH, roleParams, ROLES_TAG } from './role.ts'

export const deleteRoleOperation = (services: RoleManagement) =>
  adminOperation({
    method: 'DELETE',
    path: ROLE_PATH,
    operationId: 'deleteRole',
    tag: ROLES_TAG,
    permission: 'roles:delete',
    summary: 'Delete a role',
    description:
      'You must hold each of its permissions. A role that users or teams have is not deleted (409), nor one that the server created (400).',
    schema: {
      params: roleParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteRole(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
