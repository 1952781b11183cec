// `authorize/diagnostics` owns the explanation of authorization requests that failed or would fail.
// It runs the same checks as the endpoint and reports which one failed and why.
// Showing the explanation to administrators belongs to `admin`.

import { failed, passed, skipped, type ClientCheck } from '../../clients/diagnostics/client-check.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { checkNames, checkRequest } from '../checks/check-request.ts'
import type { IdTokenHintOptions } from '../checks/id-token-hint.ts'
import { readParRequest } from '../request/par.ts'
import {
  findPushedRequest,
  isPushedRequestUri,
  rejectUnpushedRequest,
  type PushedRequestOptions,
} from '../request/pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestObjectOptions } from '../request/request-object.ts'
import { findClient, verifyResponseTarget, type ResponseTargetOptions } from '../channels/response-channel.ts'

export type DiagnoseRequestOptions = ResponseTargetOptions &
  RequestObjectOptions &
  IdTokenHintOptions &
  PushedRequestOptions

/** Who brought a request: a browser, or its client itself (RFC 9126). `collected`: it was read already, from wherever it was. */
export type RequestSource = 'browser' | 'client' | 'collected'

const diagnosticSteps = ['client', 'pushed_request', 'request_object', 'redirect_uri', ...checkNames] as const
type DiagnosticStep = (typeof diagnosticSteps)[number]

/** What each step looks at, and what it expects there. Parameters in `secret` are shown by their length alone. */
const inspects: Readonly<Record<DiagnosticStep, { parameters: readonly string[]; expected: string }>> = {
  client: { parameters: ['client_id'], expected: 'the client_id of a client that is active and has not expired' },
  pushed_request: {
    parameters: ['request_uri'],
    expected: 'a request that was pushed, has not expired and was not answered, where one is named or demanded',
  },
  request_object: {
    parameters: ['request', 'request_uri'],
    expected: 'a request object that is signed and encrypted as registered, where one is sent or demanded',
  },
  redirect_uri: { parameters: ['redirect_uri'], expected: 'a registered redirect URI, to the letter' },
  repeated: { parameters: [], expected: 'each parameter once' },
  unsupported: { parameters: ['registration'], expected: 'no parameter that would have to be ignored' },
  lengths: { parameters: ['state', 'nonce', 'login_hint', 'ui_locales', 'acr_values'], expected: 'bounded values' },
  acr_values: { parameters: ['acr_values'], expected: 'values of acr that the client may ask for' },
  response_mode: { parameters: ['response_mode'], expected: 'a mode of the profile that the response type may have' },
  response_type: { parameters: ['response_type'], expected: 'a registered type, with its grants' },
  scope: { parameters: ['scope'], expected: 'registered scopes' },
  id_token: { parameters: ['scope', 'nonce'], expected: 'openid and a nonce, for an ID token in the front channel' },
  claims: { parameters: ['claims'], expected: 'JSON that asks for what can be told' },
  id_token_hint: { parameters: ['id_token_hint'], expected: 'an ID token that was issued here to this client' },
  pkce: {
    parameters: ['code_challenge', 'code_challenge_method'],
    expected: 'a challenge by S256, where PKCE is needed',
  },
  dpop_jkt: {
    parameters: ['dpop_jkt'],
    expected: 'the SHA-256 thumbprint of a key, where a code is to be bound to it',
  },
  prompt: { parameters: ['prompt'], expected: 'none alone, or login, consent, select_account' },
  max_age: { parameters: ['max_age'], expected: 'whole seconds' },
}

const loggableParameters = new Set([
  'client_id',
  'redirect_uri',
  'response_mode',
  'response_type',
  'scope',
  'code_challenge_method',
  'prompt',
  'max_age',
  'ui_locales',
  'acr_values',
])

/**
 * The checks that an authorization request goes through, one by one, as the authorization endpoint makes them; nothing is
 * issued or kept. After the first that fails the others are skipped, as they are there.
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
    const target = await verifyResponseTarget(parameters, options)
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
      seen: 'not looked at: an earlier check failed, or the response type has no use for it',
    })
  })
}

function describeParameters(parameters: Parameters, step: DiagnosticStep): string {
  const values = inspects[step].parameters.flatMap((name) => {
    const value = parameters.get(name)
    if (value === undefined) return []
    return [`${name}=${loggableParameters.has(name) ? value.slice(0, 300) : `(${value.length} characters)`}`]
  })
  return values.length > 0 ? values.join(' ') : 'nothing that it looks at was sent'
}
