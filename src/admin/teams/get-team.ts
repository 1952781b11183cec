import { sendWithEtag, entityTag } from '../../http/caching/preconditions.ts'
import { findTeam, type TeamFinder } from '../../users/teams/find-team.ts'
import { adminOperation } from '../operation.ts'
import { representTeam, TEAM_PATH, teamParams, teamSchema, TEAMS_TAG } from './team.ts'

export const getTeamOperation = (services: TeamFinder) =>
  adminOperation({
    method: 'GET',
    path: TEAM_PATH,
    operationId: 'getTeam',
    tag: TEAMS_TAG,
    withinTeams: true,
    permission: 'teams:read',
    summary: 'Get a team',
    schema: { params: teamParams, response: { 200: teamSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const team = await findTeam(services, context, request.params.id)
      return sendWithEtag(request, reply, entityTag(team.version), representTeam(team))
    },
  })
