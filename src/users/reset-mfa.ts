import { Conflict } from '../lib/domain-error.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { EndedAccess } from '../model/users/user-directory.ts'
import { endedAccess, findUserToChange, userEvent, type AccessWithdrawal } from './find-user.ts'

/** Removes the second factors of a user, and ends everything that was issued to them. Throws `Conflict` if none exists. */
export async function resetUserMfa(
  services: AccessWithdrawal,
  context: AdminContext,
  id: string,
): Promise<EndedAccess> {
  const user = await findUserToChange(services, context, id)
  const changes = [{ field: 'mfaEnabled', from: true, to: false }]
  const event = userEvent(services, context, 'mfa.reset', user, {}, changes)
  const outcome = await services.userDirectory.removeSecondFactors(user, event)
  if (outcome === 'no_second_factor') throw new Conflict('The user has no second factor.')
  return endedAccess(services, outcome)
}
