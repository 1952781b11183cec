import type { RegisteredClient } from '../model/client.ts'
import type { SecurityEvent, EventOrigin } from '../model/security-event.ts'
import type { Clock } from '../lib/clock.ts'
import { securityEvent } from '../events/catalogue.ts'
import { OAuthError } from '../oauth/errors.ts'
import { isIdentityScope, parseScope } from '../oauth/scope.ts'
import type { Parameters } from '../oauth/params.ts'
import type { GrantType } from './grant-type.ts'

export interface ClientCredentialsOptions {
  clock: Clock
  record: (event: SecurityEvent) => Promise<void>
}

/** Tokens for the client itself (RFC 6749 §4.4): confidential clients only, no refresh token, no scopes about people. */
export function clientCredentialsGrant({ clock, record }: ClientCredentialsOptions): GrantType {
  return {
    name: 'client_credentials',
    async redeem(form, client, sender, origin) {
      if (client.clientType === 'public') {
        throw new OAuthError('unauthorized_client', 'client_credentials is for confidential clients.')
      }
      const scopes = requestedScopes(form, client)
      if (client.organisation.auditTokens) await record(issued(client, origin))
      return { client, scopes, sender, person: undefined, refreshToken: undefined }
    },
  }

  function issued(client: RegisteredClient, origin: EventOrigin): SecurityEvent {
    return securityEvent(clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      origin,
      clientId: client.id,
      metadata: { grant_type: 'client_credentials' },
    })
  }
}

/** The scopes asked for, or all that the client holds that are not about people (RFC 6749 §3.3). */
function requestedScopes(form: Parameters, client: RegisteredClient): string[] {
  const text = form.get('scope')
  if (text === undefined) return client.scopes.filter((scope) => !isIdentityScope(scope))
  const scopes = parseScope(text)
  if (!scopes) throw new OAuthError('invalid_scope', 'The scope is malformed.')
  const personal = scopes.filter(isIdentityScope)
  if (personal.length > 0) {
    throw new OAuthError('invalid_scope', `These scopes are about a person, and there is none: ${personal.join(' ')}.`)
  }
  const foreign = scopes.filter((scope) => !client.scopes.includes(scope))
  if (foreign.length > 0) {
    throw new OAuthError('invalid_scope', `These scopes are not registered for the client: ${foreign.join(' ')}.`)
  }
  return scopes
}
