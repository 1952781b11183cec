import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { isThumbprint } from '../../oauth/sender-constraint.ts'

/** The thumbprint of the key that the code will be bound to (RFC 9449 §10), if any. */
export function checkDpopJkt(parameters: Parameters): string | undefined {
  const thumbprint = parameters.get('dpop_jkt')
  if (thumbprint === undefined || isThumbprint(thumbprint)) return thumbprint
  throw new OAuthError(
    'invalid_request',
    "The parameter 'dpop_jkt' must be the SHA-256 thumbprint of a key: 43 characters of base64url (RFC 7638).",
  )
}
