import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import { roleSortFields, type RoleRepository } from '../../model/permissions/role.ts'
import { adminOperation } from '../operation.ts'
import {
  envelopeSchema,
  listEnvelope,
  pageParameters,
  readPage,
  readSort,
  searchParameter,
  sortParameter,
} from '../paging.ts'
import { representRole, roleSchema, ROLES_PATH, ROLES_TAG } from './role.ts'

const roleListQuerySchema = z.object({
  ...pageParameters,
  sort: sortParameter(roleSortFields),
  search: searchParameter.describe('Part of the slug, name or description. Case is ignored.'),
})

export const listRolesOperation = ({ roles, clock }: { roles: Pick<RoleRepository, 'list'>; clock: Clock }) =>
  adminOperation({
    method: 'GET',
    path: ROLES_PATH,
    operationId: 'listRoles',
    tag: ROLES_TAG,
    permission: 'roles:read',
    summary: 'List roles',
    schema: { querystring: roleListQuerySchema, response: { 200: envelopeSchema(roleSchema) } },
    errors: [400],
    async handle({ context: { organisationId }, request: { query } }) {
      const page = readPage(query)
      const search = query.search?.trim() || undefined
      const found = await roles.list({
        organisationId,
        now: clock.now(),
        ...page,
        sort: readSort(roleSortFields, query.sort),
        search,
      })
      return listEnvelope(found.roles.map(representRole), found.total, page)
    },
  })
