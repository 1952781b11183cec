import type { RoleManagement } from '../../permissions/find-role.ts'
import { revokePermission } from '../../permissions/role-permissions.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { permissionId, ROLES_TAG, roleParams } from './role.ts'
import { changedOrDryRun, parsePermissionNames, representChange, ROLE_PERMISSIONS_PATH } from './role-permission.ts'

const MESSAGE = 'The role no longer has the permission.'

const revocation = {
  method: 'DELETE',
  tag: ROLES_TAG,
  permission: 'roles:update',
  errors: [400, 404, 409, 412],
  acceptsIfMatch: true,
} as const

export const revokePermissionOperation = (services: RoleManagement) =>
  adminOperation({
    ...revocation,
    path: `${ROLE_PERMISSIONS_PATH}/:permissionId`,
    operationId: 'revokePermission',
    summary: 'Revoke a permission from a role',
    description: 'You must hold each permission that the role has.',
    schema: {
      params: roleParams.extend({ permissionId }),
      querystring: dryRunQuerySchema,
      response: { 200: changedOrDryRun },
    },
    async handle({ context, request }) {
      const names = { ids: [request.params.permissionId], slugs: [] }
      const conditions = readUpdateConditions(request)
      return representChange(await revokePermission(services, context, request.params.id, names, conditions), MESSAGE)
    },
  })

/** OpenAPI has no body for DELETE (§4.8.14), so the schema does not have one either. */
export const revokePermissionByBodyOperation = (services: RoleManagement) =>
  adminOperation({
    ...revocation,
    path: ROLE_PERMISSIONS_PATH,
    operationId: 'revokePermissionByBody',
    summary: 'Revoke a permission from a role, named in the body',
    description: 'The body is a JSON object with the member permissionId or permission.',
    schema: { params: roleParams, querystring: dryRunQuerySchema, response: { 200: changedOrDryRun } },
    async handle({ context, request }) {
      const names = parsePermissionNames(request.body)
      const conditions = readUpdateConditions(request)
      return representChange(await revokePermission(services, context, request.params.id, names, conditions), MESSAGE)
    },
  })
