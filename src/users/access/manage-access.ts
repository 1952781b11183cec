// `users/access` owns what administrators see and end of the access of a user: sessions, grants, consents, ways to sign in.

import { secretChange } from '../../audit/field-changes.ts'
import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { Conflict, NotFound } from '../../lib/domain-error.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { PasskeyRepository } from '../../model/passkeys/passkey.ts'
import type { SessionRepository } from '../../model/sessions/session.ts'
import type { UserAccessRepository } from '../../model/users/user-access.ts'
import type { EndedAccess } from '../../model/users/user-directory.ts'
import {
  endedAccess,
  findUser,
  findUserToChange,
  userEvent,
  type AccessWithdrawal,
  type UserFinder,
} from '../find-user.ts'

export interface UserAccessServices extends AccessWithdrawal {
  userAccess: UserAccessRepository
  passkeys: Pick<PasskeyRepository, 'list' | 'remove'>
  sessions: Pick<SessionRepository, 'list' | 'end'>
}

interface Page {
  limit: number
  offset: number
}

/** Ends one session of a user, with its grants except those for offline access. Throws `NotFound`. */
export async function endUserSession(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
  sessionId: string,
): Promise<void> {
  const user = await findUserToChange(services, context, id)
  const resource = { type: 'session', id: sessionId }
  const facts = { resource, metadata: { by: 'administrator', userId: user.id } }
  const event = createAdminAuditEvent(context, services.clock, 'user.session_ended', facts)
  const session = { id: sessionId, userId: user.id, organisationId: user.organisationId }
  if (!(await services.sessions.end(session, event.occurredAt, event))) {
    throw new NotFound('The user has no such session.')
  }
  services.onSessionsEnded()
}

export async function listUserGrants(
  services: UserFinder & Pick<UserAccessServices, 'userAccess'>,
  context: AdminContext,
  id: string,
  page: Page,
) {
  const user = await findUser(services, context, id)
  return services.userAccess.listGrants(user, services.clock.now(), page)
}

/** Revokes one grant of a user, with its codes and tokens. Throws `NotFound`. */
export async function revokeUserGrant(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
  grantId: string,
): Promise<void> {
  const user = await findUserToChange(services, context, id)
  const facts = { resource: { type: 'grant', id: grantId }, metadata: { by: 'administrator', userId: user.id } }
  const event = createAdminAuditEvent(context, services.clock, 'oauth2.grant_revoked', facts)
  if (!(await services.userAccess.revokeGrant(user, grantId, event))) throw new NotFound('The user has no such grant.')
}

/** Revokes all grants of a user. The sessions stay. Returns the number. */
export async function revokeUserGrants(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
): Promise<number> {
  const user = await findUserToChange(services, context, id)
  return services.userAccess.revokeGrants(user, userEvent(services, context, 'user.grants_revoked', user))
}

export async function listUserConsents(
  services: UserFinder & Pick<UserAccessServices, 'userAccess'>,
  context: AdminContext,
  id: string,
  page: Page,
) {
  return services.userAccess.listConsents(await findUser(services, context, id), page)
}

/** Revokes the consent of a user to a client, with the grants to it. Throws `NotFound`. */
export async function revokeUserConsent(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
  client: string,
): Promise<void> {
  const user = await findUserToChange(services, context, id)
  const event = userEvent(services, context, 'oauth2.consent.revoked', user, { by: 'administrator', client })
  if (!(await services.userAccess.revokeConsent(user, client, event))) {
    throw new NotFound('The user has given no consent to this client.')
  }
}

/** Revokes all consents of a user, with the grants that depend on them. Returns the number. */
export async function revokeUserConsents(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
): Promise<number> {
  const user = await findUserToChange(services, context, id)
  return services.userAccess.revokeConsents(user, userEvent(services, context, 'user.consents_revoked', user))
}

/** Removes the password of a user, and ends their sessions and everything issued to them. Throws `Conflict`. */
export async function removeUserPassword(
  services: UserAccessServices,
  context: AdminContext,
  id: string,
): Promise<EndedAccess> {
  const user = await findUserToChange(services, context, id)
  const event = userEvent(services, context, 'user.password_removed', user, {}, [secretChange('password')])
  const outcome = await services.userAccess.removePassword(user, event)
  if (outcome === 'no_password') throw new Conflict('The user has no password.')
  return endedAccess(services, outcome)
}
