import type { RegisteredClient } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseScope } from '../oauth/scope.ts'
import type { Parameters } from '../oauth/params.ts'

/**
 * The scopes asked for (RFC 6749 §3.3), `openid` where none are. A scope that the client did not register is refused by
 * name: dropping it silently shows much later, as a claim that is missing.
 */
export function requestedScopes(parameters: Parameters, client: RegisteredClient): string[] {
  const scopes = parseScope(parameters.get('scope') ?? 'openid')
  if (!scopes) throw new OAuthError('invalid_scope', 'The scope is malformed: scopes are separated by single spaces.')
  const foreign = scopes.filter((scope) => !client.scopes.includes(scope))
  if (foreign.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `Not registered for this client: ${foreign.join(' ').slice(0, 200)}. Registered: ${client.scopes.join(' ').slice(0, 200)}.`,
    )
  }
  return scopes
}
