import { hashCookie } from '../http/cookies.ts'
import type { Clock } from '../lib/clock.ts'
import type {
  Answers,
  AuthorizationRequestRepository,
  WaitingAuthorizationRequest,
} from '../model/authorization-request.ts'
import type { ClientDirectory, RegisteredClient } from '../model/client.ts'
import { OAuthError } from '../oauth/errors.ts'

/** An authorization request that waits for this browser, and who asks. */
export type Waiting = Omit<WaitingAuthorizationRequest, 'clientId'> & Answers & { client: RegisteredClient }

export interface WaitingRequestOptions {
  clock: Clock
  clients: Pick<ClientDirectory, 'find'>
  authorizationRequests: Pick<AuthorizationRequestRepository, 'find'>
}

/**
 * Finds a waiting request by its id and the browser cookie. Throws where nothing waits for this browser: it is not said
 * whether it waits for another.
 */
export function waitingRequests({ clock, clients, authorizationRequests }: WaitingRequestOptions) {
  return async (id: string, browser: string | undefined): Promise<Waiting> => {
    const found =
      browser === undefined ? undefined : await authorizationRequests.find(id, hashCookie(browser), clock.now())
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
