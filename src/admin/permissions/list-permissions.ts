import type { RoleRepository } from '../../model/permissions/role.ts'
import { adminOperation } from '../operation.ts'
import { envelopeSchema, listEnvelope, pageQuerySchema, readPage } from '../paging.ts'
import { PERMISSIONS_PATH, PERMISSIONS_TAG, permissionSchema, representPermission } from './permission.ts'

export const listPermissionsOperation = ({ roles }: { roles: Pick<RoleRepository, 'listPermissions'> }) =>
  adminOperation({
    method: 'GET',
    path: PERMISSIONS_PATH,
    operationId: 'listPermissions',
    tag: PERMISSIONS_TAG,
    permission: 'permissions:read',
    summary: 'List the permissions',
    description: 'The permissions that roles can have, by slug. All organisations have the same.',
    schema: { querystring: pageQuerySchema, response: { 200: envelopeSchema(permissionSchema) } },
    errors: [400],
    async handle({ request }) {
      const page = readPage(request.query)
      const permissions = await roles.listPermissions()
      const shown = permissions.slice(page.offset, page.offset + page.limit)
      return listEnvelope(shown.map(representPermission), permissions.length, page)
    },
  })
