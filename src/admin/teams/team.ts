import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { Team, TeamMember } from '../../model/teams/team.ts'
import { displayName } from '../../model/users/user.ts'
import type { TeamDryRun } from '../../users/teams/find-team.ts'
import { dryRunSchema } from '../dry-run.ts'

export const TEAMS_TAG = 'Teams'
export const TEAMS_PATH = '/v1/admin/teams'
export const TEAM_PATH = `${TEAMS_PATH}/:id`

export const teamParams = z.object({ id: z.uuid({ error: 'must be the id of a team' }) })

/** The members that can be changed. */
export const teamMembers = {
  name: field.displayName.max(100, { error: 'must have at most 100 characters' }),
  description: field.text(500).nullable().describe('For administrators. Null removes it.'),
}

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

/** A member as teams list it. */
export const teamMemberSchema = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string().nullable(),
  joinedAt: z.string().describe('ISO 8601.'),
})

export const teamSchema = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  description: z.string().nullable(),
  organisationId: z.string(),
  members: z.array(teamMemberSchema).describe('The first 50. GET …/members lists all.'),
  roles: z.array(summary).describe('The roles that all members have now, in the whole organisation.'),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
  _count: z.object({ members: z.int().describe('At most 1,000 are counted; GET …/members counts more.') }),
})

export const representMember = (member: TeamMember): z.output<typeof teamMemberSchema> => ({
  id: member.id,
  email: member.email,
  name: displayName(member) ?? null,
  joinedAt: member.joinedAt.toISOString(),
})

export function representTeam(team: Team): z.output<typeof teamSchema> {
  const { id, name, slug, description, organisationId, roles } = team
  return {
    id,
    name,
    slug,
    description,
    organisationId,
    members: team.members.map(representMember),
    roles,
    createdAt: team.createdAt.toISOString(),
    updatedAt: team.updatedAt.toISOString(),
    _count: { members: team.memberCount },
  }
}

/** The body of the response about a team, or of a dry run. Sets the ETag. */
export function teamBody(reply: FastifyReply, result: Team | TeamDryRun) {
  if ('dryRun' in result) return result
  void reply.header('etag', entityTag(result.version))
  return representTeam(result)
}

export const teamOrDryRun = z.union([teamSchema, dryRunSchema])
