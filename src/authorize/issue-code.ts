import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomToken, uuidv7 } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'
import type { AuthorizationCodeRepository } from '../model/authorization-code.ts'
import type { Grant } from '../model/grant.ts'
import type { PushedReference } from '../model/pushed-authorization-request.ts'
import type { LiveSession } from '../model/session.ts'
import { profileOf } from '../clients/profiles.ts'
import { includes } from '../oauth/response-type.ts'
import type { AuthorizationRequest } from './request.ts'

export interface IssueCodeOptions {
  clock: Clock
  authorizationCodes: Pick<AuthorizationCodeRepository, 'issue'>
}

/** What ends with a code: the request that waited, and the one that was pushed. */
export interface Answered {
  waitingId: string | undefined
  pushed: PushedReference | undefined
}

/**
 * Writes down what was allowed and makes the code for it, or undefined where either request was answered before.
 * A response type without a code has one too, which nobody is told: with it, what was allowed is forgotten in time.
 */
export async function issueCode(
  request: AuthorizationRequest,
  session: LiveSession,
  { waitingId, pushed }: Answered,
  { clock, authorizationCodes }: IssueCodeOptions,
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
    authTime: session.authTime,
    amr: session.amr,
    // Without a code there is no refresh token that could outlive the session (OpenID Connect Core §11).
    offline: request.scopes.includes('offline_access') && includes(request.responseType, 'code'),
    createdAt: now,
  }
  const issued = await authorizationCodes.issue({
    grant,
    codeHash: sha256(code),
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    dpopJkt: request.dpopJkt,
    nonce: request.nonce,
    expiresAt: addSeconds(
      now,
      Math.min(request.client.authorizationCodeLifetime, profileOf(request.client).longestCodeLifetime),
    ),
    authorizationRequestId: waitingId,
    pushedReferenceHash: pushed?.referenceHash,
  })
  return issued ? { grant, code } : undefined
}
