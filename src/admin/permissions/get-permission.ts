import { z } from 'zod'
import { notFound } from '../../http/errors/problem.ts'
import type { RoleRepository } from '../../model/permissions/role.ts'
import { adminOperation } from '../operation.ts'
import { PERMISSIONS_PATH, PERMISSIONS_TAG, representPermission, singlePermissionSchema } from './permission.ts'

export const getPermissionOperation = ({ roles }: { roles: Pick<RoleRepository, 'listPermissions'> }) =>
  adminOperation({
    method: 'GET',
    path: `${PERMISSIONS_PATH}/:id`,
    operationId: 'getPermission',
    tag: PERMISSIONS_TAG,
    permission: 'permissions:read',
    summary: 'Get a permission',
    schema: {
      params: z.object({ id: z.uuid({ error: 'must be the id of a permission' }) }),
      response: { 200: singlePermissionSchema },
    },
    errors: [400, 404],
    async handle({ request }) {
      const id = request.params.id.toLowerCase()
      const permission = (await roles.listPermissions()).find((entry) => entry.id === id)
      if (!permission) throw notFound('There is no such permission.')
      return { ...representPermission(permission), organisationId: null, isSystemPermission: true as const }
    },
  })
