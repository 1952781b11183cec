import type { Clock } from '../lib/clock.ts'
import type { AccessTokenRepository } from '../model/access-token.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { RefreshFamilyRepository } from '../model/refresh-family.ts'
import type { EventOrigin } from '../model/security-event.ts'
import { securityEvent } from '../events/catalogue.ts'
import { readAccessToken, type ReadOptions } from './access-token.ts'
import type { RefreshTokenCodec } from './refresh-token.ts'

export interface RevokeOptions extends ReadOptions {
  clock: Clock
  codec: RefreshTokenCodec
  refreshFamilies: Pick<RefreshFamilyRepository, 'revoke'>
  accessTokens: Pick<AccessTokenRepository, 'revoke'>
}

/**
 * Revokes a token of this client (RFC 7009 §2.1). A refresh token, of any generation, takes its whole grant with it; an
 * access token goes alone. A token that is unknown or another client's is left alone without a word (§2.2).
 */
export async function revokeToken(
  token: string,
  client: RegisteredClient,
  origin: EventOrigin,
  options: RevokeOptions,
): Promise<void> {
  const { clock, codec, refreshFamilies, accessTokens } = options
  const proof = codec.decode(token)
  if (proof) {
    const event = securityEvent(clock, 'oauth2.grant_revoked', {
      organisationId: client.organisationId,
      origin,
      clientId: client.id,
    })
    return refreshFamilies.revoke(proof, client, event)
  }
  const read = await readAccessToken(token, options)
  if (read?.clientId !== client.clientId || read.organisationId !== client.organisationId) return
  const event = securityEvent(clock, 'oauth2.token_revoked', {
    organisationId: client.organisationId,
    origin,
    clientId: client.id,
    resource: { type: 'access_token', id: read.jti },
    metadata: { sub: read.subject },
  })
  await accessTokens.revoke(read, event)
}
