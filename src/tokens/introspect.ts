import { epochSeconds } from '../lib/clock.ts'
import type { Subjects } from '../clients/subject.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { RefreshFamilyRepository } from '../model/refresh-family.ts'
import { formatScope } from '../oauth/scope.ts'
import { tokenTypeOf } from '../oauth/sender.ts'
import type { Clock } from '../lib/clock.ts'
import type { LiveAccessToken } from './access-token.ts'
import type { RefreshTokenCodec } from './refresh-token.ts'

export interface IntrospectOptions {
  subjects: Subjects
  issuer: string
  clock: Clock
  codec: RefreshTokenCodec
  refreshFamilies: Pick<RefreshFamilyRepository, 'inspect'>
  findLive: (token: string) => Promise<LiveAccessToken<{ email: string }> | undefined>
}

/**
 * What a token is worth now (RFC 7662 §2.2). Of a token that does not work, or that belongs to another organisation than
 * the caller's, nothing is said but that. A refresh token is only for the client that holds it.
 */
export async function introspect(
  token: string,
  caller: RegisteredClient,
  { issuer, clock, codec, refreshFamilies, findLive, subjects }: IntrospectOptions,
): Promise<Record<string, unknown>> {
  const proof = codec.decode(token)
  if (proof) {
    const family = await refreshFamilies.inspect(proof, clock.now())
    if (!family?.active || family.clientId !== caller.id) return INACTIVE
    return {
      active: true,
      scope: formatScope(family.grant.scopes),
      client_id: caller.clientId,
      username: family.email,
      token_type: 'refresh_token',
      exp: epochSeconds(family.expiresAt),
      iat: epochSeconds(family.grant.createdAt),
      sub: subjects(caller, family.grant.userId),
      iss: issuer,
    }
  }
  const live = await findLive(token)
  if (!live || live.token.organisationId !== caller.organisationId) return INACTIVE
  return {
    active: true,
    ...live.token.claims,
    ...(live.person && { username: live.person.email }),
    token_type: tokenTypeOf(live.token.sender),
  }
}

const INACTIVE = { active: false } as const
