import type { Signer } from '../../keys/signer.ts'
import { randomBytes } from '../../lib/crypto/random.ts'
import { Denied, InvalidInput } from '../../lib/domain-error.ts'
import { addSeconds, epochSeconds, type Clock } from '../../lib/time/clock.ts'
import type { ActiveApiKey, ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import { intersectPermissions } from '../../model/permissions/permission.ts'
import type { UserRepository } from '../../model/users/user.ts'
import { formatScope } from '../../oauth/scope.ts'

export const API_KEY_TOKEN_LIFETIME_SECONDS = 300

export interface ApiKeyTokenIssuance {
  issuer: string
  clock: Clock
  sign: Signer['sign']
  apiKeys: Pick<ApiKeyRepository, 'isAudience'>
  findProfile: UserRepository['findProfile']
}

export interface ApiKeyToken {
  token: string
  expiresAt: Date
  scopes: string[]
}

/**
 * Issues a JWT that an API reads instead of an API key: the `client_id` is the id of the key, the `sub` its user, and its
 * `scope` what the key may do now, at most `scopes`. It lives as long as the key, and at most five minutes. Undefined where
 * the user is not active. Throws `InvalidInput` for an audience that no client of the organisation has, and `Denied` where
 * no scope remains.
 */
export async function issueApiKeyToken(
  { issuer, clock, sign, apiKeys, findProfile }: ApiKeyTokenIssuance,
  { id, userId, organisationId, organisationSlug, scopes: keyScopes, expiresAt: keyExpiresAt }: ActiveApiKey,
  { audience, scopes: wanted = keyScopes }: { audience: string; scopes: readonly string[] | undefined },
): Promise<ApiKeyToken | undefined> {
  const now = clock.now()
  const profile = await findProfile({ id: userId, organisationId }, now)
  if (!profile) return undefined
  // This server reads the key itself.
  if (audience === issuer || !(await apiKeys.isAudience(organisationId, audience, now))) {
    const message = 'must be an audience of a client of the organisation'
    throw new InvalidInput([{ path: ['audience'], code: 'custom', message }])
  }
  const scopes = intersectPermissions(intersectPermissions(profile.permissions, keyScopes), wanted)
  if (scopes.length === 0) throw new Denied('The API key, or its user, has none of these scopes.')
  const latest = addSeconds(now, API_KEY_TOKEN_LIFETIME_SECONDS)
  const exp = epochSeconds(latest < keyExpiresAt ? latest : keyExpiresAt)
  const claims = {
    iss: issuer,
    sub: userId,
    aud: audience,
    client_id: id,
    iat: epochSeconds(now),
    exp,
    jti: randomBytes(16).toString('base64url'),
    scope: formatScope(scopes),
    org: organisationSlug,
    org_id: organisationId,
  }
  return { token: await sign(claims, 'ES256', 'token of an API key'), expiresAt: new Date(exp * 1000), scopes }
}
