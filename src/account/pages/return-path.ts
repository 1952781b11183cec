import type { Parameters } from '../../oauth/parameters.ts'

export const PASSKEYS_PAGE = '/account/passkeys'

const RETURN_PATHS = [PASSKEYS_PAGE] as const

/** The page of this server to which a sign-in without an application returns: `return_to`, if it is one of these. */
export function readReturnPath(parameters: Parameters): string | undefined {
  const path = parameters.get('return_to')
  return RETURN_PATHS.find((known) => known === path)
}
