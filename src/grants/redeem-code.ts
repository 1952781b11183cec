import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomBytes, uuidv7 } from '../lib/random.ts'
import type { AuthorizationCodeRepository, CodeRedemption, RedeemedCode } from '../model/authorization-code.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { EventOrigin } from '../model/security-event.ts'
import { proofsOf, type Sender } from '../oauth/sender.ts'
import type { Authorization } from '../tokens/authorization.ts'
import type { RefreshTokenCodec } from '../tokens/refresh-token.ts'
import { endCompromised, type CompromisedGrantOptions } from './compromised.ts'

export interface RedeemCodeOptions extends CompromisedGrantOptions {
  clock: Clock
  codec: RefreshTokenCodec
  authorizationCodes: Pick<AuthorizationCodeRepository, 'redeem'>
}

/** What a code was not good for. */
export type Unredeemed = Exclude<RedeemedCode, { outcome: 'fresh' }>

/** What the code was issued for, or why it is good for nothing. One that comes again ends what it produced. */
export async function redeemCode(
  presented: Pick<CodeRedemption, 'codeHash' | 'redirectUri' | 'codeChallenge'>,
  client: RegisteredClient,
  sender: Sender,
  origin: EventOrigin,
  options: RedeemCodeOptions,
): Promise<{ authorization: Authorization } | Unredeemed> {
  const { clock, codec, authorizationCodes } = options
  const now = clock.now()
  const family = client.grantTypes.includes('refresh_token')
    ? {
        id: uuidv7(now),
        seed: randomBytes(32),
        expiresAt: addSeconds(now, client.refreshTokenLifetime),
        // RFC 8705 §4: of a client that cannot authenticate, the refresh token is bound as well.
        boundTo: client.clientType === 'public' ? proofsOf(sender) : [],
      }
    : undefined
  const redeemed = await authorizationCodes.redeem({
    ...presented,
    dpopJkt: sender.key,
    clientId: client.id,
    organisationId: client.organisationId,
    family,
    eventId: client.organisation.auditTokens ? uuidv7(now) : undefined,
    now,
  })
  if (redeemed.outcome !== 'fresh') {
    if (redeemed.outcome === 'replayed') await endCompromised(redeemed.grant, 'code_replayed', origin, options)
    return redeemed
  }
  const { grant, subject, nonce } = redeemed
  return {
    authorization: {
      client,
      scopes: grant.scopes,
      sender,
      person: { grant, subject, nonce: nonce ?? undefined },
      refreshToken: family && codec.encode(family.id, 0, family.seed),
    },
  }
}
