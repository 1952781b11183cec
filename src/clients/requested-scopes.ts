import type { RegisteredClient } from '../model/clients/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseScope } from '../oauth/scope.ts'
import type { Parameters } from '../oauth/parameters.ts'

/**
 * The scopes asked for (RFC 6749 §3.3), `openid` where none are. A scope that the client did not register is refused by
 * name: dropping it silently shows much later, as a claim that is missing.
 */
export function requestedScopes(parameters: Parameters, client: RegisteredClient): string[] {
  const scopes = parseScope(parameters.get('scope') ?? 'openid')
  if (!scopes) throw new OAuthError('invalid_scope', 'The scope is malformed: scopes are separated by single spaces.')
  const unregistered = scopes.filter((scope) => !client.scopes.includes(scope))
  if (unregistered.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `Not registered for this client: ${unregistered.join(' ').slice(0, 200)}. Registered: ${client.scopes.join(' ').slice(0, 200)}.`,
    )
  }
  return scopes
}
