// `tokens/issuance` makes tokens: at the token endpoint, and in the front channel. It is the only place that mints.

import type { Clock } from '../../lib/time/clock.ts'
import type { TokenResponse } from '../../oauth/messages/token-response.ts'
import { claimsOfScope, formatScope } from '../../oauth/scope.ts'
import { tokenTypeOf } from '../../oauth/sender-constraint.ts'
import type { AccessTokenKind } from '../../keys/jws.ts'
import type { ClientKeys } from '../../keys/client-keys.ts'
import type { SigningAlgorithm } from '../../model/clients/client-algorithms.ts'
import type { Grant } from '../../model/grants/grant.ts'
import type { User } from '../../model/users/user.ts'
import type { Authorization } from '../authorization.ts'
import {
  accessTokenClaims,
  accessTokenLifetime,
  accessTokenScopes,
  idTokenClaims,
  type TokenClaimOptions,
} from '../claims.ts'
import { encryptForClient } from '../encrypt-for-client.ts'
import type { OpaqueTokenCodec } from '../opaque-token.ts'
import { limitClaims } from '../released-claims/claim-limit.ts'
import { needsUser, rulesFor, type ClaimRequestContext } from '../released-claims/claim-rules.ts'
import { releasedClaims, type ClaimClient } from '../released-claims/claim-values.ts'
import { claimClientOf } from '../released-claims/resource-claims.ts'
import { userClaims } from '../user-claims.ts'

export interface IssueOptions extends TokenClaimOptions {
  clock: Clock
  sign: (
    claims: Record<string, unknown>,
    alg: SigningAlgorithm | 'none',
    kind: AccessTokenKind | 'JWT',
  ) => Promise<string>
  opaqueTokens: Pick<OpaqueTokenCodec, 'encode'>
  clientKeys: Pick<ClientKeys, 'encrypt'>
  /** Loads the user, if a token contains standard claims. */
  findUser: (user: Pick<User, 'id' | 'organisationId'>, now: Date) => Promise<User | undefined>
  /** Called for each issued token, for the metrics. */
  onIssued: (kind: 'access_token' | 'refresh_token' | 'id_token') => void
}

/** Mints the tokens of an authorization. */
export async function issueTokens(authorization: Authorization, options: IssueOptions): Promise<TokenResponse> {
  const { scopes, senderConstraint, refreshToken } = authorization
  const wantsIdToken = authorization.userAuthorization !== undefined && scopes.includes('openid')
  const optionsOfBoth = { ...options, findUser: readOnce(options.findUser) }
  const [accessToken, idToken] = await Promise.all([
    mintAccessToken(authorization, optionsOfBoth),
    wantsIdToken ? mintIdToken(authorization, {}, optionsOfBoth) : undefined,
  ])
  if (refreshToken !== undefined) options.onIssued('refresh_token')
  return {
    access_token: accessToken,
    token_type: tokenTypeOf(senderConstraint),
    expires_in: accessTokenLifetime(authorization),
    scope: formatScope(accessTokenScopes(authorization)),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}

/** Reads the user once for all tokens of a response. */
function readOnce(findUser: IssueOptions['findUser']): IssueOptions['findUser'] {
  let user: Promise<User | undefined> | undefined
  return (reference, now) => (user ??= findUser(reference, now))
}

/** Mints an access token in the format of its resource, or else in that of the client. */
export async function mintAccessToken(authorization: Authorization, options: IssueOptions): Promise<string> {
  const { clock, sign, opaqueTokens, onIssued } = options
  const { accessTokenFormat, accessTokenSigningAlg, accessTokenTyp } =
    authorization.target?.resources[0] ?? authorization.client
  const claims = {
    ...accessTokenClaims(authorization, options, clock.now()),
    ...(await releasedTokenClaims('access_token', authorization, options)),
  }
  const kind = accessTokenTyp === 'JWT' ? 'access token as JWT' : 'at+jwt'
  const token =
    accessTokenFormat === 'opaque' ? opaqueTokens.encode(claims) : await sign(claims, accessTokenSigningAlg, kind)
  onIssued('access_token')
  return token
}

/**
 * Mints an ID token with `additionalClaims` (OpenID Connect Core §2), signed and then encrypted (§10.2). `isOnlyToken`: no
 * access token is issued with it, so that it has the claims of the scopes (§5.4).
 */
export async function mintIdToken(
  authorization: Authorization,
  additionalClaims: Readonly<Record<string, unknown>>,
  options: IssueOptions,
  isOnlyToken = false,
): Promise<string> {
  const { clock, sign, onIssued } = options
  const claims = {
    ...idTokenClaims(authorization, options, clock.now()),
    ...(await standardUserClaims(authorization, isOnlyToken, options)),
    ...(await releasedTokenClaims('id_token', authorization, options, isOnlyToken)),
    ...additionalClaims,
  }
  const { client } = authorization
  const token = await sign(claims, client.idTokenSignedResponseAlg, 'JWT')
  onIssued('id_token')
  const encryption = { alg: client.idTokenEncryptedResponseAlg, enc: client.idTokenEncryptedResponseEnc }
  return encryptForClient(client, token, encryption, options.clientKeys)
}

/**
 * The standard claims in an ID token: those requested by name (OpenID Connect Core §5.5) and, if the client is configured
 * so or receives no access token, those of the scopes (§5.4). Reads the user only if there are such claims.
 */
async function standardUserClaims(
  { client, scopes, userAuthorization }: Authorization,
  isOnlyToken: boolean,
  options: Pick<IssueOptions, 'clock' | 'findUser'>,
): Promise<Record<string, unknown>> {
  const { grant } = userAuthorization ?? {}
  const hasScopeClaims = client.includeClaimsInIdToken || isOnlyToken
  if (!grant || !(hasScopeClaims || grant.claims?.idToken.length)) return {}
  const scopeClaims = hasScopeClaims ? scopes.flatMap(claimsOfScope) : []
  const user = await findUserOf(grant, options)
  return user ? userClaims(user, [...scopeClaims, ...(grant.claims?.idToken ?? [])]) : {}
}

/** The other claims about the user, within the limit of the client, or of the resource of an access token. Reads the user only if one is a standard claim. */
async function releasedTokenClaims(
  place: 'id_token' | 'access_token',
  { client, scopes, target, userAuthorization }: Authorization,
  options: Pick<IssueOptions, 'clock' | 'findUser'>,
  isOnlyToken = false,
): Promise<Record<string, unknown>> {
  if (!userAuthorization) return {}
  const { grant } = userAuthorization
  const resources = place === 'access_token' ? (target?.resources ?? []) : []
  if (resources.length > 0) {
    const claimClient = claimClientOf(resources, client)
    return releasedBy(claimClient, place, { scopes: target?.scopes ?? [], requested: null }, userAuthorization, options)
  }
  const context = { scopes, requested: grant.claims, isOnlyToken }
  return releasedBy(client, place, context, userAuthorization, options)
}

async function releasedBy(
  client: ClaimClient,
  place: 'id_token' | 'access_token',
  context: ClaimRequestContext,
  { grant, subject }: NonNullable<Authorization['userAuthorization']>,
  options: Pick<IssueOptions, 'clock' | 'findUser'>,
): Promise<Record<string, unknown>> {
  const rules = rulesFor(client, place, context)
  if (rules.length === 0) return {}
  const user = rules.some(needsUser) ? await findUserOf(grant, options) : undefined
  return limitClaims(releasedClaims(rules, { client, access: subject, user }), client.maxClaimBytes).claims
}

function findUserOf(
  { userId, organisationId }: Grant,
  { clock, findUser }: Pick<IssueOptions, 'clock' | 'findUser'>,
): Promise<User | undefined> {
  return findUser({ id: userId, organisationId }, clock.now())
}
