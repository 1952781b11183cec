import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { isThumbprint } from '../../oauth/sender-constraint.ts'

/** The key that the code will be bound to (RFC 9449 §10), or undefined for none. */
export function checkDpopJkt(parameters: Parameters): string | undefined {
  const thumbprint = parameters.get('dpop_jkt')
  if (thumbprint === undefined || isThumbprint(thumbprint)) return thumbprint
  throw new OAuthError('invalid_request', 'dpop_jkt must be the SHA-256 thumbprint of a key: 43 characters (RFC 7638).')
}
