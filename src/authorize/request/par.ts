import { addSeconds, type Clock } from '../../lib/clock.ts'
import { randomToken } from '../../lib/random.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import type { PushedAuthorizationRequestRepository } from '../../model/authorization/pushed-authorization-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, parametersFromRecord, parametersToRecord, type Parameters } from '../../oauth/parameters.ts'
import { checkRequest } from '../checks/check-request.ts'
import type { IdTokenHintOptions } from '../checks/id-token-hint.ts'
import { hashReference, toRequestUri } from './pushed-request.ts'
import { readRequestObject, type RequestObjectOptions } from './request-object.ts'
import { verifyResponseTarget, type ResponseTargetOptions } from '../channels/response-channel.ts'

export interface ParOptions extends ResponseTargetOptions, RequestObjectOptions, IdTokenHintOptions {
  clock: Clock
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'create'>
}

/** RFC 9126 §2.2. */
export interface ParResponse {
  request_uri: string
  expires_in: number
}

/** What proves the client, and is no part of its request. */
const CLIENT_CREDENTIAL_PARAMETERS = new Set(['client_secret', 'client_assertion', 'client_assertion_type'])

/** The request in a form that was posted by `client`. Throws `invalid_request`, or what is wrong with its request object. */
export async function readParRequest(
  form: Parameters,
  client: RegisteredClient,
  options: RequestObjectOptions,
): Promise<Parameters> {
  rejectDuplicates(form)
  if (form.get('request_uri') !== undefined) {
    throw new OAuthError('invalid_request', "The parameter 'request_uri' cannot be pushed: send what it stands for.")
  }
  const entries = Object.entries(parametersToRecord(form)).filter(([name]) => !CLIENT_CREDENTIAL_PARAMETERS.has(name))
  const parameters = { ...Object.fromEntries(entries), client_id: client.clientId }
  const { request } = parameters as { request?: string }
  if (request === undefined && !client.requireSignedRequestObject) return parametersFromRecord(parameters)
  // §3: with a request object all of the request is in it, whatever the profile says of those that browsers bring.
  const object = { client_id: client.clientId, ...(request !== undefined && { request }) }
  return readRequestObject(parametersFromRecord(object), client, options)
}

/** The same request for the holder of this key alone, if there is one (RFC 9449 §10.1). */
export function bindToDpopKey(jwkThumbprint: string | undefined, parameters: Parameters): Parameters {
  if (jwkThumbprint === undefined) return parameters
  if ((parameters.get('dpop_jkt') ?? jwkThumbprint) !== jwkThumbprint) {
    throw new OAuthError('invalid_dpop_proof', 'The DPoP proof is by another key than dpop_jkt names.')
  }
  return parametersFromRecord({ ...parametersToRecord(parameters), dpop_jkt: jwkThumbprint })
}

/**
 * Looks at a request as the authorization endpoint will, and keeps it (RFC 9126 §2.1). Throws what is wrong with it, in the
 * words of that endpoint (§2.3).
 */
export async function storeParRequest(
  parameters: Parameters,
  client: RegisteredClient,
  options: ParOptions,
): Promise<ParResponse> {
  const target = await verifyResponseTarget(parameters, options)
  await checkRequest(parameters, target, options)
  const reference = randomToken()
  const createdAt = options.clock.now()
  const lifetime = client.pushedAuthorizationRequestLifetime
  await options.pushedAuthorizationRequests.create({
    referenceHash: hashReference(reference),
    organisationId: client.organisationId,
    clientId: client.id,
    parameters: parametersToRecord(parameters),
    createdAt,
    expiresAt: addSeconds(createdAt, lifetime),
  })
  return { request_uri: toRequestUri(reference), expires_in: lifetime }
}

/** A refusal in the words of §2.3: those of the error page are for people. */
export function toParError(error: OAuthError): OAuthError {
  return error.code === 'redirect_uri_mismatch' ? new OAuthError('invalid_request', error.description) : error
}
