import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { TeamManagement } from '../../users/teams/find-team.ts'
import { createTeam } from '../../users/teams/manage-teams.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { roleSlug } from '../roles/role.ts'
import { representTeam, teamMembers, teamSchema, TEAMS_PATH, TEAMS_TAG } from './team.ts'

const newTeamSchema = z.strictObject(
  { ...teamMembers, slug: roleSlug, description: teamMembers.description.default(null) },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createTeamOperation = (services: TeamManagement) =>
  adminOperation({
    method: 'POST',
    path: TEAMS_PATH,
    operationId: 'createTeam',
    tag: TEAMS_TAG,
    permission: 'teams:create',
    summary: 'Create a team',
    schema: {
      querystring: dryRunQuerySchema,
      body: newTeamSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: teamSchema },
    },
    errors: [400, 409],
    example: { name: 'Support', slug: 'support', description: 'Answers customers' },
    async handle({ context, request, reply }) {
      const created = await createTeam(services, context, request.body, { dryRun: isDryRun(request) })
      if ('dryRun' in created) return created
      return reply
        .status(201)
        .headers({ location: `${TEAMS_PATH}/${created.id}`, etag: entityTag(created.version) })
        .send(representTeam(created))
    },
  })
