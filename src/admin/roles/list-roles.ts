import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import { roleSortFields, type RoleRepository } from '../../model/permissions/role.ts'
import { adminOperation } from '../operation.ts'
import { enumParameter, envelopeSchema, listEnvelope, pageParameters, readPage, searchParameter } from '../paging.ts'
import { representRole, roleSchema, ROLES_PATH, ROLES_TAG } from './role.ts'

const roleListQuerySchema = z.object({
  ...pageParameters,
  sort: enumParameter(roleSortFields.flatMap((name) => [name, `-${name}` as const])).describe(
    'The member to sort by, with a hyphen in front for descending order; default name.',
  ),
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
      const sort = query.sort ?? 'name'
      const by = roleSortFields.find((name) => sort.endsWith(name)) ?? 'name'
      const search = query.search?.trim() || undefined
      const found = await roles.list({
        organisationId,
        now: clock.now(),
        ...page,
        sort: { by, descending: sort.startsWith('-') },
        search,
      })
      return listEnvelope(found.roles.map(representRole), found.total, page)
    },
  })
