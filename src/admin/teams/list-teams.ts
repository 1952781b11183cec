import { z } from 'zod'
import type { Clock } from '../../lib/time/clock.ts'
import { teamSortFields, type TeamRepository } from '../../model/teams/team.ts'
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
import { representTeam, teamSchema, TEAMS_PATH, TEAMS_TAG } from './team.ts'

const teamListQuerySchema = z.object({
  ...pageParameters,
  sort: sortParameter(teamSortFields),
  search: searchParameter.describe('Part of the slug, name or description. Case is ignored.'),
})

export const listTeamsOperation = ({ teams, clock }: { teams: Pick<TeamRepository, 'list'>; clock: Clock }) =>
  adminOperation({
    method: 'GET',
    path: TEAMS_PATH,
    operationId: 'listTeams',
    tag: TEAMS_TAG,
    withinTeams: true,
    permission: 'teams:read',
    summary: 'List teams',
    schema: { querystring: teamListQuerySchema, response: { 200: envelopeSchema(teamSchema) } },
    errors: [400],
    async handle({ context: { organisationId, limitedToTeams }, request: { query } }) {
      const page = readPage(query)
      const found = await teams.list({
        organisationId,
        now: clock.now(),
        ...page,
        sort: readSort(teamSortFields, query.sort),
        search: query.search?.trim() || undefined,
        teamIds: limitedToTeams,
      })
      return listEnvelope(found.teams.map(representTeam), found.total, page)
    },
  })
