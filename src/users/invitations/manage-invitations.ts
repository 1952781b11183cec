// `users/invitations` owns invitations to become a user of an organisation, apart from HTTP.
// The link is mailed when an invitation is created or renewed, or returned once: then sending it is up to the caller.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { randomToken, uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { Mailer } from '../../mail/mailer.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { Invitation, InvitationRepository } from '../../model/invitations/invitation.ts'
import type { OutgoingMail } from '../../model/mail/outgoing-mail.ts'
import type { OrganisationRepository } from '../../model/organisations/organisation-repository.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { displayName, toEmailKey } from '../../model/users/user.ts'
import { findRolesToGive } from '../create-user.ts'
import { UnknownRoles, UnknownTeam } from '../errors.ts'
import type { UserManagement } from '../find-user.ts'

export interface InvitationManagement extends Pick<UserManagement, 'userDirectory' | 'roleAssignments' | 'clock'> {
  issuer: string
  invitations: InvitationRepository
  organisations: Pick<OrganisationRepository, 'find'>
  mailer: Mailer
}

/** How the person gets the link. */
export const deliveries = ['mail', 'link'] as const
export type Delivery = (typeof deliveries)[number]

/** How an invitation is delivered. Undefined: by mail, where the server sends mail. */
export interface InvitationDelivery {
  deliver: Delivery | undefined
  /** Of the mail. */
  language: string
}

/** An invitation with its link, which exists only in the response that makes it. Undefined: it was mailed. */
export interface IssuedInvitation {
  invitation: Invitation
  link: string | undefined
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
 * address is that of a member or has an open invitation. Throws `InvalidInput` for a mail where the server sends none, and
 * `TooManyRequests`.
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
  delivery: InvitationDelivery,
): Promise<IssuedInvitation> {
  const { invitations, clock } = services
  const { organisationId, userId } = context
  const roles = await findRolesToGive(services, context, { roleIds, teamIds })
  const id = uuidv7(clock.now())
  const expiresAt = addSeconds(clock.now(), expiresInDays * DAY_SECONDS)
  const issued = await issueLink(services, context, { email, expiresAt }, delivery)
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
    tokenHash: issued.tokenHash,
    roleIds: given.map((role) => role.id),
    teamIds,
    invitedBy: userId,
    expiresAt,
    mail: issued.mail,
  }
  const outcome = await invitations.create(invitation, event)
  if (outcome === 'unknown_role') throw new UnknownRoles(['roleIds'])
  if (outcome === 'unknown_team') throw new UnknownTeam(['teamIds'])
  if (outcome === 'user_exists') throw new Conflict('This e-mail address is that of a member of the organisation.')
  if (outcome === 'pending') throw new Conflict('This e-mail address has a pending invitation: renew or revoke it.')
  services.mailer.flush()
  return { invitation: await findInvitation(services, context, id), link: issued.link }
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
  delivery: InvitationDelivery,
): Promise<IssuedInvitation> {
  const { invitations, clock } = services
  const before = await findInvitation(services, context, id)
  const expiresAt = addSeconds(clock.now(), expiresInDays * DAY_SECONDS)
  const { tokenHash, mail, link } = await issueLink(services, context, { email: before.email, expiresAt }, delivery)
  const changes = fieldChanges({ expiresAt: before.expiresAt.toISOString() }, { expiresAt: expiresAt.toISOString() })
  const event = invitationEvent(services, context, 'invitation.renewed', before, changes)
  if (!(await invitations.renew(before, { tokenHash, expiresAt, mail }, event))) throw new InvitationEnded()
  services.mailer.flush()
  return { invitation: await findInvitation(services, context, id), link }
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

/** A link with a new token: in a mail, or to be returned. The token is in the query, which no log has. */
async function issueLink(
  services: InvitationManagement,
  context: AdminContext,
  { email, expiresAt }: Pick<Invitation, 'email' | 'expiresAt'>,
  { deliver, language }: InvitationDelivery,
): Promise<{ tokenHash: Buffer; mail: OutgoingMail | undefined; link: string | undefined }> {
  const { issuer, mailer, organisations, userDirectory, clock } = services
  const { organisationId, userId } = context
  const token = `${TOKEN_PREFIX}${randomToken()}`
  const link = `${issuer}/invitation?token=${token}`
  if (deliver === 'mail' && !mailer.isEnabled) {
    throw new InvalidInput([{ path: ['deliver'], code: 'custom', message: 'must be link: the server sends no mail' }])
  }
  if (deliver === 'link' || !mailer.isEnabled) return { tokenHash: sha256(token), mail: undefined, link }
  await mailer.admit({ recipient: email, organisationId })
  const inviter =
    userId === undefined ? undefined : await userDirectory.find({ id: userId, organisationId }, { now: clock.now() })
  const mail = mailer.compose({
    template: 'invitation',
    organisationId,
    recipient: email,
    language,
    parameters: {
      organisation: (await organisations.find(organisationId))?.name ?? context.organisationSlug,
      invitedBy: inviter ? (displayName(inviter) ?? inviter.email) : null,
      link,
      expiresAt: expiresAt.toISOString(),
    },
    usableUntil: expiresAt,
  })
  return { tokenHash: sha256(token), mail, link: undefined }
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
