import { sendWithEtag, entityTag } from '../../http/caching/preconditions.ts'
import { findRole, type RoleFinder } from '../../permissions/find-role.ts'
import { adminOperation } from '../operation.ts'
import { representRole, ROLE_PATH, roleParams, roleSchema, ROLES_TAG } from './role.ts'

export const getRoleOperation = (services: RoleFinder) =>
  adminOperation({
    method: 'GET',
    path: ROLE_PATH,
    operationId: 'getRole',
    tag: ROLES_TAG,
    permission: 'roles:read',
    summary: 'Get a role',
    schema: { params: roleParams, response: { 200: roleSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const role = await findRole(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(role.version), representRole(role))
    },
  })
