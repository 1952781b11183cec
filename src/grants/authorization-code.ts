import { sha256 } from '../lib/crypto/hash.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { authorizationCodeRequest } from '../oauth/messages/token-request.ts'
import { computeS256Challenge, isCodeVerifier } from '../oauth/pkce.ts'
import { findTokenResources } from '../clients/resources/named-resources.ts'
import { describeInactiveGrant } from './grant-status.ts'
import type { GrantType } from './grant-type.ts'
import { RESOURCE_EXCEEDED, resourceExceeded } from './resource-exceeded.ts'
import { redeemCode, type RedeemCodeOptions, type CodeRejection } from './redeem-code.ts'

/** Exchanges a code (RFC 6749 §4.1.3) with its PKCE verifier (RFC 7636 §4.5). A replayed code revokes its grant. */
export function authorizationCodeGrant(options: RedeemCodeOptions): GrantType {
  return {
    name: 'authorization_code',
    issuesIdTokens: true,
    async redeem(form, client, senderConstraint, requestMetadata) {
      const message = parseMessage(authorizationCodeRequest, form)
      const presented = {
        named: await findTokenResources(form, client, options),
        codeHash: sha256(message.code),
        redirectUri: message.redirect_uri,
        codeChallenge: computePresentedChallenge(message.code_verifier),
      }
      const redeemed = await redeemCode(presented, client, senderConstraint, requestMetadata, options)
      if ('authorization' in redeemed) return redeemed.authorization
      if (redeemed.outcome === 'mismatch' && redeemed.mismatch === 'resource') throw resourceExceeded()
      throw new OAuthError('invalid_grant', describeRejection(redeemed), { reason: `code ${redeemed.outcome}` })
    },
  }
}

/** The S256 challenge of the verifier, if one is sent. Throws `invalid_grant` for a malformed verifier. */
function computePresentedChallenge(verifier: string | undefined): string | undefined {
  if (verifier === undefined) return undefined
  if (!isCodeVerifier(verifier)) {
    throw new OAuthError(
      'invalid_grant',
      "invalid_code_verifier: the parameter 'code_verifier' must have 43 to 128 of the characters A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.1).",
    )
  }
  return computeS256Challenge(verifier)
}

function describeRejection(rejection: CodeRejection): string {
  switch (rejection.outcome) {
    case 'unknown':
      return 'The authorization code is unknown, or was issued to another client.'
    case 'expired':
      return 'The authorization code has expired. Start the flow again.'
    case 'replayed':
      return 'The authorization code was already used. The tokens that were issued for it have been revoked. Start the flow again.'
    case 'grant_inactive':
      return describeInactiveGrant(rejection.reason)
    case 'mismatch':
      return MISMATCH_DESCRIPTIONS[rejection.mismatch]
  }
}

const MISMATCH_DESCRIPTIONS = {
  redirect_uri: "The parameter 'redirect_uri' is missing or differs from that of the authorization request.",
  code_verifier:
    "invalid_code_verifier: the parameter 'code_verifier' does not match the code_challenge of the authorization request.",
  code_verifier_missing:
    "invalid_code_verifier: the parameter 'code_verifier' is missing, but the authorization request had a code_challenge.",
  code_challenge_missing:
    "invalid_code_verifier: the parameter 'code_verifier' is not allowed, because the authorization request had no code_challenge.",
  resource: RESOURCE_EXCEEDED,
  dpop_jkt:
    'The token request must prove the key that the authorization request named in dpop_jkt (RFC 9449 section 10).',
} as const
