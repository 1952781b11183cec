import { createHash } from 'node:crypto'
import { createAuditEvent } from '../../audit/catalogue.ts'
import { digestOf } from '../../keys/jws.ts'
import type { NamedResources } from '../../clients/resources/named-resources.ts'
import type { SigningAlgorithm } from '../../model/clients/client-algorithms.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { Grant } from '../../model/grants/grant.ts'
import type { RequestMetadata, AuditEvent } from '../../model/audit/audit-event.ts'
import type { OrganisationAccessRepository } from '../../model/permissions/organisation-access.ts'
import type { User } from '../../model/users/user.ts'
import { responseTypeIncludes, type ResponseType } from '../../oauth/response-type.ts'
import { formatScope } from '../../oauth/scope.ts'
import { unconstrained } from '../../oauth/sender-constraint.ts'
import { needsAccess, TOKEN_PLACES } from '../released-claims/access-reads.ts'
import { rulesFor } from '../released-claims/claim-rules.ts'
import { needsAccessForResources } from '../released-claims/resource-claims.ts'
import { accessTokenLifetime, accessTokenScopes } from '../claims.ts'
import { tokenTarget } from '../token-target.ts'
import { mintAccessToken, mintIdToken, type IssueOptions } from './issue.ts'

export interface FrontChannelTokenOptions extends IssueOptions {
  record: (event: AuditEvent) => Promise<void>
  organisationAccess: OrganisationAccessRepository
}

const TOKEN_OF_PLACE = { id_token: 'id_token', access_token: 'token' } as const

/** The tokens that the authorization endpoint issues itself, by `responseType`. */
export interface FrontChannelTokenRequest {
  client: RegisteredClient
  scopes: readonly string[]
  resources: NamedResources
  grant: Grant
  user: User
  nonce: string | undefined
  responseType: ResponseType
  /** The code in the same response, if any. */
  code: string | undefined
  state: string | undefined
  requestMetadata: RequestMetadata
}

/**
 * The parameters of a response with tokens (OpenID Connect Core §3.2.2.5, §3.3.2.5). The ID token contains the hashes of
 * the code and the access token, so that they cannot be replaced in transit (§3.2.2.10, §3.3.2.11), and with a code that of
 * `state`, so that it is a signature of the whole response (FAPI 1.0 Advanced §5.1.1). Without an access
 * token for userinfo, it contains the claims of the scopes (§5.4).
 */
export async function issueFrontChannelTokens(
  {
    client,
    scopes,
    resources,
    grant,
    user,
    nonce,
    responseType,
    code,
    state,
    requestMetadata,
  }: FrontChannelTokenRequest,
  frontChannelOptions: FrontChannelTokenOptions,
): Promise<Record<string, string>> {
  const options = { ...frontChannelOptions, findUser: async () => user }
  const isOnlyToken = responseType === 'id_token'
  const context = { scopes, requested: grant.claims, isOnlyToken }
  const places = TOKEN_PLACES.filter((place) => responseTypeIncludes(responseType, TOKEN_OF_PLACE[place]))
  const target = tokenTarget(scopes, { resources, granted: grant.resources, issuer: options.issuer })
  const needed =
    places.some((place) => rulesFor(client, place, context).some(needsAccess)) ||
    needsAccessForResources(target?.resources ?? [], 'access_token')
  const access = needed
    ? await options.organisationAccess.find(
        { id: grant.userId, organisationId: grant.organisationId },
        options.clock.now(),
      )
    : { roles: [], groups: [], attributes: {} }
  const authorization = {
    client,
    scopes,
    target,
    // The browser proves no key or certificate of the client, so the tokens are bearer tokens.
    senderConstraint: unconstrained,
    userAuthorization: { grant, subject: { userId: grant.userId, ...access }, nonce },
    refreshToken: undefined,
  }
  const alg = client.idTokenSignedResponseAlg
  const accessToken = responseTypeIncludes(responseType, 'token')
    ? await mintAccessToken(authorization, options)
    : undefined
  if (accessToken !== undefined && client.organisation.auditTokens) {
    const event = createAuditEvent(options.clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      requestMetadata,
      userId: grant.userId,
      clientId: client.id,
      resource: { type: 'grant', id: grant.id },
      metadata: { grant_type: 'implicit' },
    })
    await options.record(event)
  }
  const additionalClaims = {
    ...(accessToken !== undefined && { at_hash: leftHalfHash(accessToken, alg) }),
    ...(code !== undefined && { c_hash: leftHalfHash(code, alg) }),
    ...(code !== undefined && state !== undefined && { s_hash: leftHalfHash(state, alg) }),
  }
  const idToken = responseTypeIncludes(responseType, 'id_token')
    ? await mintIdToken(authorization, additionalClaims, options, isOnlyToken)
    : undefined
  return {
    ...(accessToken !== undefined && {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: String(accessTokenLifetime(authorization)),
      scope: formatScope(accessTokenScopes(authorization)),
    }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}

/** The left half of the hash, by the hash function of the signature algorithm (§3.1.3.6). */
function leftHalfHash(value: string, alg: SigningAlgorithm | 'none'): string {
  const digest = createHash(digestOf(alg)).update(value, 'ascii').digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
