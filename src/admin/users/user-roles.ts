import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { UserFinder } from '../../users/find-user.ts'
import { assignRole, explainPermission, removeRole } from '../../users/user-access.ts'
import { adminOperation } from '../operation.ts'
import { USER_PATH, USERS_TAG, userParams } from './user-path.ts'

const ROLES_PATH = `${USER_PATH}/roles`
const roleBody = z.strictObject(
  { roleId: z.uuid({ error: 'must be the id of a role' }) },
  { error: 'must be a JSON object with the member roleId' },
)
const messageSchema = z.object({ message: z.string() })

export const assignRoleOperation = (services: UserFinder) =>
  adminOperation({
    method: 'POST',
    path: ROLES_PATH,
    operationId: 'assignRole',
    tag: USERS_TAG,
    permission: 'users:update',
    summary: 'Give a user a role',
    description: 'You must hold the permissions of the role. Idempotent.',
    schema: { params: userParams, body: roleBody, response: { 200: messageSchema } },
    errors: [400, 404],
    example: { roleId: '0193a1c2-7b5e-7000-8000-000000000001' },
    async handle({ context, request }) {
      const assigned = await assignRole(services, context, request.params.id, request.body.roleId)
      return { message: assigned ? 'The user has the role now.' : 'The user had the role already.' }
    },
  })

const removal = {
  tag: USERS_TAG,
  permission: 'users:update',
  errors: [400, 404, 409],
} as const

async function remove(services: UserFinder, context: AdminContext, id: string, roleId: string) {
  const removed = await removeRole(services, context, id, roleId)
  return { message: removed ? 'The user no longer has the role.' : 'The user did not have the role.' }
}

export const removeRoleOperation = (services: UserFinder) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: `${ROLES_PATH}/:roleId`,
    operationId: 'removeRole',
    summary: 'Take a role from a user',
    description: 'The last active owner of an organisation keeps the role owner. Idempotent.',
    schema: {
      params: userParams.extend({ roleId: z.uuid({ error: 'must be the id of a role' }) }),
      response: { 200: messageSchema },
    },
    handle: ({ context, request }) => remove(services, context, request.params.id, request.params.roleId),
  })

/** OpenAPI has no body for DELETE (§4.8.14), so the schema does not have one either. */
export const removeRoleByBodyOperation = (services: UserFinder) =>
  adminOperation({
    ...removal,
    method: 'DELETE',
    path: ROLES_PATH,
    operationId: 'removeRoleByBody',
    summary: 'Take a role from a user, named in the body',
    description: 'The body is a JSON object with the member roleId. For clients that cannot put it into the path.',
    schema: { params: userParams, response: { 200: messageSchema } },
    async handle({ context, request }) {
      const body = roleBody.safeParse(request.body)
      if (!body.success) {
        const message = 'must be the id of a role, in a JSON object'
        throw validationError([{ path: ['roleId'], code: 'custom', message }])
      }
      return remove(services, context, request.params.id, body.data.roleId)
    },
  })

export const explainPermissionOperation = (services: UserFinder) =>
  adminOperation({
    method: 'GET',
    path: `${USER_PATH}/effective`,
    operationId: 'explainPermission',
    tag: USERS_TAG,
    permission: 'users:read',
    summary: 'Explain whether a user has a permission',
    description: 'Lists the roles that include it.',
    schema: {
      params: userParams,
      querystring: z.object({
        permission: z
          .string({ error: 'must be a permission, sent once' })
          .regex(/^(?:\*|[a-z_]{1,50}:(?:\*|[a-z_]{1,50}))$/, { error: 'must be a permission such as users:read' })
          .describe('A permission such as users:read.')
          .meta({ example: 'users:read' }),
      }),
      response: {
        200: z.object({
          permission: z.string(),
          granted: z.boolean(),
          through: z.array(
            z.object({
              role: z.object({ id: z.string(), name: z.string(), slug: z.string() }),
              permission: z.string().describe('The permission of the role that includes it.'),
            }),
          ),
        }),
      },
    },
    errors: [400, 404],
    async handle({ context, request }) {
      return explainPermission(services, context, request.params.id, request.query.permission)
    },
  })
