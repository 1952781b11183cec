import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { TeamManagement } from '../../users/teams/find-team.ts'
import { updateTeam } from '../../users/teams/manage-teams.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { TEAM_PATH, teamBody, teamMembers, teamOrDryRun, teamParams, TEAMS_TAG } from './team.ts'

const teamChangeSchema = z.strictObject(teamMembers, {
  error: field.memberError('has members that cannot be changed'),
})

export const updateTeamOperation = (services: TeamManagement) =>
  adminOperation({
    method: 'PATCH',
    path: TEAM_PATH,
    operationId: 'updateTeam',
    tag: TEAMS_TAG,
    permission: 'teams:update',
    summary: 'Update a team',
    schema: {
      params: teamParams,
      querystring: dryRunQuerySchema,
      body: teamChangeSchema.partial(),
      response: { 200: teamOrDryRun },
    },
    errors: [400, 404, 409, 412],
    example: { name: 'Customer support' },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const conditions = readUpdateConditions(request)
      return teamBody(reply, await updateTeam(services, context, request.params.id, request.body, conditions))
    },
  })
