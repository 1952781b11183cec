// `authorize/diagnostics` owns the diagnosis of authorization requests that failed or would fail.
// It runs the same checks as the endpoint and reports which one failed and why.
// Showing the diagnosis to administrators belongs to `admin`.

import { failed, passed, skipped, type ClientCheck } from '../../clients/diagnostics/client-check.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { checkRequest, requestChecks, type CheckOptions } from '../checks/check-request.ts'
import { readParRequest } from '../request/par.ts'
import {
  findPushedRequest,
  isPushedRequestUri,
  rejectUnpushedRequest,
  type PushedRequestOptions,
} from '../request/pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestObjectOptions } from '../request/request-object.ts'
import { findClient, verifyResponseTarget, type ClientLookupOptions } from '../channels/response-target.ts'

export type DiagnoseRequestOptions = ClientLookupOptions & RequestObjectOptions & CheckOptions & PushedRequestOptions

/** The sender of a request: a browser, or the client itself (PAR, RFC 9126). `resolved`: the parameters were already read. */
export type RequestSource = 'browser' | 'client' | 'resolved'

const diagnosticSteps = [
  'client',
  'pushed_request',
  'request_object',
  'redirect_uri',
  ...requestChecks.map(({ name }) => name),
] as const
type DiagnosticStep = (typeof diagnosticSteps)[number]

/** The parameters that each step inspects, and what it expects. */
const inspects: Readonly<Record<DiagnosticStep, { parameters: readonly string[]; expected: string }>> = {
  client: { parameters: ['client_id'], expected: 'the client_id of a client that is active and has not expired' },
  pushed_request: {
    parameters: ['request_uri'],
    expected: 'a pushed request that has not expired and is not completed, if one is sent or required',
  },
  request_object: {
    parameters: ['request', 'request_uri'],
    expected: 'a request object that is signed and encrypted as registered, if one is sent or required',
  },
  redirect_uri: { parameters: ['redirect_uri'], expected: 'exactly a redirect URI that is registered' },
  repeated: { parameters: [], expected: 'each parameter at most once' },
  unsupported: { parameters: ['registration'], expected: 'no unsupported parameter' },
  lengths: {
    parameters: ['state', 'nonce', 'login_hint', 'ui_locales', 'acr_values'],
    expected: 'values within their length limits',
  },
  acr_values: { parameters: ['acr_values'], expected: 'acr values that the client may request' },
  response_mode: {
    parameters: ['response_mode'],
    expected: 'a response mode that the profile and the response type allow',
  },
  response_type: { parameters: ['response_type'], expected: 'a response type that is registered with its grant types' },
  scope: {
    parameters: ['scope', 'resource'],
    expected: 'registered scopes, and resources that the client may request with scopes of theirs',
  },
  id_token: {
    parameters: ['scope', 'nonce'],
    expected: 'the scope openid and a nonce, for an ID token in the front channel',
  },
  claims: { parameters: ['claims'], expected: 'a JSON object with valid claim requests' },
  id_token_hint: { parameters: ['id_token_hint'], expected: 'an ID token that this server issued to this client' },
  pkce: {
    parameters: ['code_challenge', 'code_challenge_method'],
    expected: 'an S256 challenge, if PKCE is required',
  },
  dpop_jkt: {
    parameters: ['dpop_jkt'],
    expected: 'the SHA-256 thumbprint of a key, to bind the code to it',
  },
  prompt: { parameters: ['prompt'], expected: 'none alone, or any of login, consent, select_account' },
  max_age: { parameters: ['max_age'], expected: 'a whole number of seconds' },
}

/** Parameters that are shown with their value. Of others, which may be secret, only the length is shown. */
const loggableParameters = new Set([
  'client_id',
  'redirect_uri',
  'response_mode',
  'response_type',
  'scope',
  'resource',
  'code_challenge_method',
  'prompt',
  'max_age',
  'ui_locales',
  'acr_values',
])

/**
 * Runs the checks of the authorization endpoint on a request and reports each result. Issues and stores nothing. As at the
 * endpoint, the checks after the first failed one are skipped.
 */
export async function diagnoseRequest(
  sent: Parameters,
  options: DiagnoseRequestOptions,
  source: RequestSource = 'browser',
): Promise<ClientCheck[]> {
  const completedSteps: { step: DiagnosticStep; seen: string }[] = []
  let currentStep: DiagnosticStep = 'client'
  let parameters = sent
  const startStep = (step: DiagnosticStep) => {
    completedSteps.push({ step: currentStep, seen: describeParameters(parameters, currentStep) })
    currentStep = step
  }
  let failure: OAuthError | undefined
  try {
    const client = await findClient(parameters, options)
    startStep('pushed_request')
    const isReference = source === 'browser' && isPushedRequestUri(parameters)
    const pushedRequest = isReference ? await findPushedRequest(parameters, client, options) : undefined
    if (source === 'browser' && !pushedRequest) rejectUnpushedRequest(client)
    startStep('request_object')
    if (pushedRequest) parameters = pushedRequest.parameters
    else if (source === 'client') parameters = await readParRequest(parameters, client, options)
    else if (source === 'browser' && (hasRequestObject(parameters) || client.requireSignedRequestObject)) {
      parameters = await readRequestObject(parameters, client, options)
    }
    startStep('redirect_uri')
    const target = verifyResponseTarget(parameters, client, options.clock.now())
    await checkRequest(parameters, target, options, startStep)
    startStep('client')
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    failure = error
  }
  return diagnosticSteps.map((name) => {
    const { expected } = inspects[name]
    const completedStep = completedSteps.find(({ step }) => step === name)
    if (completedStep) return passed({ name, expected, seen: completedStep.seen })
    if (failure && name === currentStep) {
      return failed(
        { name, expected, seen: `${describeParameters(parameters, name)}: ${failure.code}` },
        failure.description,
      )
    }
    return skipped({
      name,
      expected,
      seen: 'not checked: an earlier check failed, or the response type does not need it',
    })
  })
}

function describeParameters(parameters: Parameters, step: DiagnosticStep): string {
  const values = inspects[step].parameters.flatMap((name) => {
    const value = parameters.get(name)
    if (value === undefined) return []
    return [`${name}=${loggableParameters.has(name) ? value.slice(0, 300) : `(${value.length} characters)`}`]
  })
  return values.length > 0 ? values.join(' ') : 'no parameter that this check inspects was sent'
}
