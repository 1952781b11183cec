// `tokens` owns what is issued: how an authorization becomes tokens, and what becomes of a token that comes back, at
// introspection, revocation and userinfo. It does not know how the authorization came about.

import { addSeconds, epochSeconds, type Clock } from '../lib/clock.ts'
import { randomBytes } from '../lib/random.ts'
import type { TokenResponse } from '../oauth/messages/token-response.ts'
import { claimsOfScope, formatScope } from '../oauth/scope.ts'
import { toCnf, tokenTypeOf } from '../oauth/sender-constraint.ts'
import type { ClientKeys } from '../keys/client-keys.ts'
import type { SigningAlgorithm } from '../model/clients/client.ts'
import type { UserRepository } from '../model/users/user.ts'
import { PASSWORD_ACR } from '../oauth/acr.ts'
import type { SubjectResolver } from '../clients/subject-identifier.ts'
import type { Authorization } from './authorization.ts'
import { encryptForClient } from './encrypt-for-client.ts'
import type { OpaqueTokenCodec } from './opaque-token.ts'
import { userClaims } from './userinfo.ts'

export interface IssueOptions {
  issuer: string
  clock: Clock
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm | 'none', kind: 'at+jwt' | 'JWT') => Promise<string>
  opaqueTokens: Pick<OpaqueTokenCodec, 'encode'>
  resolveSubject: SubjectResolver
  clientKeys: Pick<ClientKeys, 'encrypt'>
  /** The person, when the ID token is to say more of them than who they are. */
  findProfile: UserRepository['findProfile']
  /** Called for each token, for the metrics. */
  onIssued: (kind: 'access_token' | 'refresh_token' | 'id_token') => void
}

/** Mints the tokens of an authorization. The only place that does. */
export async function issueTokens(authorization: Authorization, options: IssueOptions): Promise<TokenResponse> {
  const { client, scopes, senderConstraint, refreshToken } = authorization
  const wantsIdToken = authorization.userAuthorization !== undefined && scopes.includes('openid')
  const [accessToken, idToken] = await Promise.all([
    mintAccessToken(authorization, options),
    wantsIdToken ? mintIdToken(authorization, {}, options) : undefined,
  ])
  if (refreshToken !== undefined) options.onIssued('refresh_token')
  return {
    access_token: accessToken,
    token_type: tokenTypeOf(senderConstraint),
    expires_in: client.accessTokenLifetime,
    scope: formatScope(scopes),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}

/** An access token, in the form that the client registered. */
export async function mintAccessToken(authorization: Authorization, options: IssueOptions): Promise<string> {
  const { clock, sign, opaqueTokens, onIssued } = options
  const { accessTokenFormat, accessTokenSigningAlg } = authorization.client
  const claims = accessTokenClaims(authorization, options, clock.now())
  const token =
    accessTokenFormat === 'opaque' ? opaqueTokens.encode(claims) : await sign(claims, accessTokenSigningAlg, 'at+jwt')
  onIssued('access_token')
  return token
}

/** An ID token (OpenID Connect Core §2), signed and then encrypted (§10.2), with `more` claims beside those of every one. */
export async function mintIdToken(
  authorization: Authorization,
  additionalClaims: Readonly<Record<string, unknown>>,
  options: IssueOptions,
): Promise<string> {
  const { clock, sign, findProfile, onIssued } = options
  const claims = {
    ...idTokenClaims(authorization, options, clock.now()),
    ...(await requestedUserClaims(authorization, findProfile)),
    ...additionalClaims,
  }
  const { client } = authorization
  const token = await sign(claims, client.idTokenSignedResponseAlg, 'JWT')
  onIssued('id_token')
  const encryption = { alg: client.idTokenEncryptedResponseAlg, enc: client.idTokenEncryptedResponseEnc }
  return encryptForClient(client, token, encryption, options.clientKeys)
}

/** RFC 9068 §2.2, RFC 7800 §3.1. `grant_id` names what the token hangs from; `org` and `org_id` the tenant. */
function accessTokenClaims(
  authorization: Authorization,
  { issuer, resolveSubject }: IssueOptions,
  now: Date,
): Record<string, unknown> {
  const { client, scopes, senderConstraint, userAuthorization } = authorization
  const cnf = toCnf(senderConstraint)
  return {
    iss: issuer,
    sub: userAuthorization ? resolveSubject(client, userAuthorization.subject.userId) : client.clientId,
    aud: audienceOf(authorization, issuer),
    client_id: client.clientId,
    iat: epochSeconds(now),
    exp: epochSeconds(addSeconds(now, client.accessTokenLifetime)),
    jti: randomBytes(16).toString('base64url'),
    scope: formatScope(scopes),
    org: client.organisation.slug,
    org_id: client.organisationId,
    ...(cnf && { cnf }),
    ...(userAuthorization && {
      grant_id: userAuthorization.grant.id,
      auth_time: epochSeconds(userAuthorization.grant.authTime),
      ...(client.isFirstParty && { roles: userAuthorization.subject.roles }),
    }),
  }
}

/** The client's audience, or our own API. A token that may ask userinfo is always for us too (RFC 9068 §3). */
function audienceOf({ client, scopes, userAuthorization }: Authorization, issuer: string): string | string[] {
  if (client.audience.length === 0) return issuer
  const ownAudience =
    userAuthorization !== undefined && scopes.includes('openid') && !client.audience.includes(issuer) ? [issuer] : []
  const audience = [...client.audience, ...ownAudience]
  return audience.length === 1 ? (audience[0] ?? issuer) : audience
}

/**
 * What the ID token tells of a person: what was asked for by name (OpenID Connect Core §5.5) and, where the client wants
 * that, what the scopes release (§5.4). Nothing is read where that is nothing.
 */
async function requestedUserClaims(
  { client, scopes, userAuthorization }: Authorization,
  findProfile: IssueOptions['findProfile'],
): Promise<Record<string, unknown>> {
  const { grant } = userAuthorization ?? {}
  if (!grant || !(client.includeClaimsInIdToken || grant.claims?.idToken.length)) return {}
  const scopeClaims = client.includeClaimsInIdToken ? scopes.flatMap(claimsOfScope) : []
  const profile = await findProfile({ id: grant.userId, organisationId: grant.organisationId })
  return profile ? userClaims(profile.user, [...scopeClaims, ...(grant.claims?.idToken ?? [])]) : {}
}

/** OpenID Connect Core §2. Claims of scopes are userinfo's to tell where there is an access token (§5.4). */
function idTokenClaims(
  { client, userAuthorization }: Authorization,
  { issuer, resolveSubject }: IssueOptions,
  now: Date,
): Record<string, unknown> {
  if (!userAuthorization) throw new Error('An ID token is about a person.')
  const { grant, subject, nonce } = userAuthorization
  return {
    iss: issuer,
    sub: resolveSubject(client, subject.userId),
    aud: client.clientId,
    iat: epochSeconds(now),
    exp: epochSeconds(addSeconds(now, client.idTokenLifetime)),
    auth_time: epochSeconds(grant.authTime),
    acr: PASSWORD_ACR,
    ...(grant.amr.length > 0 && { amr: grant.amr }),
    ...(grant.sessionId !== null && { sid: grant.sessionId }),
    ...(nonce !== undefined && { nonce }),
  }
}
