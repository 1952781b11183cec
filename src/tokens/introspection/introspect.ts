// `tokens/introspection` owns the introspection endpoint's answer, as JSON and as a JWT.

import { epochSeconds } from '../../lib/time/clock.ts'
import type { SubjectResolver } from '../../clients/subject-identifier.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { RefreshTokenFamilyRepository } from '../../model/grants/refresh-token-family.ts'
import type { IntrospectionResponse } from '../../oauth/messages/introspection-response.ts'
import { formatScope } from '../../oauth/scope.ts'
import { tokenTypeOf } from '../../oauth/sender-constraint.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { ActiveAccessToken } from '../access-token.ts'
import type { findApiKeyToken } from './api-key-token.ts'
import type { RefreshTokenCodec } from '../refresh-token.ts'
import type { IntrospectedSubject } from './introspected-token.ts'

export interface IntrospectOptions {
  resolveSubject: SubjectResolver
  issuer: string
  clock: Clock
  refreshTokenCodec: RefreshTokenCodec
  refreshTokenFamilies: Pick<RefreshTokenFamilyRepository, 'inspect'>
  findIntrospectedToken: (token: string) => Promise<ActiveAccessToken<IntrospectedSubject> | undefined>
  findApiKeyToken: (token: string) => ReturnType<typeof findApiKeyToken>
}

/**
 * Introspects a token (RFC 7662 §2.2). For an inactive token, and for one of another organisation, the response contains
 * only `active: false`. A refresh token is active only for its own client.
 */
export async function introspect(
  token: string,
  caller: RegisteredClient,
  options: IntrospectOptions,
): Promise<IntrospectionResponse> {
  const { issuer, clock, refreshTokenCodec, refreshTokenFamilies, resolveSubject } = options
  const familyProof = refreshTokenCodec.decode(token)
  if (familyProof) {
    const family = await refreshTokenFamilies.inspect(familyProof, clock.now())
    if (!family?.active || family.clientId !== caller.id) return INACTIVE
    return {
      active: true,
      scope: formatScope(family.grant.scopes),
      client_id: caller.clientId,
      username: family.email,
      token_type: 'refresh_token',
      exp: epochSeconds(family.expiresAt),
      iat: epochSeconds(family.grant.createdAt),
      ...(family.grant.resources && { aud: family.grant.resources }),
      sub: resolveSubject(caller, family.grant.userId),
      iss: issuer,
    }
  }
  const activeToken = await options.findIntrospectedToken(token)
  if (!activeToken) {
    const claims = await options.findApiKeyToken(token)
    return claims?.org_id === caller.organisationId ? { active: true, ...claims, token_type: 'Bearer' } : INACTIVE
  }
  if (activeToken.token.organisationId !== caller.organisationId) return INACTIVE
  return {
    active: true,
    ...activeToken.token.claims,
    ...(activeToken.subject && { ...activeToken.subject.claims, username: activeToken.subject.email }),
    token_type: tokenTypeOf(activeToken.token.senderConstraint),
  }
}

const INACTIVE = { active: false } as const
