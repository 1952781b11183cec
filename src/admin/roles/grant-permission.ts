import type { RoleManagement } from '../../permissions/find-role.ts'
import { grantPermission } from '../../permissions/role-permissions.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { ROLES_TAG, roleParams } from './role.ts'
import {
  changedPermissionsSchema,
  permissionBody,
  readPermissionNames,
  representChange,
  ROLE_PERMISSIONS_PATH,
} from './role-permission.ts'

export const grantPermissionOperation = (services: RoleManagement) =>
  adminOperation({
    method: 'POST',
    path: ROLE_PERMISSIONS_PATH,
    operationId: 'grantPermission',
    tag: ROLES_TAG,
    permission: 'roles:update',
    summary: 'Give a role a permission',
    description: 'You must hold it, and each permission that the role has.',
    schema: {
      params: roleParams,
      querystring: dryRunQuerySchema,
      body: permissionBody,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: changedPermissionsSchema },
    },
    errors: [400, 404, 409, 412],
    example: { permission: 'users:read' },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const names = readPermissionNames(request.body)
      const conditions = readUpdateConditions(request)
      const granted = await grantPermission(services, context, request.params.id, names, conditions)
      const body = representChange(granted, 'The role has the permission now.')
      return reply.status(isDryRun(request) ? 200 : 201).send(body)
    },
  })
