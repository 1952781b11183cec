import { sha256 } from '../lib/secret.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/params.ts'
import { challengeOf, isCodeVerifier } from '../oauth/pkce.ts'
import { endedDescription } from './ended.ts'
import type { GrantType } from './grant-type.ts'
import { redeemCode, type RedeemCodeOptions, type Unredeemed } from './redeem-code.ts'

/** Exchanges a code (RFC 6749 §4.1.3) with the proof of RFC 7636 §4.5. A code presented again ends what it produced. */
export function authorizationCodeGrant(options: RedeemCodeOptions): GrantType {
  return {
    name: 'authorization_code',
    async redeem(form, client, sender, origin) {
      const presented = {
        codeHash: sha256(required(form, 'code')),
        redirectUri: form.get('redirect_uri'),
        codeChallenge: presentedChallenge(form),
      }
      const redeemed = await redeemCode(presented, client, sender, origin, options)
      if ('authorization' in redeemed) return redeemed.authorization
      throw new OAuthError('invalid_grant', describe(redeemed), { reason: `code ${redeemed.outcome}` })
    },
  }
}

/** The challenge that the verifier, if any, is the answer to. A verifier of the wrong form can be the answer to none. */
function presentedChallenge(form: Parameters): string | undefined {
  const verifier = form.get('code_verifier')
  if (verifier === undefined) return undefined
  if (!isCodeVerifier(verifier)) {
    throw new OAuthError(
      'invalid_grant',
      'invalid_code_verifier: code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.1).',
    )
  }
  return challengeOf(verifier)
}

function describe(redeemed: Unredeemed): string {
  switch (redeemed.outcome) {
    case 'unknown':
      return 'The authorization code is unknown, or was issued to another client.'
    case 'expired':
      return 'The authorization code has expired. Start the flow again.'
    case 'replayed':
      return 'The authorization code was already used. What was issued for it has been revoked. Start the flow again.'
    case 'ended':
      return endedDescription(redeemed.because)
    case 'mismatch':
      return MISMATCH[redeemed.of]
  }
}

const MISMATCH = {
  redirect_uri: 'redirect_uri is missing or differs from the one in the authorization request.',
  code_verifier: 'invalid_code_verifier: code_verifier does not match the code_challenge of the authorization request.',
  code_verifier_missing:
    'invalid_code_verifier: code_verifier is missing, but the authorization request had a code_challenge.',
  code_challenge_missing:
    'invalid_code_verifier: code_verifier is sent, but the authorization request had no code_challenge.',
  dpop_jkt:
    'The authorization request named a key in dpop_jkt, and the token request does not prove it (RFC 9449 section 10).',
} as const
