import { z } from 'zod'
import type { TeamManagement } from '../../users/teams/find-team.ts'
import { deleteTeam } from '../../users/teams/manage-teams.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { TEAM_PATH, teamParams, TEAMS_TAG } from './team.ts'

export const deleteTeamOperation = (services: TeamManagement) =>
  adminOperation({
    method: 'DELETE',
    path: TEAM_PATH,
    operationId: 'deleteTeam',
    tag: TEAMS_TAG,
    permission: 'teams:delete',
    summary: 'Delete a team',
    description:
      'Its members lose the roles that they have through it, and roles limited to it end. You must hold the permissions of its roles.',
    schema: {
      params: teamParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteTeam(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
