import type { Clock } from '../../lib/time/clock.ts'
import { sha256 } from '../../lib/crypto/hash.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type {
  PushedAuthorizationRequestRepository,
  PushedReference,
} from '../../model/authorization/pushed-authorization-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { authorizationParameterNames } from '../../oauth/messages/authorization-request.ts'
import { rejectDuplicates, parametersFromRecord, parametersToRecord, type Parameters } from '../../oauth/parameters.ts'

export interface PushedRequestOptions {
  clock: Clock
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'find'>
}

/** The parameters of a request with its client and, if it was pushed, the reference of the pushed request. */
export interface ResolvedRequest {
  parameters: Parameters
  client: RegisteredClient
  pushed: PushedReference | undefined
  /** The subject that the response must be about, where a stored request has one. Stored requests have no `id_token_hint`. */
  hintedSubject: string | undefined
}

/** What is stored of the parameters of a checked request: those that the server knows, without the ID token of the hint. */
export function storedParameters(parameters: Parameters): Record<string, string> {
  const known = Object.entries(parametersToRecord(parameters)).filter(
    ([name]) => authorizationParameterNames.has(name) && name !== 'id_token_hint',
  )
  return Object.fromEntries(known)
}

/** The prefix of every `request_uri` of a pushed request (RFC 9126 §2.2). */
const REQUEST_URI_PREFIX = 'urn:ietf:params:oauth:request_uri:'

/** The `request_uri` for the reference of a pushed request. */
export function toRequestUri(reference: string): string {
  return `${REQUEST_URI_PREFIX}${reference}`
}

/** A reference gives access to its request, like a secret. Only its hash is stored. */
export function hashReference(reference: string): Uint8Array {
  return sha256(reference)
}

/** Whether a request refers to a pushed request. */
export function isPushedRequestUri(parameters: Parameters): boolean {
  return parameters.get('request_uri')?.startsWith(REQUEST_URI_PREFIX) ?? false
}

/**
 * Finds the request that the client pushed. Parameters beside the reference are ignored (RFC 9126 §4), so there is no
 * redirect URI for an error. Throws `invalid_request_uri` or `invalid_request`, which are shown on a page.
 */
export async function findPushedRequest(
  parameters: Parameters,
  client: RegisteredClient,
  { clock, pushedAuthorizationRequests }: PushedRequestOptions,
): Promise<ResolvedRequest> {
  rejectDuplicates(parameters)
  if (parameters.get('request') !== undefined) {
    throw new OAuthError(
      'invalid_request',
      "The parameters 'request' and 'request_uri' exclude each other: send only one of them.",
    )
  }
  const referenceHash = hashReference((parameters.get('request_uri') ?? '').slice(REQUEST_URI_PREFIX.length))
  const pushed = { referenceHash, organisationId: client.organisationId }
  const stored = await pushedAuthorizationRequests.find({ ...pushed, clientId: client.id, now: clock.now() })
  if (stored) {
    const { parameters: storedRecord, hintedSubject } = stored
    return { parameters: parametersFromRecord(storedRecord), client, pushed, hintedSubject: hintedSubject ?? undefined }
  }
  throw new OAuthError(
    'invalid_request_uri',
    'The request_uri is not valid: the request was already completed, has expired, or was not pushed by this client. Go back to the application and start again.',
  )
}

/** Throws `invalid_request` if the client must push its requests (RFC 9126 §6). */
export function rejectUnpushedRequest({ requirePushedAuthorizationRequests }: RegisteredClient): void {
  if (!requirePushedAuthorizationRequests) return
  throw new OAuthError(
    'invalid_request',
    'This client must use pushed authorization requests (RFC 9126): push the request to /oauth2/par first and send the returned request_uri.',
  )
}
