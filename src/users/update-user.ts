import { fieldChanges } from '../audit/field-changes.ts'
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

/** Changes the details and attributes of a user. Throws `InvalidInput` and `Conflict`. */
export async function updateUser(
  services: UserChanger & AttributeReader,
  context: AdminContext,
  id: string,
  { details, attributes: given }: { details: UserDetails; attributes?: GivenAttributes | undefined },
): Promise<DirectoryUser> {
  const user = await findUserToChange(services, context, id)
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
  if (outcome !== 'updated') throw userConflict(outcome)
  return findUser(services, context, id)
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
