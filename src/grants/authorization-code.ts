import { addSeconds } from '../lib/clock.ts'
import { randomBytes, uuidv7 } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'
import type { AuthorizationCodeRepository, RedeemedCode } from '../model/authorization-code.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/params.ts'
import { challengeOf, isCodeVerifier } from '../oauth/pkce.ts'
import type { RefreshTokenCodec } from '../tokens/refresh-token.ts'
import { endCompromised, type CompromisedGrantOptions } from './compromised.ts'
import { endedDescription } from './ended.ts'
import type { GrantType } from './grant-type.ts'

export interface AuthorizationCodeOptions extends CompromisedGrantOptions {
  codec: RefreshTokenCodec
  authorizationCodes: Pick<AuthorizationCodeRepository, 'redeem'>
}

/** Exchanges a code (RFC 6749 §4.1.3) with the proof of RFC 7636 §4.5. A code presented again ends what it produced. */
export function authorizationCodeGrant(options: AuthorizationCodeOptions): GrantType {
  const { clock, codec, authorizationCodes } = options
  return {
    name: 'authorization_code',
    async redeem(form, client, origin) {
      const now = clock.now()
      const family = client.grantTypes.includes('refresh_token')
        ? { id: uuidv7(now), seed: randomBytes(32), expiresAt: addSeconds(now, client.refreshTokenLifetime) }
        : undefined
      const redeemed = await authorizationCodes.redeem({
        codeHash: sha256(required(form, 'code')),
        clientId: client.id,
        organisationId: client.organisationId,
        redirectUri: form.get('redirect_uri'),
        codeChallenge: presentedChallenge(form),
        family,
        eventId: client.organisation.auditTokens ? uuidv7(now) : undefined,
        now,
      })
      if (redeemed.outcome === 'fresh') {
        const { grant, subject, nonce } = redeemed
        return {
          client,
          scopes: grant.scopes,
          person: { grant, subject, nonce: nonce ?? undefined },
          refreshToken: family && codec.encode(family.id, 0, family.seed),
        }
      }
      if (redeemed.outcome === 'replayed') await endCompromised(redeemed.grant, 'code_replayed', origin, options)
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

function describe(redeemed: Exclude<RedeemedCode, { outcome: 'fresh' }>): string {
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
} as const
