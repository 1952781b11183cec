import type { UserCredentials } from '../../model/users/user.ts'
import type { Parameters } from '../../oauth/parameters.ts'

export const PASSKEYS_PAGE = '/account/passkeys'

const INVITATION_PAGE = /^\/invitation\?token=[\w-]{1,100}$/

/** The page of this server to which a sign-in without an application returns: `return_to`, if it is one that may be named. */
export function readReturnPath(parameters: Parameters): string | undefined {
  const path = parameters.get('return_to')
  return path === PASSKEYS_PAGE || (path !== undefined && INVITATION_PAGE.test(path)) ? path : undefined
}

/**
 * The page that offers a passkey to a user who has just signed in with a password, before an authorization request continues.
 * Undefined for users who have one, and where the organisation offers none or none is possible.
 */
export function passkeyOfferUrl(
  { relyingParty }: { relyingParty: unknown },
  { mfaMethods, organisation }: UserCredentials,
  request: string | undefined,
): string | undefined {
  if (relyingParty === undefined || !organisation.offerPasskeys || mfaMethods.includes('passkey')) return undefined
  return `${PASSKEYS_PAGE}?${new URLSearchParams({ offer: 'true', ...(request !== undefined && { request }) })}`
}
