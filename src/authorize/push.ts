import { addSeconds, type Clock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import type { RegisteredClient } from '../model/client.ts'
import type { PushedAuthorizationRequestRepository } from '../model/pushed-authorization-request.ts'
import { OAuthError } from '../oauth/errors.ts'
import { refuseRepeated, restoreParameters, storeParameters, type Parameters } from '../oauth/params.ts'
import { checkRequest } from './checks/index.ts'
import type { HintOptions } from './checks/hint.ts'
import { hashReference, requestUriOf } from './pushed-request.ts'
import { readRequestObject, type RequestSourceOptions } from './request-source.ts'
import { verifyTarget, type TargetOptions } from './response-channel.ts'

export interface PushOptions extends TargetOptions, RequestSourceOptions, HintOptions {
  clock: Clock
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'keep'>
}

/** RFC 9126 §2.2. */
export interface PushedRequestResponse {
  request_uri: string
  expires_in: number
}

/** What proves the client, and is no part of its request. */
const CREDENTIALS = new Set(['client_secret', 'client_assertion', 'client_assertion_type'])

/** The request in a form that was posted by `client`. Throws `invalid_request`, or what is wrong with its request object. */
export async function readPush(
  form: Parameters,
  client: RegisteredClient,
  options: RequestSourceOptions,
): Promise<Parameters> {
  refuseRepeated(form)
  if (form.get('request_uri') !== undefined) {
    throw new OAuthError('invalid_request', "The parameter 'request_uri' cannot be pushed: send what it stands for.")
  }
  const sent = Object.entries(storeParameters(form)).filter(([name]) => !CREDENTIALS.has(name))
  const parameters = { ...Object.fromEntries(sent), client_id: client.clientId }
  const { request } = parameters as { request?: string }
  if (request === undefined && !client.requireSignedRequestObject) return restoreParameters(parameters)
  // §3: with a request object all of the request is in it, whatever the profile says of those that browsers bring.
  const object = { client_id: client.clientId, ...(request !== undefined && { request }) }
  return readRequestObject(restoreParameters(object), client, options)
}

/** The same request for the holder of this key alone, if there is one (RFC 9449 §10.1). */
export function boundTo(key: string | undefined, parameters: Parameters): Parameters {
  if (key === undefined) return parameters
  if ((parameters.get('dpop_jkt') ?? key) !== key) {
    throw new OAuthError('invalid_dpop_proof', 'The DPoP proof is by another key than dpop_jkt names.')
  }
  return restoreParameters({ ...storeParameters(parameters), dpop_jkt: key })
}

/**
 * Looks at a request as the authorization endpoint will, and keeps it (RFC 9126 §2.1). Throws what is wrong with it, in the
 * words of that endpoint (§2.3).
 */
export async function pushRequest(
  parameters: Parameters,
  client: RegisteredClient,
  options: PushOptions,
): Promise<PushedRequestResponse> {
  const target = await verifyTarget(parameters, options)
  await checkRequest(parameters, target, options)
  const reference = randomToken()
  const createdAt = options.clock.now()
  const lifetime = client.pushedAuthorizationRequestLifetime
  await options.pushedAuthorizationRequests.keep({
    referenceHash: hashReference(reference),
    organisationId: client.organisationId,
    clientId: client.id,
    parameters: storeParameters(parameters),
    createdAt,
    expiresAt: addSeconds(createdAt, lifetime),
  })
  return { request_uri: requestUriOf(reference), expires_in: lifetime }
}

/** A refusal in the words of §2.3: those of the error page are for people. */
export function refusalOfPush(refusal: OAuthError): OAuthError {
  return refusal.code === 'redirect_uri_mismatch' ? new OAuthError('invalid_request', refusal.description) : refusal
}
