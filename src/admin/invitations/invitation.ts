import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { invitationStatus, invitationStatuses, type Invitation } from '../../model/invitations/invitation.ts'
import type { IssuedInvitation } from '../../users/invitations/manage-invitations.ts'

export const INVITATIONS_TAG = 'Invitations'
export const INVITATIONS_PATH = '/v1/admin/invitations'
export const INVITATION_PATH = `${INVITATIONS_PATH}/:id`

export const invitationParams = z.object({ id: z.uuid({ error: 'must be the id of an invitation' }) })

/** How long an invitation is open. */
export const expiresInDays = field.integer(1, 30).default(7)

const summary = z.object({ id: z.string(), name: z.string(), slug: z.string() })

/** An invitation, without its link. */
export const invitationSchema = z.object({
  id: z.string(),
  organisationId: z.string(),
  email: z.string(),
  status: z.enum(invitationStatuses),
  role: z.string().nullable().describe('The name of the first role.'),
  roleId: z.string().nullable().describe('The id of the first role.'),
  roleDetails: summary.nullable().describe('The first role.'),
  roles: z.array(summary).describe('The roles that the user gets.'),
  teamIds: z.array(z.string()),
  teams: z.array(summary).describe('The teams that the user joins.'),
  invitedById: z.string().nullable(),
  invitedBy: z
    .object({ id: z.string(), email: z.string(), name: z.string().nullable() })
    .nullable()
    .describe('Null: a client, or a user who was erased.'),
  expiresAt: z.string().describe('ISO 8601.'),
  acceptedAt: z.string().nullable(),
  acceptedBy: z.string().nullable().describe('The id of the user who accepted it.'),
  revokedAt: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

/** The response that makes a link. */
export const issuedInvitationSchema = invitationSchema.extend({
  link: z.string().nullable().describe('Where the invitation is accepted, in this response only. Null: it was mailed.'),
})

export function representInvitation(invitation: Invitation, now: Date): z.output<typeof invitationSchema> {
  const { id, organisationId, email, roles, teams, invitedBy, acceptedBy } = invitation
  const [role] = roles
  return {
    id,
    organisationId,
    email,
    status: invitationStatus(invitation, now),
    role: role?.name ?? null,
    roleId: role?.id ?? null,
    roleDetails: role ?? null,
    roles,
    teamIds: teams.map((team) => team.id),
    teams,
    invitedById: invitedBy?.id ?? null,
    invitedBy,
    expiresAt: invitation.expiresAt.toISOString(),
    acceptedAt: invitation.acceptedAt?.toISOString() ?? null,
    acceptedBy,
    revokedAt: invitation.revokedAt?.toISOString() ?? null,
    createdAt: invitation.createdAt.toISOString(),
    updatedAt: invitation.updatedAt.toISOString(),
  }
}

export function representIssuedInvitation(
  { invitation, link }: IssuedInvitation,
  now: Date,
): z.output<typeof issuedInvitationSchema> {
  return { ...representInvitation(invitation, now), link: link ?? null }
}
