import type { Signer } from '../../keys/signer.ts'
import { randomBytes } from '../../lib/crypto/random.ts'
import { Denied, InvalidInput } from '../../lib/domain-error.ts'
import { addSeconds, epochSeconds, type Clock } from '../../lib/time/clock.ts'
import type { ActiveApiKey, ApiKeyRepository } from '../../model/api-keys/api-key.ts'
import { intersectPermissions } from '../../model/permissions/permission.ts'
import type { ServiceAccountRepository } from '../../model/service-accounts/service-account.ts'
import type { UserRepository } from '../../model/users/user.ts'
import { formatScope } from '../../oauth/scope.ts'

export const API_KEY_TOKEN_LIFETIME_SECONDS = 300

export interface ApiKeyTokenIssuance {
  issuer: string
  clock: Clock
  sign: Signer['sign']
  apiKeys: Pick<ApiKeyRepository, 'isAudience'>
  findProfile: UserRepository['findProfile']
  findServiceAccountPermissions: ServiceAccountRepository['findPermissions']
}

export interface ApiKeyToken {
  token: string
  expiresAt: Date
  scopes: string[]
}

/**
 * Issues a JWT that an API reads instead of an API key: the `client_id` is the id of the key, the `sub` that of its user or
 * service account, and its `scope` what the key may do now, at most `scopes`. It lives as long as the key, and at most five minutes. Undefined where
 * the owner is not active. Throws `InvalidInput` for an audience that no client of the organisation has, and `Denied` where
 * no scope remains.
 */
export async function issueApiKeyToken(
  services: ApiKeyTokenIssuance,
  apiKey: ActiveApiKey,
  { audience, scopes: wanted = apiKey.scopes }: { audience: string; scopes: readonly string[] | undefined },
): Promise<ApiKeyToken | undefined> {
  const { issuer, clock, sign, apiKeys } = services
  const { id, organisationId, organisationSlug, scopes: keyScopes, expiresAt: keyExpiresAt } = apiKey
  const now = clock.now()
  const owner = await findOwner(services, apiKey, now)
  if (!owner) return undefined
  // This server reads the key itself.
  if (audience === issuer || !(await apiKeys.isAudience(organisationId, audience, now))) {
    const message = 'must be an audience of a client of the organisation'
    throw new InvalidInput([{ path: ['audience'], code: 'custom', message }])
  }
  const scopes = intersectPermissions(intersectPermissions(owner.permissions, keyScopes), wanted)
  if (scopes.length === 0) throw new Denied('The API key, or its owner, has none of these scopes.')
  const latest = addSeconds(now, API_KEY_TOKEN_LIFETIME_SECONDS)
  const exp = epochSeconds(latest < keyExpiresAt ? latest : keyExpiresAt)
  const claims = {
    iss: issuer,
    sub: owner.id,
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

/** The active user or service account of a key, with its permissions. */
async function findOwner(
  { findProfile, findServiceAccountPermissions }: ApiKeyTokenIssuance,
  { userId, serviceAccountId, organisationId }: ActiveApiKey,
  now: Date,
): Promise<{ id: string; permissions: string[] } | undefined> {
  const id = userId ?? serviceAccountId
  if (id === null) return undefined
  const find = userId === null ? findServiceAccountPermissions : findProfile
  const held = await find({ id, organisationId }, now)
  return held && { id, permissions: held.permissions }
}
