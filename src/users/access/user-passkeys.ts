import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { PasskeyRepository, Passkey } from '../../model/passkeys/passkey.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import { findUser, findUserToChange, type UserChanger, type UserFinder } from '../find-user.ts'

/** A way in which a user can sign in. */
export type SignInMethod = { type: 'password' } | { type: 'passkey'; passkey: Passkey }

/** The ways in which a user can sign in. */
export async function listSignInMethods(
  services: UserFinder & { passkeys: Pick<PasskeyRepository, 'list'> },
  context: AdminContext,
  id: string,
): Promise<SignInMethod[]> {
  const user = await findUser(services, context, id)
  const passkeys = await services.passkeys.list(user)
  return [
    ...(user.hasPassword ? [{ type: 'password' as const }] : []),
    ...passkeys.map((passkey) => ({ type: 'passkey' as const, passkey })),
  ]
}

/** Removes a passkey of a user, also the last way in. Sessions stay. Throws `NotFound`. */
export async function removeUserPasskey(
  services: UserChanger & { passkeys: Pick<PasskeyRepository, 'list' | 'remove'> },
  context: AdminContext,
  id: string,
  passkeyId: string,
): Promise<void> {
  const user = await findUserToChange(services, context, id)
  const passkey = (await services.passkeys.list(user)).find((each) => each.id === passkeyId)
  if (!passkey) throw noPasskey()
  const event = createAdminAuditEvent(context, services.clock, 'passkey.removed', {
    resource: { type: 'passkey', id: passkeyId },
    metadata: { by: 'administrator', userId: user.id, name: passkey.name },
  })
  const outcome = await services.passkeys.remove(passkey, { event, notice: undefined }, true)
  if (outcome !== 'removed') throw noPasskey()
}

const noPasskey = () => new NotFound('The user has no such passkey.')
