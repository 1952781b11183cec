// `tokens/issuance` makes tokens: at the token endpoint, and in the front channel. It is the only place that mints.

import type { Clock } from '../../lib/time/clock.ts'
import type { TokenResponse } from '../../oauth/messages/token-response.ts'
import { claimsOfScope, formatScope } from '../../oauth/scope.ts'
import { tokenTypeOf } from '../../oauth/sender-constraint.ts'
import type { ClientKeys } from '../../keys/client-keys.ts'
import type { SigningAlgorithm } from '../../model/clients/client-algorithms.ts'
import type { UserRepository } from '../../model/users/user.ts'
import type { Authorization } from '../authorization.ts'
import { accessTokenClaims, idTokenClaims, userClaims, type TokenClaimOptions } from '../claims.ts'
import { encryptForClient } from '../encrypt-for-client.ts'
import type { OpaqueTokenCodec } from '../opaque-token.ts'

export interface IssueOptions extends TokenClaimOptions {
  clock: Clock
  sign: (claims: Record<string, unknown>, alg: SigningAlgorithm | 'none', kind: 'at+jwt' | 'JWT') => Promise<string>
  opaqueTokens: Pick<OpaqueTokenCodec, 'encode'>
  clientKeys: Pick<ClientKeys, 'encrypt'>
  /** Loads the user, if the ID token contains claims about the user. */
  findProfile: UserRepository['findProfile']
  /** Called for each issued token, for the metrics. */
  onIssued: (kind: 'access_token' | 'refresh_token' | 'id_token') => void
}

/** Mints the tokens of an authorization. */
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

/** Mints an access token in the format that the client registered. */
export async function mintAccessToken(authorization: Authorization, options: IssueOptions): Promise<string> {
  const { clock, sign, opaqueTokens, onIssued } = options
  const { accessTokenFormat, accessTokenSigningAlg } = authorization.client
  const claims = accessTokenClaims(authorization, options, clock.now())
  const token =
    accessTokenFormat === 'opaque' ? opaqueTokens.encode(claims) : await sign(claims, accessTokenSigningAlg, 'at+jwt')
  onIssued('access_token')
  return token
}

/** Mints an ID token with `additionalClaims` (OpenID Connect Core §2), signed and then encrypted (§10.2). */
export async function mintIdToken(
  authorization: Authorization,
  additionalClaims: Readonly<Record<string, unknown>>,
  options: IssueOptions,
): Promise<string> {
  const { clock, sign, onIssued } = options
  const claims = {
    ...idTokenClaims(authorization, options, clock.now()),
    ...(await requestedUserClaims(authorization, options)),
    ...additionalClaims,
  }
  const { client } = authorization
  const token = await sign(claims, client.idTokenSignedResponseAlg, 'JWT')
  onIssued('id_token')
  const encryption = { alg: client.idTokenEncryptedResponseAlg, enc: client.idTokenEncryptedResponseEnc }
  return encryptForClient(client, token, encryption, options.clientKeys)
}

/**
 * The claims about the user in an ID token: those requested by name (OpenID Connect Core §5.5) and, if the client is
 * configured so, those of the scopes (§5.4). Reads the user only if there are such claims.
 */
async function requestedUserClaims(
  { client, scopes, userAuthorization }: Authorization,
  { clock, findProfile }: Pick<IssueOptions, 'clock' | 'findProfile'>,
): Promise<Record<string, unknown>> {
  const { grant } = userAuthorization ?? {}
  if (!grant || !(client.includeClaimsInIdToken || grant.claims?.idToken.length)) return {}
  const scopeClaims = client.includeClaimsInIdToken ? scopes.flatMap(claimsOfScope) : []
  const profile = await findProfile({ id: grant.userId, organisationId: grant.organisationId }, clock.now())
  return profile ? userClaims(profile.user, [...scopeClaims, ...(grant.claims?.idToken ?? [])]) : {}
}
