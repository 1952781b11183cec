import { fieldChanges } from '../audit/field-changes.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { DirectoryUser } from '../model/users/user-directory.ts'
import { OwnAccount, userConflict, UserNotFound } from './errors.ts'
import {
  assertMayChange,
  endedAccess,
  findUser,
  findUserToChange,
  userEvent,
  type AccessWithdrawal,
  type UserChanger,
} from './find-user.ts'

/** Deletes a user, who can be restored until the retention period ends. Sessions and everything issued end at once. */
export async function deleteUser(services: AccessWithdrawal, context: AdminContext, id: string): Promise<void> {
  const user = await findUserToChange(services, context, id)
  if (user.id === context.userId) throw new OwnAccount('delete')
  const event = userEvent(
    services,
    context,
    'user.deleted',
    user,
    {},
    fieldChanges(user, { deletedAt: services.clock.now() }),
  )
  endedAccess(services, await services.userDirectory.delete(user, event))
}

/** Erases a user at once, deleted or not: no personal data stays, and the e-mail address is free. */
export async function eraseUser(services: AccessWithdrawal, context: AdminContext, id: string): Promise<void> {
  const user = await findDeletedOrNot(services, context, id)
  if (user.id === context.userId) throw new OwnAccount('erase')
  const event = userEvent(services, context, 'user.erased', user)
  endedAccess(services, await services.userDirectory.erase(user, event))
}

/** Restores a deleted user, with their roles. Throws `UserNotFound` if the user is not deleted, or erased. */
export async function restoreUser(services: UserChanger, context: AdminContext, id: string): Promise<DirectoryUser> {
  const user = await findDeletedOrNot(services, context, id)
  const event = userEvent(services, context, 'user.restored', user, {}, fieldChanges(user, { deletedAt: null }))
  const outcome = await services.userDirectory.restore(user, event)
  if (outcome === 'not_found') throw new UserNotFound()
  if (outcome !== 'restored') throw userConflict(outcome)
  return findUser(services, context, id)
}

async function findDeletedOrNot(services: UserChanger, context: AdminContext, id: string): Promise<DirectoryUser> {
  const user = await services.userDirectory.find(
    { id, organisationId: context.organisationId },
    { now: services.clock.now() },
  )
  if (!user) throw new UserNotFound()
  await assertMayChange(services, context, user)
  return user
}
