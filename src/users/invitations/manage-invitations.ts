// `users/invitations` owns invitations to become a user of an organisation, apart from HTTP.
// The link is returned when an invitation is created or renewed. Sending it is up to the caller.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, NotFound } from '../../lib/domain-error.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { Invitation, InvitationRepository } from '../../model/invitations/invitation.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { findRolesToGive } from '../create-user.ts'
import { UnknownRoles, UnknownTeam } from '../errors.ts'
import type { UserManagement } from '../find-user.ts'

export interface InvitationManagement extends Pick<UserManagement, 'userDirectory' | 'roleAssignments' | 'clock'> {
  issuer: string
  invitations: InvitationRepository
}

/** An invitation with its link, which exists only in the response that makes it. */
export interface IssuedInvitation {
  invitation: Invitation
  link: string
}

export class InvitationNotFound extends NotFound {
  override readonly name = 'InvitationNotFound'

  constructor() {
    super('There is no such invitation.')
  }
}

const DAY_SECONDS = 86_400
/** So that scanners and people recognise it. */
const TOKEN_PREFIX = 'inv_'

/** Throws `InvitationNotFound`. */
export async function findInvitation(
  { invitations }: Pick<InvitationManagement, 'invitations'>,
  { organisationId }: AdminContext,
  id: string,
): Promise<Invitation> {
  const invitation = await invitations.find({ id, organisationId })
  if (!invitation) throw new InvitationNotFound()
  return invitation
}

/**
 * Invites the holder of an e-mail address, with the default role if none is given. Throws `UnknownRoles`, `UnknownTeam`,
 * `PermissionEscalation` for roles, also those of the teams, with permissions that the caller lacks, and `Conflict` if the
 * address has an account or an open invitation.
 */
export async function invite(
  services: InvitationManagement,
  context: AdminContext,
  {
    email,
    roleIds,
    teamIds,
    expiresInDays,
  }: {
    email: string
    roleIds: readonly string[]
    teamIds: readonly string[]
    expiresInDays: number
  },
): Promise<IssuedInvitation> {
  const { invitations, clock } = services
  const { organisationId, userId } = context
  const roles = await findRolesToGive(services, context, { roleIds, teamIds })
  const { token, tokenHash } = newToken()
  const id = uuidv7(clock.now())
  const expiresAt = addSeconds(clock.now(), expiresInDays * DAY_SECONDS)
  const given = roles.map(({ role }) => role)
  const event = invitationEvent(
    services,
    context,
    'invitation.created',
    { id, email },
    fieldChanges(undefined, {
      email,
      roles: given.map(({ slug }) => slug),
      teams: teamIds,
      expiresAt: expiresAt.toISOString(),
    }),
  )
  const invitation = {
    id,
    organisationId,
    email,
    emailKey: toEmailKey(email),
    tokenHash,
    roleIds: given.map((role) => role.id),
    teamIds,
    invitedBy: userId,
    expiresAt,
  }
  const outcome = await invitations.create(invitation, event)
  if (outcome === 'unknown_role') throw new UnknownRoles(['roleIds'])
  if (outcome === 'unknown_team') throw new UnknownTeam(['teamIds'])
  if (outcome === 'user_exists') throw new Conflict('A user with this e-mail address exists.')
  if (outcome === 'pending') throw new Conflict('This e-mail address has a pending invitation: renew or revoke it.')
  return { invitation: await findInvitation(services, context, id), link: linkOf(services, token) }
}

/**
 * Gives a pending or expired invitation another link and end; the former link stops working. Throws `InvitationNotFound`, and
 * `Conflict` if it was accepted or revoked.
 */
export async function renewInvitation(
  services: InvitationManagement,
  context: AdminContext,
  id: string,
  expiresInDays: number,
): Promise<IssuedInvitation> {
  const { invitations, clock } = services
  const before = await findInvitation(services, context, id)
  const { token, tokenHash } = newToken()
  const expiresAt = addSeconds(clock.now(), expiresInDays * DAY_SECONDS)
  const changes = fieldChanges({ expiresAt: before.expiresAt.toISOString() }, { expiresAt: expiresAt.toISOString() })
  const event = invitationEvent(services, context, 'invitation.renewed', before, changes)
  if (!(await invitations.renew(before, { tokenHash, expiresAt }, event))) throw new InvitationEnded()
  return { invitation: await findInvitation(services, context, id), link: linkOf(services, token) }
}

/** Revokes an invitation. Throws `InvitationNotFound`, and `Conflict` if it was accepted or revoked. */
export async function revokeInvitation(
  services: InvitationManagement,
  context: AdminContext,
  id: string,
): Promise<void> {
  const invitation = await findInvitation(services, context, id)
  const changes = fieldChanges({ status: 'pending' }, { status: 'revoked' })
  const event = invitationEvent(services, context, 'invitation.revoked', invitation, changes)
  if (!(await services.invitations.revoke(invitation, event))) throw new InvitationEnded()
}

class InvitationEnded extends Conflict {
  override readonly name = 'InvitationEnded'

  constructor() {
    super('The invitation was accepted or revoked.')
  }
}

function newToken(): { token: string; tokenHash: Buffer } {
  const token = `${TOKEN_PREFIX}${randomToken()}`
  return { token, tokenHash: sha256(token) }
}

/** The token is in the query, which no log has. */
function linkOf({ issuer }: Pick<InvitationManagement, 'issuer'>, token: string): string {
  return `${issuer}/invitation?token=${token}`
}

function invitationEvent(
  { clock }: Pick<InvitationManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, email }: Pick<Invitation, 'id' | 'email'>,
  changes: readonly AuditChange[],
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'invitation', id },
    metadata: { email },
    changes,
  })
}
