import { failed, passed, skipped, type ClientCheck } from '../clients/client-check.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { checkNames, checkRequest } from './checks/index.ts'
import type { HintOptions } from './checks/hint.ts'
import { readPush } from './push.ts'
import { findPushedRequest, namesPushedRequest, refuseUnpushed, type PushedRequestOptions } from './pushed-request.ts'
import { hasRequestObject, readRequestObject, type RequestSourceOptions } from './request-source.ts'
import { findClient, verifyTarget, type TargetOptions } from './response-channel.ts'

export type ExplainOptions = TargetOptions & RequestSourceOptions & HintOptions & PushedRequestOptions

/** Who brought a request: a browser, or its client itself (RFC 9126). `collected`: it was read already, from wherever it was. */
export type BroughtBy = 'browser' | 'client' | 'collected'

const steps = ['client', 'pushed_request', 'request_object', 'redirect_uri', ...checkNames] as const
type Step = (typeof steps)[number]

/** What each step looks at, and what it expects there. Parameters in `secret` are shown by their length alone. */
const looksAt: Readonly<Record<Step, { parameters: readonly string[]; expected: string }>> = {
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

const open = new Set([
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
export async function explainRequest(
  sent: Parameters,
  options: ExplainOptions,
  broughtBy: BroughtBy = 'browser',
): Promise<ClientCheck[]> {
  const done: { step: Step; seen: string }[] = []
  let current: Step = 'client'
  let parameters = sent
  const begin = (step: Step) => {
    done.push({ step: current, seen: shown(parameters, current) })
    current = step
  }
  let failure: OAuthError | undefined
  try {
    const client = await findClient(parameters, options)
    begin('pushed_request')
    const named = broughtBy === 'browser' && namesPushedRequest(parameters)
    const found = named ? await findPushedRequest(parameters, client, options) : undefined
    if (broughtBy === 'browser' && !found) refuseUnpushed(client)
    begin('request_object')
    if (found) parameters = found.parameters
    else if (broughtBy === 'client') parameters = await readPush(parameters, client, options)
    else if (broughtBy === 'browser' && (hasRequestObject(parameters) || client.requireSignedRequestObject)) {
      parameters = await readRequestObject(parameters, client, options)
    }
    begin('redirect_uri')
    const target = await verifyTarget(parameters, options)
    await checkRequest(parameters, target, options, begin)
    begin('client')
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    failure = error
  }
  return steps.map((name) => {
    const { expected } = looksAt[name]
    const made = done.find(({ step }) => step === name)
    if (made) return passed({ name, expected, seen: made.seen })
    if (failure && name === current) {
      return failed({ name, expected, seen: `${shown(parameters, name)}: ${failure.code}` }, failure.description)
    }
    return skipped({
      name,
      expected,
      seen: 'not looked at: an earlier check failed, or the response type has no use for it',
    })
  })
}

function shown(parameters: Parameters, step: Step): string {
  const values = looksAt[step].parameters.flatMap((name) => {
    const value = parameters.get(name)
    if (value === undefined) return []
    return [`${name}=${open.has(name) ? value.slice(0, 300) : `(${value.length} characters)`}`]
  })
  return values.length > 0 ? values.join(' ') : 'nothing that it looks at was sent'
}
