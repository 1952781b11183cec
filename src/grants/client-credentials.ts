import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { AuditEvent, RequestMetadata } from '../model/audit/audit-event.ts'
import type { Clock } from '../lib/time/clock.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import { findTokenResources, type ResourceOptions } from '../clients/resources/named-resources.ts'
import { tokenTarget } from '../tokens/token-target.ts'
import { OAuthError } from '../oauth/errors.ts'
import { isIdentityScope, parseScope } from '../oauth/scope.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { clientCredentialsRequest } from '../oauth/messages/token-request.ts'
import type { GrantType } from './grant-type.ts'

export interface ClientCredentialsOptions extends ResourceOptions {
  clock: Clock
  record: (event: AuditEvent) => Promise<void>
}

/** Tokens for the client itself (RFC 6749 §4.4): confidential clients only, no refresh token, no identity scopes. */
export function clientCredentialsGrant(options: ClientCredentialsOptions): GrantType {
  const { clock, record, issuer } = options
  return {
    name: 'client_credentials',
    issuesIdTokens: false,
    async redeem(form, client, senderConstraint, requestMetadata) {
      if (client.clientType === 'public') {
        throw new OAuthError(
          'unauthorized_client',
          "The grant type 'client_credentials' requires a confidential client.",
        )
      }
      const resources = await findTokenResources(form, client, options)
      const text = parseMessage(clientCredentialsRequest, form).scope
      const scopes = resolveClientScopes(text, client)
      const target = tokenTarget(scopes, { resources, granted: null, issuer })
      const foreign = text === undefined || !target ? [] : scopes.filter((scope) => !target.scopes.includes(scope))
      if (foreign.length > 0) {
        throw new OAuthError('invalid_scope', `These scopes belong to no requested resource: ${foreign.join(' ')}.`)
      }
      if (client.organisation.auditTokens) await record(tokenIssuedEvent(client, requestMetadata))
      return { client, scopes, target, senderConstraint, userAuthorization: undefined, refreshToken: undefined }
    },
  }

  function tokenIssuedEvent(client: RegisteredClient, requestMetadata: RequestMetadata): AuditEvent {
    return createAuditEvent(clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      requestMetadata,
      clientId: client.id,
      metadata: { grant_type: 'client_credentials' },
    })
  }
}

/** The requested scopes, or all registered scopes except identity scopes (RFC 6749 §3.3). */
function resolveClientScopes(text: string | undefined, client: RegisteredClient): string[] {
  if (text === undefined) return client.scopes.filter((scope) => !isIdentityScope(scope))
  const scopes = parseScope(text)
  if (!scopes)
    throw new OAuthError('invalid_scope', "The parameter 'scope' is malformed: scopes are separated by single spaces.")
  const identityScopes = scopes.filter(isIdentityScope)
  if (identityScopes.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `These scopes are about a user, and client_credentials has no user: ${identityScopes.join(' ')}.`,
    )
  }
  const unregisteredScopes = scopes.filter((scope) => !client.scopes.includes(scope))
  if (unregisteredScopes.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `These scopes are not registered for this client: ${unregisteredScopes.join(' ')}.`,
    )
  }
  return scopes
}
