import { hashCookie, type Cookies } from '../../http/request/cookies.ts'
import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import type {
  InteractionResult,
  PendingAuthorizationRequest,
  PendingAuthorizationRequestRepository,
} from '../../model/authorization/pending-authorization-request.ts'
import type { ClientCache, RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { storedParameters, type ResolvedRequest } from './pushed-request.ts'

/** An authorization request that waits for the user of this browser, with its client. */
export type PendingRequest = PendingAuthorizationRequest & InteractionResult & { client: RegisteredClient }

export interface PendingRequestOptions {
  clock: Clock
  clients: Pick<ClientCache, 'find'>
  cookies: Pick<Cookies, 'areSent' | 'browserId' | 'completedRequests'>
  pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'find'>
}

const PENDING_REQUEST_LIFETIME_SECONDS = 3600

/** Finds the pending request with this id of the browser that sent a request. */
export type PendingRequestFinder = (id: string, request: CookieSource) => Promise<PendingRequest>
type CookieSource = Parameters<Cookies['browserId']>[0]

/**
 * Finds a pending request by its id and the browser cookie. Throws `invalid_request` with status 410 if this browser has
 * no such request. The error does not reveal whether another browser has it. Throws `cookies_blocked` if the browser sends
 * no cookie, and `already_completed` if it completed the request itself: these are shown on pages of their own.
 */
export function createPendingRequestFinder({
  clock,
  clients,
  cookies,
  pendingAuthorizationRequests,
}: PendingRequestOptions): PendingRequestFinder {
  return async (id, request) => {
    const browser = cookies.browserId(request)
    if (!cookies.areSent(request)) {
      throw new OAuthError(
        'cookies_blocked',
        'The browser sent no cookie: it blocks cookies of this site, or the request was started in another browser.',
      )
    }
    const found =
      browser === undefined ? undefined : await pendingAuthorizationRequests.find(id, hashCookie(browser), clock.now())
    if (!found && cookies.completedRequests(request).includes(id)) {
      throw new OAuthError('already_completed', 'This browser has completed the request.', { status: 200 })
    }
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
  { parameters, client, pushed, hintedSubject }: ResolvedRequest,
  browserToken: string,
  options: { clock: Clock; pendingAuthorizationRequests: Pick<PendingAuthorizationRequestRepository, 'create'> },
): Promise<string> {
  const id = randomToken()
  const now = options.clock.now()
  await options.pendingAuthorizationRequests.create({
    id,
    organisationId: client.organisationId,
    clientId: client.id,
    parameters: storedParameters(parameters),
    hintedSubject: hintedSubject ?? null,
    channel: 'browser',
    pushedReferenceHash: pushed?.referenceHash ?? null,
    browserCookieHash: hashCookie(browserToken),
    createdAt: now,
    expiresAt: addSeconds(now, PENDING_REQUEST_LIFETIME_SECONDS),
  })
  return id
}
