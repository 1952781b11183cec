import type { Clock } from '../lib/time/clock.ts'
import type { AccessTokenRepository } from '../model/grants/access-token.ts'
import type { RegisteredClient } from '../model/clients/client-cache.ts'
import type { RefreshTokenFamilyRepository } from '../model/grants/refresh-token-family.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import { readAccessToken, type AccessTokenReadOptions } from './access-token.ts'
import type { RefreshTokenCodec } from './refresh-token.ts'

export interface RevokeOptions extends AccessTokenReadOptions {
  clock: Clock
  refreshTokenCodec: RefreshTokenCodec
  refreshTokenFamilies: Pick<RefreshTokenFamilyRepository, 'revoke'>
  accessTokens: Pick<AccessTokenRepository, 'revoke'>
}

/**
 * Revokes a token of this client (RFC 7009 §2.1). A refresh token of any generation revokes its whole grant; an access token
 * is revoked alone. An unknown token or a token of another client is ignored without an error (§2.2).
 */
export async function revokeToken(
  token: string,
  client: RegisteredClient,
  requestMetadata: RequestMetadata,
  options: RevokeOptions,
): Promise<void> {
  const { clock, refreshTokenCodec, refreshTokenFamilies, accessTokens } = options
  const familyProof = refreshTokenCodec.decode(token)
  if (familyProof) {
    const event = createAuditEvent(clock, 'oauth2.grant_revoked', {
      organisationId: client.organisationId,
      requestMetadata,
      clientId: client.id,
    })
    return refreshTokenFamilies.revoke(familyProof, client, event)
  }
  const accessToken = await readAccessToken(token, options)
  if (accessToken?.clientId !== client.clientId || accessToken.organisationId !== client.organisationId) return
  const event = createAuditEvent(clock, 'oauth2.token_revoked', {
    organisationId: client.organisationId,
    requestMetadata,
    clientId: client.id,
    resource: { type: 'access_token', id: accessToken.jti },
    metadata: { sub: accessToken.subject },
  })
  await accessTokens.revoke(accessToken, event)
}
