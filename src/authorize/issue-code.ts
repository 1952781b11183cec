import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomToken, uuidv7 } from '../lib/random.ts'
import { sha256 } from '../lib/secret.ts'
import type { AuthorizationCodeRepository } from '../model/authorization-code.ts'
import type { LiveSession } from '../model/session.ts'
import type { AuthorizationRequest } from './request.ts'

/** Seconds that a code may wait (RFC 6749 §4.1.2: at most ten minutes). */
export const CODE_LIFETIME = 600

/** Writes down what was allowed and makes the code for it, or undefined where the waiting request was answered before. */
export async function issueCode(
  request: AuthorizationRequest,
  session: LiveSession,
  waitingId: string | undefined,
  { clock, authorizationCodes }: { clock: Clock; authorizationCodes: Pick<AuthorizationCodeRepository, 'issue'> },
): Promise<string | undefined> {
  const now = clock.now()
  const code = `authz_${randomToken()}`
  const issued = await authorizationCodes.issue({
    grant: {
      id: uuidv7(now),
      organisationId: session.organisationId,
      clientId: request.client.id,
      userId: session.userId,
      sessionId: session.id,
      scopes: request.scopes,
      authTime: session.authTime,
      amr: session.amr,
      offline: request.scopes.includes('offline_access'),
      createdAt: now,
    },
    codeHash: sha256(code),
    redirectUri: request.redirectUri,
    codeChallenge: request.codeChallenge,
    nonce: request.nonce,
    expiresAt: addSeconds(now, CODE_LIFETIME),
    authorizationRequestId: waitingId,
  })
  return issued ? code : undefined
}
