import { fieldChanges } from '../audit/field-changes.ts'
import { Conflict, PreconditionFailed } from '../lib/domain-error.ts'
import type { AuditChange } from '../model/audit/audit-event.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { DirectoryUser } from '../model/users/user-directory.ts'
import type { UserDetails } from '../model/users/user.ts'
import {
  attributeFields,
  findAttributeChanges,
  type AttributeReader,
  type GivenAttributes,
} from './attributes/attribute-values.ts'
import { completeDetails } from './details/complete-details.ts'
import { OwnAccount, userConflict, UserNotFound } from './errors.ts'
import {
  endedAccess,
  findUser,
  findUserToChange,
  userEvent,
  type AccessWithdrawal,
  type UserChanger,
} from './find-user.ts'

/** Whether the caller accepts that this is the user now (`If-Match`). */
export type AcceptsUser = (user: DirectoryUser) => boolean

/** Of several writers at once one succeeds in each round. */
const MAX_ATTEMPTS = 50

/** Throws `PreconditionFailed` where the caller does not accept the user as they are now. */
export async function requireAccepted(
  services: UserChanger,
  context: AdminContext,
  id: string,
  accepts: AcceptsUser,
): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
  if (accepts(user)) return user
  throw new PreconditionFailed('The user has changed since you read them: If-Match names another version.')
}

interface UserChange {
  details: UserDetails
  attributes?: GivenAttributes | undefined
}

/** Changes the details and attributes of a user. Throws `InvalidInput`, `Conflict` and `PreconditionFailed`. */
export async function updateUser(
  services: UserChanger & AttributeReader,
  context: AdminContext,
  id: string,
  change: UserChange,
  accepts: AcceptsUser,
): Promise<DirectoryUser> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const user = await requireAccepted(services, context, id, accepts)
    const updated = await updateVersion(services, context, user, change)
    if (updated) return updated
  }
  throw new Conflict('Other requests are changing the user at the same time. Try again.')
}

/** The changed user; undefined where another request has changed them since. */
async function updateVersion(
  services: UserChanger & AttributeReader,
  context: AdminContext,
  user: DirectoryUser,
  { details, attributes: given }: UserChange,
): Promise<DirectoryUser | undefined> {
  const attributes = await findAttributeChanges(services, context.organisationId, given, { isNew: false })
  const values = attributeFields(attributes, user.attributes)
  const fields = Object.entries({ ...details, ...values.after }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  )
  if (fields.length === 0) return user
  const completed = completeDetails(details, user)
  const changes = fieldChanges({ ...user, ...values.before }, { ...completed, ...values.after })
  const event = userEvent(services, context, 'user.updated', user, { fields }, changes)
  const outcome = await services.userDirectory.update(user, { details: completed, attributes }, event)
  if (outcome === 'not_found') throw new UserNotFound()
  if (outcome === 'stale') return undefined
  if (outcome !== 'updated') throw userConflict(outcome)
  return findUser(services, context, user.id)
}

/** Blocks a user: every session and everything issued to the user ends. Blocking again changes the reason. */
export async function blockUser(
  services: AccessWithdrawal,
  context: AdminContext,
  id: string,
  reason: string | null,
): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
  if (user.id === context.userId) throw new OwnAccount('block')
  const event = userEvent(
    services,
    context,
    'user.blocked',
    user,
    { reason },
    fieldChanges(user, { blockedAt: user.blockedAt ?? services.clock.now(), blockedReason: reason }),
  )
  endedAccess(services, await services.userDirectory.block(user, reason, event))
  return findUser(services, context, id)
}

/**
 * Suspends the membership of a user: their sessions in the organisation and everything issued to them in it end. Suspending
 * again changes the reason.
 */
export async function suspendUser(
  services: AccessWithdrawal,
  context: AdminContext,
  id: string,
  reason: string | null,
): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
  if (user.id === context.userId) throw new OwnAccount('suspend')
  const event = userEvent(
    services,
    context,
    'user.suspended',
    user,
    { reason },
    membershipChanges(user, { state: 'suspended', suspendedReason: reason }),
  )
  endedAccess(services, await services.userDirectory.suspend(user, reason, event))
  return findUser(services, context, id)
}

/** Makes a suspended membership active again. What ended with the suspension stays ended. */
export async function reactivateUser(services: UserChanger, context: AdminContext, id: string): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
  if (user.membership.state === 'active') return user
  const event = userEvent(
    services,
    context,
    'user.reactivated',
    user,
    {},
    membershipChanges(user, { state: 'active', suspendedReason: null }),
  )
  await services.userDirectory.reactivate(user, event)
  return findUser(services, context, id)
}

/** Lets a blocked user sign in again. What ended with the block stays ended. */
export async function unblockUser(services: UserChanger, context: AdminContext, id: string): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
  if (user.blockedAt === null) return user
  const event = userEvent(
    services,
    context,
    'user.unblocked',
    user,
    {},
    fieldChanges(user, { blockedAt: null, blockedReason: null }),
  )
  if ((await services.userDirectory.unblock(user, event)) === 'not_found') throw new UserNotFound()
  return findUser(services, context, id)
}

function membershipChanges({ membership }: DirectoryUser, next: Partial<DirectoryUser['membership']>): AuditChange[] {
  const named = (values: object) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [`membership.${name}`, value]))
  return fieldChanges(named(membership), named(next))
}
