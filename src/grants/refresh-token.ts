import { uuidv7 } from '../lib/random.ts'
import type { RefreshFamilyRepository } from '../model/refresh-family.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/params.ts'
import { parseScope } from '../oauth/scope.ts'
import { proofsOf } from '../oauth/sender.ts'
import type { RefreshTokenCodec } from '../tokens/refresh-token.ts'
import { endCompromised, type CompromisedGrantOptions } from './compromised.ts'
import { endedDescription } from './ended.ts'
import type { GrantType } from './grant-type.ts'

export interface RefreshTokenOptions extends CompromisedGrantOptions {
  codec: RefreshTokenCodec
  refreshFamilies: Pick<RefreshFamilyRepository, 'rotate'>
}

/**
 * Rotates a refresh token (RFC 6749 §6, RFC 9700 §4.14.2). A token that was replaced longer ago than the client's reuse
 * window ends the grant: somebody else has it.
 */
export function refreshTokenGrant(options: RefreshTokenOptions): GrantType {
  const { clock, codec, refreshFamilies } = options
  return {
    name: 'refresh_token',
    async redeem(form, client, sender, origin) {
      const proof = codec.decode(required(form, 'refresh_token'))
      if (!proof) throw new OAuthError('invalid_grant', UNKNOWN)
      const scopes = requestedScopes(form)
      const now = clock.now()
      const rotated = await refreshFamilies.rotate({
        ...proof,
        clientId: client.id,
        organisationId: client.organisationId,
        reuseWindow: client.refreshTokenReuseWindow,
        scopes,
        proofs: proofsOf(sender),
        eventId: client.organisation.auditTokens ? uuidv7(now) : undefined,
        now,
      })
      switch (rotated.outcome) {
        case 'rotated':
        case 'retried': {
          const { grant, subject, generation, seed } = rotated
          return {
            client,
            scopes: scopes ?? grant.scopes,
            sender,
            person: { grant, subject, nonce: undefined },
            refreshToken: codec.encode(proof.familyId, generation, seed),
          }
        }
        case 'excessive':
          throw new OAuthError('invalid_scope', `The scope exceeds what was granted: ${rotated.granted.join(' ')}.`)
        case 'reused': {
          await endCompromised(rotated.grant, 'refresh_token_reused', origin, options)
          throw new OAuthError('invalid_grant', REUSED, { reason: 'refresh token reused' })
        }
        case 'unproven':
          throw new OAuthError('invalid_grant', UNPROVEN)
        case 'unknown':
          throw new OAuthError('invalid_grant', UNKNOWN)
        case 'expired':
          throw new OAuthError('invalid_grant', 'The refresh token has expired. Start the flow again.')
        case 'ended':
          throw new OAuthError('invalid_grant', endedDescription(rotated.because))
      }
    },
  }
}

const UNKNOWN = 'The refresh token is unknown, malformed, or was issued to another client.'
const UNPROVEN =
  'The refresh token is bound to a certificate or a key, and this is another (RFC 8705 section 4, RFC 9449 section 5).'
const REUSED =
  'The refresh token was already replaced. As somebody else may hold it, the authorization was revoked. Start the flow again.'

/** The scopes asked for, or undefined for all that were granted (RFC 6749 §6). */
function requestedScopes(form: Parameters): readonly string[] | undefined {
  const text = form.get('scope')
  if (text === undefined) return undefined
  const scopes = parseScope(text)
  if (!scopes) throw new OAuthError('invalid_scope', 'The scope is malformed.')
  return scopes
}
