import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { RoleManagement } from '../../permissions/find-role.ts'
import { updateRole } from '../../permissions/manage-roles.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { ROLE_PATH, roleBody, roleMembers, roleOrDryRun, roleParams, ROLES_TAG } from './role.ts'

const roleChangeSchema = z.strictObject(roleMembers, {
  error: field.memberError('has members that cannot be changed'),
})

export const updateRoleOperation = (services: RoleManagement) =>
  adminOperation({
    method: 'PATCH',
    path: ROLE_PATH,
    operationId: 'updateRole',
    tag: ROLES_TAG,
    permission: 'roles:update',
    summary: 'Update a role',
    description: 'You must hold each of its permissions. The role owner cannot be changed.',
    schema: {
      params: roleParams,
      querystring: dryRunQuerySchema,
      body: roleChangeSchema.partial(),
      response: { 200: roleOrDryRun },
    },
    errors: [400, 404, 409, 412],
    example: { name: 'Customer support', isDefault: true },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const conditions = readUpdateConditions(request)
      return roleBody(reply, await updateRole(services, context, request.params.id, request.body, conditions))
    },
  })
