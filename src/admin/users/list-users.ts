import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import type { UserDirectory } from '../../model/users/user-directory.ts'
import type { AttributeReader } from '../../users/attributes/attribute-values.ts'
import { adminOperation } from '../operation.ts'
import { cappedEnvelopeSchema, listEnvelope, pageOf } from '../paging.ts'
import { findAttributeFilters, readAskedValues } from './attribute-filters.ts'
import { readUserListQuery, toCursor, userListQuerySchema } from './user-list-query.ts'
import { USERS_PATH, USERS_TAG } from './user-path.ts'
import { representUser, userSchema } from './user-representation.ts'

const userListSchema = cappedEnvelopeSchema(userSchema).extend({
  moreThanTotal: z.boolean().describe('Whether there are more than total: at most 10,000 are counted.'),
  nextCursor: z.string().nullable().describe('The cursor of the next page; null on the last one.'),
})

export const listUsersOperation = ({
  userDirectory,
  userAttributes,
  clock,
}: {
  userDirectory: Pick<UserDirectory, 'list'>
  clock: Clock
} & AttributeReader) =>
  adminOperation({
    method: 'GET',
    path: USERS_PATH,
    operationId: 'listUsers',
    tag: USERS_TAG,
    withinTeams: true,
    permission: 'users:read',
    summary: 'List users',
    description:
      'The newest first, unless sorted otherwise. A cursor continues a long list at constant cost. `filter[attributes.NAME]` finds the value of an attribute, or an entry of a list.',
    schema: { querystring: userListQuerySchema, response: { 200: userListSchema } },
    errors: [400],
    async handle({ context: { organisationId, limitedToTeams }, request }) {
      const attributes = await findAttributeFilters({ userAttributes }, organisationId, readAskedValues(request.query))
      const view = { organisationId, now: clock.now(), teamIds: limitedToTeams }
      const query = attributes && readUserListQuery(request.query, { ...view, attributes })
      if (!query) return { ...listEnvelope([], 0, pageOf(request.query)), moreThanTotal: false, nextCursor: null }
      const { users, total, totalIsCapped, end } = await userDirectory.list(query)
      return {
        ...listEnvelope(users.map(representUser), total, query),
        moreThanTotal: totalIsCapped,
        nextCursor: end === undefined ? null : toCursor(end, query.sort.by),
      }
    },
  })
