import { invalidTarget } from '../clients/resources/named-resources.ts'
import type { OAuthError } from '../oauth/errors.ts'

export const RESOURCE_EXCEEDED =
  "The parameter 'resource' names a resource that the authorization request did not name."

/** RFC 8707 §2.2: a token request may name only resources that were granted. */
export function resourceExceeded(): OAuthError {
  return invalidTarget(RESOURCE_EXCEEDED)
}
