import { z } from 'zod'
import * as field from '../clients/settings/properties/fields.ts'
import { validationError } from '../http/errors/problem.ts'
import type { ValidationIssue } from '../lib/validation-issue.ts'
import { isAssignmentEffective, type AssignedRole, type RoleAssignment } from '../model/permissions/role-assignment.ts'
import type { AssignmentRequest } from '../users/role-assignments.ts'

export const roleId = z.uuid({ error: 'must be the id of a role' })
export const withinTeamId = z
  .uuid({ error: 'must be the id of a team' })
  .nullable()
  .default(null)
  .describe('The team that the role is limited to: it counts for the administration of its members only.')

/** The body that assigns a role. */
export const assignmentBody = z.strictObject(
  {
    roleId,
    teamId: withinTeamId,
    expiresAt: field.instant
      .nullable()
      .default(null)
      .describe('From when the role has no effect. Null: it has no end. Sent again, it changes the end.'),
  },
  {
    error: field.memberError('has unknown members', 'must be a JSON object with roleId'),
  },
)

export const readAssignment = ({
  roleId: id,
  teamId,
  expiresAt,
}: z.output<typeof assignmentBody>): AssignmentRequest => ({
  roleId: id,
  withinTeamId: teamId,
  expiresAt,
})

/** The body that names a role to take away. OpenAPI has no body for DELETE (§4.8.14). */
const removalBody = z.strictObject(
  { roleId, teamId: withinTeamId },
  { error: 'must be a JSON object with the member roleId' },
)

/** The role that such a body names. Throws a 400 problem. */
export function readRemoval(body: unknown): AssignedRole {
  const parsed = removalBody.safeParse(body)
  if (!parsed.success) throw validationError(parsed.error.issues as ValidationIssue[])
  return { roleId: parsed.data.roleId, withinTeamId: parsed.data.teamId }
}

/** The query string of a removal whose path names the role. */
export const removalQuery = z.object({ teamId: z.uuid({ error: 'must be the id of a team, sent once' }).optional() })

export const messageSchema = z.object({ message: z.string() })

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

/** A role that a user or a team has. */
export const roleAssignmentSchema = z.object({
  id: z.string(),
  role: summary,
  team: summary.nullable().describe('The team that has the role; null: the user has it by themselves.'),
  within: summary.nullable().describe('The team that the role is limited to; null: the whole organisation.'),
  grantedBy: z.string().nullable().describe('The id of the user who assigned it; null: a client, or the server.'),
  grantedAt: z.string().describe('ISO 8601.'),
  expiresAt: z.string().nullable(),
  isEffective: z.boolean().describe('Whether it has not ended.'),
})
export const roleAssignmentListSchema = z.object({ data: z.array(roleAssignmentSchema) })

export function representAssignments(assignments: readonly RoleAssignment[], now: Date) {
  return {
    data: assignments.map(({ id, role, through, within, grantedBy, grantedAt, expiresAt }) => ({
      id,
      role,
      team: through,
      within,
      grantedBy,
      grantedAt: grantedAt.toISOString(),
      expiresAt: expiresAt?.toISOString() ?? null,
      isEffective: isAssignmentEffective({ expiresAt }, now),
    })),
  }
}
