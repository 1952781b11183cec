import type { SubjectResolver } from '../clients/subject-identifier.ts'
import { addSeconds, epochSeconds } from '../lib/time/clock.ts'
import { randomBytes } from '../lib/crypto/random.ts'
import { formatScope } from '../oauth/scope.ts'
import { toCnf } from '../oauth/sender-constraint.ts'
import type { Authorization } from './authorization.ts'

export interface TokenClaimOptions {
  issuer: string
  resolveSubject: SubjectResolver
}

/** The protocol's claims of an access token (RFC 9068 §2.2, RFC 7800 §3.1). `grant_id` is its grant; `org` and `org_id` are the organisation. */
export function accessTokenClaims(
  authorization: Authorization,
  { issuer, resolveSubject }: TokenClaimOptions,
  now: Date,
): Record<string, unknown> {
  const { client, senderConstraint, userAuthorization } = authorization
  const cnf = toCnf(senderConstraint)
  return {
    iss: issuer,
    sub: userAuthorization ? resolveSubject(client, userAuthorization.subject.userId) : client.clientId,
    aud: audienceOf(authorization, issuer),
    client_id: client.clientId,
    iat: epochSeconds(now),
    exp: epochSeconds(addSeconds(now, accessTokenLifetime(authorization))),
    jti: randomBytes(16).toString('base64url'),
    scope: formatScope(accessTokenScopes(authorization)),
    org: client.organisation.slug,
    org_id: client.organisationId,
    ...(cnf && { cnf }),
    ...(userAuthorization && {
      grant_id: userAuthorization.grant.id,
      auth_time: epochSeconds(userAuthorization.grant.authTime),
      acr: userAuthorization.grant.acr,
    }),
  }
}

/** The client's audience, or this server. A token that may call userinfo is always for this server too (RFC 9068 §3). */
function audienceOf({ client, scopes, target, userAuthorization }: Authorization, issuer: string): string | string[] {
  if (target) return single(target.audience)
  if (client.audience.length === 0) return issuer
  const ownAudience =
    userAuthorization !== undefined && scopes.includes('openid') && !client.audience.includes(issuer) ? [issuer] : []
  return single([...client.audience, ...ownAudience])
}

/** RFC 7519 §4.1.3: a text if there is one audience. */
function single(audience: readonly string[]): string | string[] {
  const [first] = audience
  return audience.length === 1 && first !== undefined ? first : [...audience]
}

/** The scopes of an access token: those of its resources, or all. */
export function accessTokenScopes({ scopes, target }: Authorization): readonly string[] {
  return target ? target.scopes : scopes
}

/** Seconds: the shortest of its resources, each of which may follow the client. */
export function accessTokenLifetime({ client, target }: Authorization): number {
  const lifetimes =
    target?.resources.map((resource) => resource.accessTokenLifetime ?? client.accessTokenLifetime) ?? []
  return lifetimes.length === 0 ? client.accessTokenLifetime : Math.min(...lifetimes)
}

/** The claims of every ID token (OpenID Connect Core §2). With an access token, userinfo returns the claims of scopes (§5.4). */
export function idTokenClaims(
  { client, userAuthorization }: Authorization,
  { issuer, resolveSubject }: TokenClaimOptions,
  now: Date,
): Record<string, unknown> {
  if (!userAuthorization) throw new Error('An ID token requires a user.')
  const { grant, subject, nonce } = userAuthorization
  return {
    iss: issuer,
    sub: resolveSubject(client, subject.userId),
    aud: client.clientId,
    iat: epochSeconds(now),
    exp: epochSeconds(addSeconds(now, client.idTokenLifetime)),
    auth_time: epochSeconds(grant.authTime),
    acr: grant.acr,
    ...(grant.amr.length > 0 && { amr: grant.amr }),
    ...(grant.sessionId !== null && usesSessionId(client) && { sid: grant.sessionId }),
    ...(nonce !== undefined && { nonce }),
  }
}

/** Whether the client registered a logout, for which the session is named (OpenID Connect Front-Channel Logout §3). */
function usesSessionId(client: Authorization['client']): boolean {
  const { backchannelLogoutUri, frontchannelLogoutUri, postLogoutRedirectUris } = client
  return backchannelLogoutUri !== null || frontchannelLogoutUri !== null || postLogoutRedirectUris.length > 0
}
