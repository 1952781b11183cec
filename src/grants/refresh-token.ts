import { keepsRefreshTokens } from '../clients/settings/profiles.ts'
import { uuidv7 } from '../lib/crypto/random.ts'
import type { RefreshTokenFamilyRepository } from '../model/grants/refresh-token-family.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { refreshTokenRequest } from '../oauth/messages/token-request.ts'
import { parseScope } from '../oauth/scope.ts'
import { toBindings } from '../oauth/sender-constraint.ts'
import { tokenAccessReads } from '../tokens/released-claims/access-reads.ts'
import type { RefreshTokenCodec } from '../tokens/refresh-token.ts'
import { revokeReplayedGrant, type RevokeReplayedGrantOptions } from './revoke-replayed-grant.ts'
import { findTokenResources } from '../clients/resources/named-resources.ts'
import { grantedTarget, type GrantedTargetOptions } from './granted-target.ts'
import { resourceExceeded } from './resource-exceeded.ts'
import { describeInactiveGrant } from './grant-status.ts'
import type { GrantType } from './grant-type.ts'

export interface RefreshTokenGrantOptions extends RevokeReplayedGrantOptions, GrantedTargetOptions {
  refreshTokenCodec: RefreshTokenCodec
  refreshTokenFamilies: Pick<RefreshTokenFamilyRepository, 'rotate'>
}

/**
 * Rotates a refresh token (RFC 6749 §6, RFC 9700 §4.14.2). A token that was replaced before the client's grace period
 * revokes the grant, because it may be stolen. Under some profiles the token of a confidential client stays the same.
 */
export function refreshTokenGrant(options: RefreshTokenGrantOptions): GrantType {
  const { clock, refreshTokenCodec, refreshTokenFamilies } = options
  return {
    name: 'refresh_token',
    issuesIdTokens: true,
    async redeem(form, client, senderConstraint, requestMetadata) {
      const message = parseMessage(refreshTokenRequest, form)
      const proof = refreshTokenCodec.decode(message.refresh_token)
      if (!proof) throw new OAuthError('invalid_grant', UNKNOWN_TOKEN)
      const scopes = parseRequestedScopes(message.scope)
      const named = await findTokenResources(form, client, options)
      const now = clock.now()
      const rotation = await refreshTokenFamilies.rotate({
        ...proof,
        clientId: client.id,
        organisationId: client.organisationId,
        keepsToken: keepsRefreshTokens(client),
        gracePeriodSeconds: client.refreshTokenReuseWindow,
        scopes,
        resources: named?.map(({ identifier }) => identifier),
        senderProofs: toBindings(senderConstraint),
        eventId: client.organisation.auditTokens ? uuidv7(now) : undefined,
        accessReads: tokenAccessReads(client, named),
        now,
      })
      switch (rotation.outcome) {
        case 'rotated':
        case 'replayed_in_grace_period': {
          const { grant, subject, generation, seed } = rotation
          const tokenScopes = scopes ?? grant.scopes
          const granted = await grantedTarget({ grant, subject, scopes: tokenScopes, named }, client, options)
          return {
            client,
            scopes: tokenScopes,
            target: granted.target,
            senderConstraint,
            userAuthorization: { grant, subject: granted.subject, nonce: undefined },
            refreshToken: refreshTokenCodec.encode(proof.familyId, generation, seed),
          }
        }
        case 'scope_exceeded':
          throw new OAuthError(
            'invalid_scope',
            `The parameter 'scope' exceeds the granted scopes: ${rotation.grantedScopes.join(' ')}.`,
          )
        case 'resource_exceeded':
          throw resourceExceeded()
        case 'replayed': {
          await revokeReplayedGrant(rotation.grant, 'refresh_token_reused', requestMetadata, options)
          throw new OAuthError('invalid_grant', REPLAYED_TOKEN, { reason: 'refresh token reused' })
        }
        case 'binding_mismatch':
          throw new OAuthError('invalid_grant', BINDING_MISMATCH)
        case 'unknown':
          throw new OAuthError('invalid_grant', UNKNOWN_TOKEN)
        case 'expired':
          throw new OAuthError('invalid_grant', 'The refresh token has expired. Start the flow again.')
        case 'grant_inactive':
          throw new OAuthError('invalid_grant', describeInactiveGrant(rotation.reason))
      }
    },
  }
}

const UNKNOWN_TOKEN = 'The refresh token is unknown, malformed, or was issued to another client.'
const BINDING_MISMATCH =
  'The refresh token is bound to another certificate or key than the request proves (RFC 8705 section 4, RFC 9449 section 5).'
const REPLAYED_TOKEN =
  'The refresh token was already replaced. The authorization was revoked, because the token may be stolen. Start the flow again.'

/** The requested scopes, or undefined for all granted scopes (RFC 6749 §6). */
function parseRequestedScopes(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined
  const scopes = parseScope(text)
  if (!scopes)
    throw new OAuthError('invalid_scope', "The parameter 'scope' is malformed: scopes are separated by single spaces.")
  return scopes
}
