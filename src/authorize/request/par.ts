import { addSeconds, type Clock } from '../../lib/time/clock.ts'
import { randomToken } from '../../lib/crypto/random.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { PushedAuthorizationRequestRepository } from '../../model/authorization/pushed-authorization-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { PushedAuthorizationResponse } from '../../oauth/messages/pushed-authorization-response.ts'
import { rejectDuplicates, parametersFromRecord, parametersToRecord, type Parameters } from '../../oauth/parameters.ts'
import { checkRequest, type CheckOptions } from '../checks/check-request.ts'
import { verifyResponseTarget } from '../channels/response-target.ts'
import { hashReference, storedParameters, toRequestUri } from './pushed-request.ts'
import { readRequestObject, type RequestObjectOptions } from './request-object.ts'

export interface ParOptions extends RequestObjectOptions, CheckOptions {
  clock: Clock
  pushedAuthorizationRequests: Pick<PushedAuthorizationRequestRepository, 'create'>
}

/** Parameters that authenticate the client and are not part of its authorization request. */
const CLIENT_CREDENTIAL_PARAMETERS = new Set(['client_secret', 'client_assertion', 'client_assertion_type'])

/** Reads the authorization request in a form of `client`. Throws `invalid_request` and the errors of request objects. */
export async function readParRequest(
  form: Parameters,
  client: RegisteredClient,
  options: RequestObjectOptions,
): Promise<Parameters> {
  rejectDuplicates(form)
  if (form.get('request_uri') !== undefined) {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'request_uri' is not allowed in a pushed request: send the parameters themselves.",
    )
  }
  const entries = Object.entries(parametersToRecord(form)).filter(([name]) => !CLIENT_CREDENTIAL_PARAMETERS.has(name))
  const parameters = { ...Object.fromEntries(entries), client_id: client.clientId }
  const { request } = parameters as { request?: string }
  if (request === undefined && !client.requireSignedRequestObject) return parametersFromRecord(parameters)
  // §3: a request object contains all parameters here. The profile's rule for merging applies to browsers only.
  const object = { client_id: client.clientId, ...(request !== undefined && { request }) }
  return readRequestObject(parametersFromRecord(object), client, options)
}

/** Binds the request to the DPoP key that the client proved, if it proved one (RFC 9449 §10.1). */
export function bindToDpopKey(jwkThumbprint: string | undefined, parameters: Parameters): Parameters {
  if (jwkThumbprint === undefined) return parameters
  if ((parameters.get('dpop_jkt') ?? jwkThumbprint) !== jwkThumbprint) {
    throw new OAuthError(
      'invalid_dpop_proof',
      "The DPoP proof is signed by a different key than the one in the parameter 'dpop_jkt'.",
    )
  }
  return parametersFromRecord({ ...parametersToRecord(parameters), dpop_jkt: jwkThumbprint })
}

/**
 * Validates a request as the authorization endpoint does and stores it (RFC 9126 §2.1). Throws the errors of the
 * authorization endpoint (§2.3).
 */
export async function storeParRequest(
  parameters: Parameters,
  client: RegisteredClient,
  options: ParOptions,
): Promise<PushedAuthorizationResponse> {
  const target = verifyResponseTarget(parameters, client, options.clock.now())
  const { hintedSubject } = await checkRequest(parameters, target, options)
  const reference = randomToken()
  const createdAt = options.clock.now()
  const lifetime = client.pushedAuthorizationRequestLifetime
  await options.pushedAuthorizationRequests.create({
    referenceHash: hashReference(reference),
    organisationId: client.organisationId,
    clientId: client.id,
    parameters: storedParameters(parameters),
    hintedSubject: hintedSubject ?? null,
    createdAt,
    expiresAt: addSeconds(createdAt, lifetime),
  })
  return { request_uri: toRequestUri(reference), expires_in: lifetime }
}

/** Replaces the codes of the error page, which §2.3 does not have. */
export function toParError(error: OAuthError): OAuthError {
  return error.code === 'redirect_uri_mismatch' ? new OAuthError('invalid_request', error.description) : error
}
