import { createAuditEvent } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import { uuidv7 } from '../../lib/crypto/random.ts'
import { Conflict, Denied, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import type {
  GivenAccess,
  InvitationReference,
  InvitationRepository,
  OpenInvitation,
} from '../../model/invitations/invitation.ts'
import { toEmailKey } from '../../model/users/user.ts'
import { assertAcceptablePassword } from '../create-user.ts'
import { completeDetails } from '../details/complete-details.ts'
import type { UserManagement } from '../find-user.ts'

export interface InvitationAcceptance extends Pick<UserManagement, 'clock' | 'hashPassword' | 'passwordIssues'> {
  invitations: Pick<InvitationRepository, 'findOpen' | 'accept' | 'acceptAsMember'>
  issuer: string
  mailer: Mailer
}

/** What a person says who accepts an invitation. */
export interface InvitationAnswer {
  token: string
  /** Undefined: not stated. Otherwise it must be the address that was invited. */
  email: string | undefined
  givenName: string
  familyName: string
  password: string
  /** The language of the mail that welcomes the user. */
  language: string
}

const WELCOME_MAIL_SECONDS = 7 * 86_400

/** The invitation is unknown, has expired, or was accepted or revoked. */
export class InvitationUnavailable extends NotFound {
  override readonly name = 'InvitationUnavailable'

  constructor() {
    super('This invitation is not valid any more. Ask for another one.')
  }
}

/** The account of the address accepts the invitation, and no second one is created. */
export class AccountExists extends Conflict {
  override readonly name = 'AccountExists'

  constructor() {
    super('The e-mail address of this invitation has an account. Sign in with it, and accept the invitation then.')
  }
}

/** Throws `InvitationUnavailable`. */
export async function findOpenInvitation(
  { invitations, clock }: Pick<InvitationAcceptance, 'invitations' | 'clock'>,
  token: string,
): Promise<OpenInvitation> {
  const invitation = await invitations.findOpen(sha256(token), clock.now())
  if (!invitation) throw new InvitationUnavailable()
  return invitation
}

/**
 * Accepts an invitation once: creates its user, with a password, roles and teams. Throws `InvitationUnavailable`,
 * `InvalidInput` for another address and for a weak password, and `Conflict` if the address has got an account since.
 */
export async function acceptInvitation(
  services: InvitationAcceptance,
  { token, email, givenName, familyName, password, language }: InvitationAnswer,
  requestMetadata: RequestMetadata,
): Promise<{ id: string; email: string; organisation: OpenInvitation['organisation'] }> {
  const { invitations, clock, mailer, issuer } = services
  const invitation = await findOpenInvitation(services, token)
  if (email !== undefined && toEmailKey(email) !== toEmailKey(invitation.email)) {
    throw new InvalidInput([{ path: ['email'], code: 'custom', message: 'must be the address that was invited' }])
  }
  if (invitation.hasAccount) throw new AccountExists()
  const { organisation } = invitation
  await assertAcceptablePassword(services, password, { email: invitation.email, organisationId: organisation.id })
  const now = clock.now()
  const id = uuidv7(now)
  const details = completeDetails({ givenName, familyName })
  const user = { id, passwordHash: await services.hashPassword(password), details }
  const recordOf = (accepted: InvitationReference) => ({
    event: createAuditEvent(clock, 'invitation.accepted', {
      organisationId: accepted.organisationId,
      userId: id,
      requestMetadata,
      resource: { type: 'invitation', id: accepted.id },
      metadata: { email: invitation.email },
      changes: fieldChanges({ status: 'pending' }, { status: 'accepted' }),
    }),
    mail: mailer.isEnabled
      ? mailer.compose({
          template: 'welcome',
          organisationId: organisation.id,
          userId: id,
          recipient: invitation.email,
          language,
          parameters: { organisation: organisation.name, link: `${issuer}/auth/login` },
          usableUntil: addSeconds(now, WELCOME_MAIL_SECONDS),
        })
      : undefined,
  })
  const outcome = await invitations.accept(sha256(token), user, now, recordOf)
  if (outcome === 'unavailable') throw new InvitationUnavailable()
  if (typeof outcome === 'string') throw new AccountExists()
  mailer.flush()
  return { id, email: invitation.email, organisation }
}

/**
 * Accepts an invitation once, for a user who is signed in: the account becomes a member of the organisation, with the roles and
 * teams. Throws `InvitationUnavailable`, `Denied` where another address was invited, and `Conflict` for a member.
 */
export async function acceptInvitationAsMember(
  services: Pick<InvitationAcceptance, 'invitations' | 'clock'>,
  { token, userId }: { token: string; userId: string },
  requestMetadata: RequestMetadata,
): Promise<OpenInvitation['organisation']> {
  const { invitations, clock } = services
  const { email, organisation } = await findOpenInvitation(services, token)
  const eventsOf = ({ id, organisationId }: InvitationReference, { roles, teamIds }: GivenAccess) => [
    createAuditEvent(clock, 'invitation.accepted', {
      organisationId,
      userId,
      requestMetadata,
      resource: { type: 'invitation', id },
      metadata: { email },
      changes: fieldChanges({ status: 'pending' }, { status: 'accepted' }),
    }),
    createAuditEvent(clock, 'membership.joined', {
      organisationId,
      userId,
      requestMetadata,
      resource: { type: 'user', id: userId },
      metadata: { invitationId: id },
      changes: fieldChanges(undefined, { membership: 'active', roles, teams: teamIds }),
    }),
  ]
  const outcome = await invitations.acceptAsMember(sha256(token), userId, clock.now(), eventsOf)
  if (outcome === 'unavailable') throw new InvitationUnavailable()
  if (outcome === 'other_address') throw new Denied('The invitation is for another e-mail address than yours.')
  if (outcome === 'member') throw new Conflict('You are a member of the organisation already.')
  return organisation
}
