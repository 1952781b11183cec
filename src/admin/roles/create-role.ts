import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { RoleManagement } from '../../permissions/find-role.ts'
import { createRole } from '../../permissions/manage-roles.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import {
  permissionId,
  permissionName,
  representRole,
  roleMembers,
  roleSchema,
  roleSlug,
  ROLES_PATH,
  ROLES_TAG,
} from './role.ts'

const newRoleSchema = z.strictObject(
  {
    ...roleMembers,
    slug: roleSlug,
    description: roleMembers.description.default(null),
    isDefault: roleMembers.isDefault.default(false),
    permissionIds: field.listOf(permissionId).default([]).describe('The ids of its permissions.'),
    permissions: field.listOf(permissionName).default([]).describe('The slugs of further permissions.'),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createRoleOperation = (services: RoleManagement) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'createRole',
    tag: ROLES_TAG,
    permission: 'roles:create',
    summary: 'Create a role',
    description: 'You must hold each of its permissions.',
    schema: {
      querystring: dryRunQuerySchema,
      body: newRoleSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: roleSchema },
    },
    errors: [400, 409],
    example: { name: 'Support', slug: 'support', permissions: ['users:read', 'teams:read'] },
    async handle({ context, request, reply }) {
      const { permissionIds, permissions, ...settings } = request.body
      const names = { ids: permissionIds, slugs: permissions }
      const created = await createRole(
        services,
        context,
        { ...settings, permissions: names },
        { dryRun: isDryRun(request) },
      )
      if ('dryRun' in created) return created
      return reply
        .status(201)
        .headers({ location: `${ROLES_PATH}/${created.id}`, etag: entityTag(created.version) })
        .send(representRole(created))
    },
  })
