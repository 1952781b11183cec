// `users` owns what administrators do to the users of their organisation, apart from HTTP.
// Each function gets the context of the caller, checks what the caller may do, and records an audit event.
// A caller who could take over an account would gain its permissions: a change of a user needs all of them.
// The routes belong to `admin/users`. What users do for themselves belongs to `account`.

import { createAdminAuditEvent } from '../audit/admin-audit-event.ts'
import type { AuditEventType } from '../audit/catalogue.ts'
import type { Clock } from '../lib/time/clock.ts'
import type { AuditChange, AuditEvent } from '../model/audit/audit-event.ts'
import type { RoleAssignmentRepository } from '../model/permissions/role-assignment.ts'
import { isSignedIn, type AdminContext } from '../model/permissions/permission.ts'
import type { DirectoryUser, EndedAccess, UserChangeRefusal, UserDirectory } from '../model/users/user-directory.ts'
import { assertHoldsAssignments } from './held-assignments.ts'
import { LastOwner, LastOwnerElsewhere, UserNotFound } from './errors.ts'

/** What the functions of this folder work with; each names the part that it needs. */
export interface UserManagement {
  userDirectory: UserDirectory
  roleAssignments: RoleAssignmentRepository
  clock: Clock
  /** Hashes a password. */
  hashPassword: (password: string) => Promise<string>
  /** Why the organisation of the user does not accept a password; empty where it does. */
  passwordIssues: (password: string, about: { email: string; organisationId: string }) => Promise<readonly string[]>
  /** Called when sessions have ended: back-channel logout is queued for them. */
  onSessionsEnded: () => void
}

export type UserFinder = Pick<UserManagement, 'userDirectory' | 'clock'>

/** For changes of a user, which need all of the user's permissions. */
export type UserChanger = UserFinder & Pick<UserManagement, 'roleAssignments'>

/** For acts that end sessions. */
export type AccessWithdrawal = UserChanger & Pick<UserManagement, 'onSessionsEnded'>

/** The user of the caller's organisation, or of its teams, unless deleted. Throws `UserNotFound`. */
export async function findUser(services: UserFinder, context: AdminContext, id: string): Promise<DirectoryUser> {
  const user = await services.userDirectory.find(
    { id, organisationId: context.organisationId },
    { now: services.clock.now(), teamIds: context.limitedToTeams },
  )
  if (!user || user.deletedAt !== null) throw new UserNotFound()
  return user
}

/**
 * The same for a change: the caller must hold every permission of the user. Throws `PermissionEscalation`. Callers may
 * change their own account when they are signed in.
 */
export async function findUserToChange(
  services: UserChanger,
  context: AdminContext,
  id: string,
): Promise<DirectoryUser> {
  const user = await findUser(services, context, id)
  await assertMayChange(services, context, user)
  return user
}

/** Throws `PermissionEscalation` where the user has a permission that the caller lacks. */
export async function assertMayChange(
  { roleAssignments, clock }: UserChanger,
  context: AdminContext,
  user: Pick<DirectoryUser, 'id' | 'organisationId'>,
): Promise<void> {
  if (user.id === context.userId && isSignedIn(context)) return
  assertHoldsAssignments(context, await roleAssignments.listForUser(user), clock.now(), 'The user has')
}

/** The audit event of what the caller does to a user. */
export function userEvent(
  { clock }: Pick<UserManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id }: Pick<DirectoryUser, 'id'>,
  metadata: Readonly<Record<string, unknown>> = {},
  changes?: readonly AuditChange[],
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, { resource: { type: 'user', id }, metadata, changes })
}

/** What an act ended, whose sessions are announced. Throws `UserNotFound`, `LastOwner` or `LastOwnerElsewhere` where the act was refused. */
export function endedAccess(
  { onSessionsEnded }: Pick<UserManagement, 'onSessionsEnded'>,
  outcome: EndedAccess | UserChangeRefusal,
): EndedAccess {
  if (outcome === 'not_found') throw new UserNotFound()
  if (outcome === 'last_owner') throw new LastOwner()
  if (outcome === 'last_owner_elsewhere') throw new LastOwnerElsewhere()
  if (outcome.sessions > 0) onSessionsEnded()
  return outcome
}
