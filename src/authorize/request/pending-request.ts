import { hashCookie } from '../../http/request/cookies.ts'
import { addSeconds, type Clock } from '../../lib/clock.ts'
import { randomToken } from '../../lib/random.ts'
import type {
  InteractionResult,
  PendingAuthorizationRequest,
  PendingAuthorizationRequestRepository,
} from '../../model/authorization/pending-authorization-request.ts'
import type { ClientCache, RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { parametersToRecord } from '../../oauth/parameters.ts'
import type { ResolvedRequest } from './pushed-request.ts'

/** An authorization request that waits for the user of this browser, with its client. */
export type PendingRequest = PendingAuthorizationRequest & InteractionResult & { client: RegisteredClient }

export interface PendingRequestOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'find'>
}

const PENDING_REQUEST_LIFETIME_SECONDS = 3600

/**
 * Finds a pending request by its id and the browser cookie. Throws `invalid_request` with status 410 if this browser has
 * no such request. The error does not reveal whether another browser has it.
 */
export function createPendingRequestFinder({ clock, clients, pendingAuthorizationRequests }: PendingRequestOptions) {
  return async (id: string, browser: string | undefined): Promise<PendingRequest> => {
    const found =
      browser === undefined ? undefined : await pendingAuthorizationRequests.find(id, hashCookie(browser), clock.now())
    const client = found && (await clients.find(found.parameters['client_id'] ?? ''))
    if (!found || !client) {
      throw new OAuthError(
        'invalid_request',
        'This request is no longer pending: it was completed, has expired, or was started in another browser. Go back to the application and start again.',
        { status: 410 },
      )
    }
    return { ...found, client }
  }
}

/** Stores a request of a browser until its user has answered, and returns its id. */
export async function storePendingRequest(
  { parameters, client, pushed }: ResolvedRequest,
  browserToken: string,
  options: { clock: Clock; pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'create'> },
): Promise<string> {
  const id = randomToken()
  const now = options.clock.now()
  await options.pendingAuthorizationRequests.create({
    id,
    organisationId: client.organisationId,
    clientId: client.id,
    parameters: parametersToRecord(parameters),
    channel: 'browser',
    pushedReferenceHash: pushed?.referenceHash ?? null,
    browserCookieHash: hashCookie(browserToken),
    createdAt: now,
    expiresAt: addSeconds(now, PENDING_REQUEST_LIFETIME_SECONDS),
  })
  return id
}
