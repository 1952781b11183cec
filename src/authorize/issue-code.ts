import { addSeconds, type Clock } from '../lib/time/clock.ts'
import { randomToken, uuidv7 } from '../lib/crypto/random.ts'
import { sha256 } from '../lib/crypto/hash.ts'
import type { AuthorizationCodeRepository } from '../model/grants/authorization-code.ts'
import type { Grant } from '../model/grants/grant.ts'
import type { PushedReference } from '../model/authorization/pushed-authorization-request.ts'
import type { ActiveSession } from '../model/sessions/session.ts'
import { toIdentifiers } from '../clients/resources/named-resources.ts'
import { profileOf } from '../clients/settings/profiles.ts'
import { responseTypeIncludes } from '../oauth/response-type.ts'
import { authenticationOf } from './decide.ts'
import type { BrowserAuthorizationRequest } from './request/authorization-request.ts'

export interface IssueCodeOptions {
  issuer: string
  clock: Clock
  authorizationCodes: Pick<AuthorizationCodeRepository, 'issue'>
}

/** The stored requests that issuing a code consumes. */
export interface ConsumedRequests {
  pendingRequestId: string | undefined
  pushed: PushedReference | undefined
}

/**
 * Stores a grant and its code. Returns undefined if one of the consumed requests was completed before. A code is stored
 * for response types without one too, and never sent: the retention sweep finds unused grants by their code.
 */
export async function issueCode(
  request: BrowserAuthorizationRequest,
  session: ActiveSession,
  { pendingRequestId, pushed }: ConsumedRequests,
  { issuer, clock, authorizationCodes }: IssueCodeOptions,
): Promise<{ grant: Grant; code: string } | undefined> {
  const now = clock.now()
  const code = `authz_${randomToken()}`
  const grant = {
    id: uuidv7(now),
    organisationId: session.organisationId,
    clientId: request.client.id,
    userId: session.userId,
    sessionId: session.id,
    scopes: request.scopes,
    claims: request.claims ?? null,
    resources: toIdentifiers(request.resources, issuer),
    authTime: session.authTime,
    ...authenticationOf(request, session, now),
    // Without a code there is no refresh token, so nothing outlives the session (OpenID Connect Core §11).
    offline: request.scopes.includes('offline_access') && responseTypeIncludes(request.responseType, 'code'),
    createdAt: now,
  }
  const stored = await authorizationCodes.issue({
    grant,
    codeHash: sha256(code),
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    dpopJkt: request.dpopJkt,
    nonce: request.nonce,
    expiresAt: addSeconds(
      now,
      Math.min(request.client.authorizationCodeLifetime, profileOf(request.client).maxCodeLifetime),
    ),
    pendingRequestId,
    pushedReferenceHash: pushed?.referenceHash,
  })
  return stored ? { grant, code } : undefined
}
