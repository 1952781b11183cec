import { fieldChanges } from '../../audit/field-changes.ts'
import { createAuditEvent } from '../../audit/catalogue.ts'
import { Conflict, InvalidInput } from '../../lib/domain-error.ts'
import type { AuditEvent, RequestMetadata } from '../../model/audit/audit-event.ts'
import { toEmailKey, type UserRepository } from '../../model/users/user.ts'
import { confirmPassword, type PasswordConfirmation } from '../confirm-password.ts'
import { createLink, findLink, languageOf, LinkUnavailable, type RecoveryServices } from './mailed-links.ts'

export type EmailChangeServices = RecoveryServices & {
  /** Called when sessions have ended: back-channel logout is queued for them. */
  onSessionsEnded: () => void
}

/** The account whose address changes. */
export interface ChangingUser {
  id: string
  /** The home organisation. */
  organisationId: string
  email: string
  locale: string | null
  organisation: string
}

export interface EmailChange {
  email: string
  /** The session that stays when the others end. */
  sessionId: string | undefined
  acceptLanguage: string | undefined
}

/**
 * Mails a link to the new address of a user. Until it is confirmed, the account has the former address. Whether another account
 * has the new address is found out then. Throws `Conflict` where the server sends no mail, `InvalidInput` for the present
 * address, and `TooManyRequests`.
 */
export async function queueEmailChange(
  services: RecoveryServices,
  user: ChangingUser,
  { email, sessionId, acceptLanguage }: EmailChange,
  event: AuditEvent,
): Promise<void> {
  const { mailer, accountRecovery } = services
  if (!mailer.isEnabled) throw new Conflict('The server sends no mail, so that the address cannot be confirmed.')
  if (toEmailKey(email) === toEmailKey(user.email)) throw invalid('email', 'must be another address')
  await mailer.admit({ recipient: email, organisationId: user.organisationId })
  const context = sessionId === undefined ? { email } : { email, sessionId }
  const { code, link } = createLink(services, 'email_change', { ...user, email }, { context })
  const mail = mailer.compose({
    template: 'email_change',
    organisationId: user.organisationId,
    userId: user.id,
    recipient: email,
    language: languageOf(user, acceptLanguage),
    parameters: { organisation: user.organisation, link },
    usableUntil: code.expiresAt,
  })
  await accountRecovery.request({ code: { ...code, codeHash: undefined }, mail }, event)
  mailer.flush()
}

export interface OwnEmailChange extends EmailChange {
  userId: string
  organisationId: string
  currentPassword: string
  requestMetadata: RequestMetadata
  /** Aborted when the client disconnects. */
  signal: AbortSignal
}

/** The same for the user themselves, who enters the password again. False if the user does not exist any more. */
export async function requestEmailChange(
  services: RecoveryServices & PasswordConfirmation & { users: Pick<UserRepository, 'findProfile'> },
  { userId, organisationId, currentPassword, requestMetadata, signal, ...change }: OwnEmailChange,
): Promise<boolean> {
  const { clock, users } = services
  const profile = await users.findProfile({ id: userId, organisationId }, clock.now())
  if (!profile) return false
  const { user, organisation } = profile
  const facts = { organisationId, userId, requestMetadata, resource: { type: 'user', id: userId } }
  const confirmed = await confirmPassword(
    services,
    { userId, email: user.email, password: currentPassword, signal },
    () => createAuditEvent(clock, 'user.email_change.failed', facts),
  )
  if (confirmed === undefined) throw invalid('currentPassword', 'is not correct')
  const event = createAuditEvent(clock, 'user.email_change.requested', {
    ...facts,
    changes: fieldChanges({ email: user.email }, { email: change.email }),
  })
  await queueEmailChange(services, { ...user, organisation: organisation.name }, change, event)
  return true
}

/** Another account has the address by now. */
export class EmailAddressTaken extends Conflict {
  override readonly name = 'EmailAddressTaken'

  constructor() {
    super('Another account has this e-mail address.')
  }
}

/**
 * Gives the account the address that the link was sent to, which is verified by it. Sessions end, except that of the request,
 * and the former address gets a mail with a link that undoes the change. Throws `LinkUnavailable` and `EmailAddressTaken`.
 */
export async function confirmEmailChange(
  services: EmailChangeServices,
  token: string,
  requestMetadata: RequestMetadata,
): Promise<string> {
  const { accountRecovery, mailer } = services
  const { id, userId, organisationId, context, user, organisation } = await findLink(services, 'email_change', token)
  const { email = '', sessionId } = context
  const undo = createLink(
    services,
    'email_undo',
    { id: userId, organisationId, email: user.email },
    { context: { email: user.email } },
  )
  const mail = mailer.compose({
    template: 'email_changed',
    organisationId,
    userId,
    recipient: user.email,
    language: languageOf(user, undefined),
    parameters: { organisation: organisation.name, email, link: undo.link },
    usableUntil: undo.code.expiresAt,
  })
  const event = emailEvent(
    services,
    'user.email_changed',
    { userId, organisationId, requestMetadata },
    user.email,
    email,
  )
  const change = { id, userId, organisationId, email, emailKey: toEmailKey(email), sessionId }
  const notice = { code: { ...undo.code, codeHash: undefined }, mail }
  const outcome = await accountRecovery.changeEmail(change, notice, event)
  if (outcome === 'email_taken') throw new EmailAddressTaken()
  if (outcome === 'unavailable') throw new LinkUnavailable()
  mailer.flush()
  services.onSessionsEnded()
  return email
}

/**
 * Gives the account its former address, for the holder of the link that was mailed there, and closes it to others: the password
 * stops working, and sessions, grants and API keys end. Returns the token with which the user chooses a password. Throws
 * `LinkUnavailable` and `EmailAddressTaken`.
 */
export async function undoEmailChange(
  services: EmailChangeServices,
  token: string,
  requestMetadata: RequestMetadata,
): Promise<string> {
  const { id, userId, organisationId, context, user } = await findLink(services, 'email_undo', token)
  const { email = '' } = context
  const next = createLink(services, 'password_reset', { id: userId, organisationId, email })
  const event = emailEvent(
    services,
    'user.email_change.undone',
    { userId, organisationId, requestMetadata },
    user.email,
    email,
  )
  const change = { id, userId, organisationId, email, emailKey: toEmailKey(email), sessionId: undefined }
  const outcome = await services.accountRecovery.undoEmailChange(change, next.code, event)
  if (outcome === 'email_taken') throw new EmailAddressTaken()
  if (outcome === 'unavailable') throw new LinkUnavailable()
  services.onSessionsEnded()
  return next.token
}

function emailEvent(
  { clock }: RecoveryServices,
  type: 'user.email_changed' | 'user.email_change.undone',
  facts: { userId: string; organisationId: string; requestMetadata: RequestMetadata },
  from: string,
  to: string,
): AuditEvent {
  return createAuditEvent(clock, type, {
    ...facts,
    resource: { type: 'user', id: facts.userId },
    changes: fieldChanges({ email: from }, { email: to }),
  })
}

function invalid(member: string, message: string): InvalidInput {
  return new InvalidInput([{ path: [member], code: 'custom', message }])
}
