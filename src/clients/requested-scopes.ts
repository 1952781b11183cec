import type { RegisteredClient } from '../model/clients/client-cache.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseScope } from '../oauth/scope.ts'
import type { Parameters } from '../oauth/parameters.ts'

/**
 * The requested scopes (RFC 6749 §3.3), or `openid` if the request has none. Throws `invalid_scope` for a scope that is not
 * registered: dropping it silently would only show later, as a missing claim.
 */
export function resolveAuthorizationScopes(parameters: Parameters, client: RegisteredClient): string[] {
  const scopes = parseScope(parameters.get('scope') ?? 'openid')
  if (!scopes)
    throw new OAuthError('invalid_scope', "The parameter 'scope' is malformed: scopes are separated by single spaces.")
  const unregistered = scopes.filter((scope) => !client.scopes.includes(scope))
  if (unregistered.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `These scopes are not registered for this client: ${unregistered.join(' ').slice(0, 200)}. Registered: ${client.scopes.join(' ').slice(0, 200)}.`,
    )
  }
  return scopes
}
