import { sha256 } from '../lib/hash.ts'
import { OAuthError } from '../oauth/errors.ts'
import { parseMessage } from '../oauth/messages/message.ts'
import { authorizationCodeRequest } from '../oauth/messages/token-request.ts'
import { computeS256Challenge, isCodeVerifier } from '../oauth/pkce.ts'
import { describeInactiveGrant } from './grant-status.ts'
import type { GrantType } from './grant-type.ts'
import { redeemCode, type RedeemCodeOptions, type CodeRejection } from './redeem-code.ts'

/** Exchanges a code (RFC 6749 §4.1.3) with the proof of RFC 7636 §4.5. A code presented again ends what it produced. */
export function authorizationCodeGrant(options: RedeemCodeOptions): GrantType {
  return {
    name: 'authorization_code',
    async redeem(form, client, senderConstraint, origin) {
      const message = parseMessage(authorizationCodeRequest, form)
      const presented = {
        codeHash: sha256(message.code),
        redirectUri: message.redirect_uri,
        codeChallenge: computePresentedChallenge(message.code_verifier),
      }
      const redeemed = await redeemCode(presented, client, senderConstraint, origin, options)
      if ('authorization' in redeemed) return redeemed.authorization
      throw new OAuthError('invalid_grant', describeRejection(redeemed), { reason: `code ${redeemed.outcome}` })
    },
  }
}

/** The challenge that the verifier, if any, is the answer to. A verifier of the wrong form can be the answer to none. */
function computePresentedChallenge(verifier: string | undefined): string | undefined {
  if (verifier === undefined) return undefined
  if (!isCodeVerifier(verifier)) {
    throw new OAuthError(
      'invalid_grant',
      'invalid_code_verifier: code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.1).',
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
      return 'The authorization code was already used. What was issued for it has been revoked. Start the flow again.'
    case 'grant_inactive':
      return describeInactiveGrant(rejection.reason)
    case 'mismatch':
      return MISMATCH_DESCRIPTIONS[rejection.mismatch]
  }
}

const MISMATCH_DESCRIPTIONS = {
  redirect_uri: 'redirect_uri is missing or differs from the one in the authorization request.',
  code_verifier: 'invalid_code_verifier: code_verifier does not match the code_challenge of the authorization request.',
  code_verifier_missing:
    'invalid_code_verifier: code_verifier is missing, but the authorization request had a code_challenge.',
  code_challenge_missing:
    'invalid_code_verifier: code_verifier is sent, but the authorization request had no code_challenge.',
  dpop_jkt:
    'The authorization request named a key in dpop_jkt, and the token request does not prove it (RFC 9449 section 10).',
} as const
