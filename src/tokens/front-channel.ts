import { createHash } from 'node:crypto'
import { securityEvent } from '../events/catalogue.ts'
import type { SigningAlgorithm } from '../model/client.ts'
import type { EventOrigin, SecurityEvent } from '../model/security-event.ts'
import type { User } from '../model/user.ts'
import { includes, type ResponseType } from '../oauth/response-type.ts'
import { claimsOfScope, formatScope } from '../oauth/scope.ts'
import { anyBearer } from '../oauth/sender.ts'
import type { Authorization } from './authorization.ts'
import { mintAccessToken, mintIdToken, type IssueOptions } from './issue.ts'
import { claimsOfPerson } from './userinfo.ts'

export interface FrontChannelOptions extends IssueOptions {
  record: (event: SecurityEvent) => Promise<void>
}

/** What the authorization endpoint issues itself, and to whom. */
export interface FrontChannelIssue {
  authorization: Omit<Authorization, 'sender'> & { person: NonNullable<Authorization['person']> }
  responseType: ResponseType
  /** The code that goes out in the same answer, if any. */
  code: string | undefined
  user: User
  origin: EventOrigin
}

/**
 * The parameters of an answer that carries tokens (OpenID Connect Core §3.2.2.5, §3.3.2.5). The ID token names what goes
 * out beside it by its hash, so that nothing can be exchanged on the way (§3.2.2.10, §3.3.2.11), and tells what the scopes
 * release where there is no access token to ask userinfo with (§5.4).
 */
export async function issueInFront(
  { authorization: granted, responseType, code, user, origin }: FrontChannelIssue,
  options: FrontChannelOptions,
): Promise<Record<string, string>> {
  // Nobody but the browser has shown anything, and the browser is not who will use it.
  const authorization = { ...granted, sender: anyBearer }
  const { client, scopes, person } = authorization
  const alg = client.idTokenSignedResponseAlg
  const accessToken = includes(responseType, 'token') ? await mintAccessToken(authorization, options) : undefined
  if (accessToken !== undefined && client.organisation.auditTokens) {
    const event = securityEvent(options.clock, 'oauth2.token_issued', {
      organisationId: client.organisationId,
      origin,
      userId: person.subject.userId,
      clientId: client.id,
      resource: { type: 'grant', id: person.grant.id },
      metadata: { grant_type: 'implicit' },
    })
    await options.record(event)
  }
  const more = {
    ...(accessToken !== undefined && { at_hash: halfHash(accessToken, alg) }),
    ...(code !== undefined && { c_hash: halfHash(code, alg) }),
    ...(responseType === 'id_token' && claimsOfPerson(user, scopes.flatMap(claimsOfScope))),
  }
  const idToken = includes(responseType, 'id_token') ? await mintIdToken(authorization, more, options) : undefined
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
function halfHash(value: string, alg: SigningAlgorithm | 'none'): string {
  const digest = createHash(alg === 'EdDSA' ? 'sha512' : 'sha256')
    .update(value, 'ascii')
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}
