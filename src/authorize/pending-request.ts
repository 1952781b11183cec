import { hashCookie } from '../http/request/cookies.ts'
import type { Clock } from '../lib/clock.ts'
import type {
  InteractionResult,
  PendingAuthorizationRequestRepository,
  PendingAuthorizationRequest,
} from '../model/authorization/pending-authorization-request.ts'
import type { ClientCache, RegisteredClient } from '../model/clients/client.ts'
import { OAuthError } from '../oauth/errors.ts'

/** An authorization request that waits for this browser, and who asks. */
export type PendingRequest = Omit<PendingAuthorizationRequest, 'clientId'> &
  InteractionResult & { client: RegisteredClient }

export interface PendingRequestOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'find'>
}

/**
 * Finds a waiting request by its id and the browser cookie. Throws where nothing waits for this browser: it is not said
 * whether it waits for another.
 */
export function createPendingRequestFinder({ clock, clients, pendingAuthorizationRequests }: PendingRequestOptions) {
  return async (id: string, browser: string | undefined): Promise<PendingRequest> => {
    const found =
      browser === undefined ? undefined : await pendingAuthorizationRequests.find(id, hashCookie(browser), clock.now())
    const client = found && (await clients.find(found.parameters['client_id'] ?? ''))
    if (!found || !client) {
      throw new OAuthError(
        'invalid_request',
        'This request is no longer waiting: it was finished, it has expired, or it was begun in another browser. Go back to the application and start again.',
        { status: 410 },
      )
    }
    return { ...found, client }
  }
}
