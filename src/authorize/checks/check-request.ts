// `authorize/checks` owns the validation of an authorization request: one check per rule, made in a fixed order.
// A check looks at one thing, and throws an `OAuthError` that is sent to the client. Checks do not call one another.
// Verifying the client and the redirect URI belongs to `authorize/channels`.

import type { ResourceOptions } from '../../clients/resources/named-resources.ts'
import { resolveRequestedAccess } from '../../clients/resources/requested-access.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, type Parameters } from '../../oauth/parameters.ts'
import { responseTypeIncludes } from '../../oauth/response-type.ts'
import type { BrowserAuthorizationRequest } from '../request/authorization-request.ts'
import type { ResponseTarget } from '../channels/response-target.ts'
import { checkAcrValues } from './acr.ts'
import { checkClaims } from './claims.ts'
import { checkDpopJkt } from './dpop-jkt.ts'
import type { IdTokenHintOptions } from '../../keys/id-token-hint.ts'
import { checkIdTokenHint } from './id-token-hint.ts'
import { checkPkce } from './pkce.ts'
import { checkMaxAge, checkPrompt } from './prompt.ts'
import { checkIdTokenRequest, checkResponseMode, checkResponseType } from './response-type.ts'
import { checkLengths, checkUnsupported } from './unsupported.ts'

/** What a check may look at: the parameters, and what earlier checks have read from them. */
interface CheckInput {
  parameters: Parameters
  request: Readonly<BrowserAuthorizationRequest>
  options: CheckOptions
}

export type CheckOptions = IdTokenHintOptions & ResourceOptions

type CheckedMembers = Partial<Omit<BrowserAuthorizationRequest, 'channel' | 'client' | 'redirectUri'>>

interface Check {
  /** Shown in the diagnosis of a request. */
  name: string
  /** Returns the members of the request that this check has read. */
  run(input: CheckInput): CheckedMembers | void | Promise<CheckedMembers | void>
}

/** All checks in their order. Checks that decide whether others make sense come first. */
export const requestChecks = [
  { name: 'repeated', run: ({ parameters }) => rejectDuplicates(parameters) },
  { name: 'unsupported', run: ({ parameters }) => checkUnsupported(parameters) },
  { name: 'lengths', run: ({ parameters }) => checkLengths(parameters) },
  { name: 'acr_values', run: ({ parameters, request }) => ({ acr: checkAcrValues(parameters, request.client) }) },
  {
    name: 'response_mode',
    run: ({ parameters, request }) => checkResponseMode(parameters, request.client, request.redirectUri),
  },
  {
    name: 'response_type',
    run: ({ parameters, request }) => ({ responseType: checkResponseType(parameters, request.client) }),
  },
  {
    name: 'scope',
    run: ({ parameters, request, options }) => resolveRequestedAccess(parameters, request.client, options),
  },
  {
    name: 'id_token',
    run: ({ parameters, request }) => checkIdTokenRequest(parameters, request.responseType, request.scopes),
  },
  {
    name: 'claims',
    run({ parameters, request }) {
      const { claims, scopes, subject, acr = request.acr } = checkClaims(parameters, request.client)
      return { claims, acr, consentScopes: [...new Set([...request.consentScopes, ...scopes])], hintedSubject: subject }
    },
  },
  {
    name: 'id_token_hint',
    run: (input) => (input.parameters.get('id_token_hint') === undefined ? undefined : checkHintedUser(input)),
  },
  {
    name: 'pkce',
    run: ({ parameters, request }) =>
      responseTypeIncludes(request.responseType, 'code')
        ? { codeChallenge: checkPkce(parameters, request.client) }
        : {},
  },
  { name: 'dpop_jkt', run: ({ parameters }) => ({ dpopJkt: checkDpopJkt(parameters) }) },
  { name: 'prompt', run: ({ parameters, request }) => ({ prompt: checkPrompt(parameters, request.client) }) },
  { name: 'max_age', run: ({ parameters, request }) => ({ maxAge: checkMaxAge(parameters, request.client) }) },
] as const satisfies readonly Check[]

export type CheckName = (typeof requestChecks)[number]['name']

async function checkHintedUser({ parameters, request, options }: CheckInput): Promise<CheckedMembers> {
  const subject = await checkIdTokenHint(parameters, request.client, options)
  if (subject === undefined) return {}
  if (request.hintedSubject !== undefined && request.hintedSubject !== subject) {
    throw new OAuthError('invalid_request', "id_token_hint and the 'sub' of 'claims' name different users.")
  }
  return { hintedSubject: subject }
}

/** Validates a request. Throws the error for the client. `onCheck` is called with the name of each check before it runs. */
export async function checkRequest(
  parameters: Parameters,
  { client, redirectUri }: ResponseTarget,
  options: CheckOptions,
  onCheck?: (check: CheckName) => void,
): Promise<BrowserAuthorizationRequest> {
  const request: BrowserAuthorizationRequest = {
    channel: 'browser',
    client,
    redirectUri,
    responseType: 'code',
    scopes: [],
    claims: undefined,
    resources: undefined,
    consentScopes: [],
    nonce: parameters.get('nonce'),
    codeChallenge: undefined,
    dpopJkt: undefined,
    prompt: new Set(),
    maxAge: undefined,
    acr: undefined,
    loginHint: parameters.get('login_hint'),
    uiLocales: parameters.get('ui_locales'),
    hintedSubject: undefined,
  }
  const checks: readonly (Check & { name: CheckName })[] = requestChecks
  for (const { name, run } of checks) {
    onCheck?.(name)
    // Only a check that waits costs a turn of the microtask queue.
    const outcome = run({ parameters, request, options })
    Object.assign(request, outcome instanceof Promise ? await outcome : outcome)
  }
  return request
}
