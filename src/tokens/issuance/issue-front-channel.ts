import { createHash } from 'node:crypto'
import { createAuditEvent } from '../../audit/catalogue.ts'
import { digestOf } from '../../keys/jws.ts'
import type { SigningAlgorithm } from '../../model/clients/client-algorithms.ts'
import type { RequestMetadata, AuditEvent } from '../../model/audit/audit-event.ts'
import type { User } from '../../model/users/user.ts'
import { responseTypeIncludes, type ResponseType } from '../../oauth/response-type.ts'
import { claimsOfScope, formatScope } from '../../oauth/scope.ts'
import { unconstrained } from '../../oauth/sender-constraint.ts'
import type { Authorization } from '../authorization.ts'
import { mintAccessToken, mintIdToken, type IssueOptions } from './issue.ts'
import { userClaims } from '../claims.ts'

export interface FrontChannelTokenOptions extends IssueOptions {
  record: (event: AuditEvent) => Promise<void>
}

/** The tokens that the authorization endpoint issues itself, by `responseType`. */
export interface FrontChannelTokenRequest {
  authorization: Omit<Authorization, 'senderConstraint'> & {
    userAuthorization: NonNullable<Authorization['userAuthorization']>
  }
  responseType: ResponseType
  /** The code in the same response, if any. */
  code: string | undefined
  state: string | undefined
  user: User
  requestMetadata: RequestMetadata
}

/**
 * The parameters of a response with tokens (OpenID Connect Core §3.2.2.5, §3.3.2.5). The ID token contains the hashes of
 * the code and the access token, so that they cannot be replaced in transit (§3.2.2.10, §3.3.2.11), and with a code that of
 * `state`, so that it is a signature of the whole response (FAPI 1.0 Advanced §5.1.1). Without an access
 * token for userinfo, it contains the claims of the scopes (§5.4).
 */
export async function issueFrontChannelTokens(
  { authorization: unboundAuthorization, responseType, code, state, user, requestMetadata }: FrontChannelTokenRequest,
  options: FrontChannelTokenOptions,
): Promise<Record<string, string>> {
  // The browser proves no key or certificate of the client, so the tokens are bearer tokens.
  const authorization = { ...unboundAuthorization, senderConstraint: unconstrained }
  const { client, scopes, userAuthorization } = authorization
  const alg = client.idTokenSignedResponseAlg
  const accessToken = responseTypeIncludes(responseType, 'token')
    ? await mintAccessToken(authorization, options)
    : undefined
  if (accessToken !== undefined && client.organisation.auditTokens) {
    const event = createAuditEvent(options.clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      requestMetadata,
      userId: userAuthorization.subject.userId,
      clientId: client.id,
      resource: { type: 'grant', id: userAuthorization.grant.id },
      metadata: { grant_type: 'implicit' },
    })
    await options.record(event)
  }
  const additionalClaims = {
    ...(accessToken !== undefined && { at_hash: leftHalfHash(accessToken, alg) }),
    ...(code !== undefined && { c_hash: leftHalfHash(code, alg) }),
    ...(code !== undefined && state !== undefined && { s_hash: leftHalfHash(state, alg) }),
    ...(responseType === 'id_token' && userClaims(user, scopes.flatMap(claimsOfScope))),
  }
  const idToken = responseTypeIncludes(responseType, 'id_token')
    ? await mintIdToken(authorization, additionalClaims, options)
    : undefined
  return {
    ...(accessToken !== undefined && {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: String(client.accessTokenLifetime),
      scope: formatScope(scopes),
    }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}

/** The left half of the hash, by the hash function of the signature algorithm (§3.1.3.6). */
function leftHalfHash(value: string, alg: SigningAlgorithm | 'none'): string {
  const digest = createHash(digestOf(alg)).update(value, 'ascii').digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
