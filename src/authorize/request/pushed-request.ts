import type { Clock } from '../../lib/clock.ts'
import { sha256 } from '../../lib/hash.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import type {
  PushedAuthorizationRequestRepository,
  PushedReference,
} from '../../model/authorization/pushed-authorization-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, parametersFromRecord, type Parameters } from '../../oauth/parameters.ts'

export interface PushedRequestOptions {
  clock: Clock
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'find'>
}

/** A request, and the pushed one that it came from, if any. */
export interface ResolvedRequest {
  parameters: Parameters
  pushed: PushedReference | undefined
}

/** What every `request_uri` of a pushed request begins with (RFC 9126 §2.2). */
const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:'

/** The `request_uri` that names a pushed request by its reference. */
export function toRequestUri(reference: string): string {
  return `${REQUEST_URI_PREFIX}${reference}`
}

/** A reference opens what it names, as a secret does: only its hash is kept. */
export function hashReference(reference: string): Uint8Array {
  return sha256(reference)
}

/** Whether a request is a reference to one that was pushed. */
export function isPushedRequestUri(parameters: Parameters): boolean {
  return parameters.get('request_uri')?.startsWith(REQUEST_URI_PREFIX) ?? false
}

/**
 * The request that the client pushed. Nothing that stands beside the reference counts (RFC 9126 §4), so what is wrong here
 * has no way back to the client: throws `invalid_request_uri` or `invalid_request`, which belong on a page.
 */
export async function findPushedRequest(
  parameters: Parameters,
  { id: clientId, organisationId }: RegisteredClient,
  { clock, pushedAuthorizationRequests }: PushedRequestOptions,
): Promise<ResolvedRequest> {
  rejectDuplicates(parameters)
  if (parameters.get('request') !== undefined) {
    throw new OAuthError('invalid_request', "'request' and 'request_uri' are sent both: use one.")
  }
  const referenceHash = hashReference((parameters.get('request_uri') ?? '').slice(REQUEST_URI_PREFIX.length))
  const pushed = { referenceHash, organisationId }
  const stored = await pushedAuthorizationRequests.find({ ...pushed, clientId, now: clock.now() })
  if (stored) return { parameters: parametersFromRecord(stored), pushed }
  throw new OAuthError(
    'invalid_request_uri',
    'This request is not waiting any more: it was answered, it has expired, or this client never pushed it. Go back to the application and start again.',
  )
}

/** Throws `invalid_request` where the client must push its requests (RFC 9126 §6). */
export function rejectUnpushedRequest({ requirePushedAuthorizationRequests }: RegisteredClient): void {
  if (!requirePushedAuthorizationRequests) return
  throw new OAuthError(
    'invalid_request',
    'This client must push its requests to the server first, and send the browser with request_uri (RFC 9126).',
  )
}
