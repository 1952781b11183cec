import { addSeconds } from '../lib/time/clock.ts'
import { randomBytes, uuidv7 } from '../lib/crypto/random.ts'
import type {
  AuthorizationCodeRepository,
  CodeRedemption,
  CodeRedemptionResult,
} from '../model/grants/authorization-code.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { toBindings, type SenderConstraint } from '../oauth/sender-constraint.ts'
import type { NamedResources } from '../clients/resources/named-resources.ts'
import type { Authorization } from '../tokens/authorization.ts'
import { tokenAccessReads } from '../tokens/released-claims/access-reads.ts'
import type { RefreshTokenCodec } from '../tokens/refresh-token.ts'
import { grantedTarget, type GrantedTargetOptions } from './granted-target.ts'
import { revokeReplayedGrant, type RevokeReplayedGrantOptions } from './revoke-replayed-grant.ts'

export interface RedeemCodeOptions extends RevokeReplayedGrantOptions, GrantedTargetOptions {
  refreshTokenCodec: RefreshTokenCodec
  authorizationCodes: Pick<AuthorizationCodeRepository, 'redeem'>
}

/** Why a code was not redeemed. */
export type CodeRejection = Exclude<CodeRedemptionResult, { outcome: 'fresh' }>

/** Redeems a code and returns its authorization, or why it was rejected. A replayed code revokes its grant. */
export async function redeemCode(
  {
    named,
    ...presented
  }: Pick<CodeRedemption, 'codeHash' | 'redirectUri' | 'codeChallenge'> & { named: NamedResources },
  client: RegisteredClient,
  senderConstraint: SenderConstraint,
  requestMetadata: RequestMetadata,
  options: RedeemCodeOptions,
): Promise<{ authorization: Authorization } | CodeRejection> {
  const { clock, refreshTokenCodec, authorizationCodes } = options
  const now = clock.now()
  const family = client.grantTypes.includes('refresh_token')
    ? {
        id: uuidv7(now),
        seed: randomBytes(32),
        expiresAt: addSeconds(now, client.refreshTokenLifetime),
        // RFC 8705 §4: the refresh tokens of a public client are bound too, because it cannot authenticate.
        senderConstraints: client.clientType === 'public' ? toBindings(senderConstraint) : [],
      }
    : undefined
  const redeemed = await authorizationCodes.redeem({
    ...presented,
    resources: named?.map(({ identifier }) => identifier),
    dpopJkt: senderConstraint.jwkThumbprint,
    clientId: client.id,
    organisationId: client.organisationId,
    family,
    eventId: client.organisation.auditTokens ? uuidv7(now) : undefined,
    accessReads: tokenAccessReads(client, named),
    now,
  })
  if (redeemed.outcome !== 'fresh') {
    if (redeemed.outcome === 'replayed')
      await revokeReplayedGrant(redeemed.grant, 'code_replayed', requestMetadata, options)
    return redeemed
  }
  const { grant, subject, nonce } = redeemed
  const { scopes } = grant
  const granted = await grantedTarget({ grant, subject, scopes, named }, client, options)
  return {
    authorization: {
      client,
      scopes,
      target: granted.target,
      senderConstraint,
      userAuthorization: { grant, subject: granted.subject, nonce: nonce ?? undefined },
      refreshToken: family && refreshTokenCodec.encode(family.id, 0, family.seed),
    },
  }
}
