import { createHash } from 'node:crypto'
import { createAuditEvent } from '../audit/catalogue.ts'
import type { SigningAlgorithm } from '../model/clients/client.ts'
import type { RequestMetadata, AuditEvent } from '../model/audit/audit-event.ts'
import type { User } from '../model/users/user.ts'
import { responseTypeIncludes, type ResponseType } from '../oauth/response-type.ts'
import { claimsOfScope, formatScope } from '../oauth/scope.ts'
import { unconstrained } from '../oauth/sender-constraint.ts'
import type { Authorization } from './authorization.ts'
import { mintAccessToken, mintIdToken, type IssueOptions } from './issue.ts'
import { userClaims } from './userinfo.ts'

export interface FrontChannelTokenOptions extends IssueOptions {
  record: (event: AuditEvent) => Promise<void>
}

/** What the authorization endpoint issues itself, and to whom. */
export interface FrontChannelTokenRequest {
  authorization: Omit<Authorization, 'senderConstraint'> & {
    userAuthorization: NonNullable<Authorization['userAuthorization']>
  }
  responseType: ResponseType
  /** The code that goes out in the same answer, if any. */
  code: string | undefined
  user: User
  origin: RequestMetadata
}

/**
 * The parameters of an answer that carries tokens (OpenID Connect Core §3.2.2.5, §3.3.2.5). The ID token names what goes
 * out beside it by its hash, so that nothing can be exchanged on the way (§3.2.2.10, §3.3.2.11), and tells what the scopes
 * release where there is no access token to ask userinfo with (§5.4).
 */
export async function issueFrontChannelTokens(
  { authorization: unboundAuthorization, responseType, code, user, origin }: FrontChannelTokenRequest,
  options: FrontChannelTokenOptions,
): Promise<Record<string, string>> {
  // Nobody but the browser has shown anything, and the browser is not who will use it.
  const authorization = { ...unboundAuthorization, senderConstraint: unconstrained }
  const { client, scopes, userAuthorization } = authorization
  const alg = client.idTokenSignedResponseAlg
  const accessToken = responseTypeIncludes(responseType, 'token')
    ? await mintAccessToken(authorization, options)
    : undefined
  if (accessToken !== undefined && client.organisation.auditTokens) {
    const event = createAuditEvent(options.clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      requestMetadata: origin,
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

/** The left half of the hash that the signature algorithm works with (§3.1.3.6); Ed25519 works with SHA-512. */
function leftHalfHash(value: string, alg: SigningAlgorithm | 'none'): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(value, 'ascii')
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
