// The checks of an authorization request, in the order in which they are made. Each looks at one thing and throws what is
// to be answered; none knows of another.

import { requestedScopes } from '../../clients/requested-scopes.ts'
import type { RegisteredClient } from '../../model/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { refuseRepeated, type Parameters } from '../../oauth/params.ts'
import { includes } from '../../oauth/response-type.ts'
import type { AuthorizationRequest } from '../request.ts'
import type { ResponseTarget } from '../response-channel.ts'
import { checkAcrValues } from './acr.ts'
import { checkClaims } from './claims.ts'
import { checkDpopJkt } from './dpop-jkt.ts'
import { checkHint, type HintOptions } from './hint.ts'
import { checkPkce } from './pkce.ts'
import { checkMaxAge, checkPrompt } from './prompt.ts'
import { checkIdTokenRequest, checkResponseMode, checkResponseType } from './response-type.ts'
import { checkLengths, checkUnsupported } from './unsupported.ts'

/** Looks at the request, with its client, and throws an `OAuthError` that belongs in the response channel. */
export type Check = (parameters: Parameters, client: RegisteredClient, redirectUri: string) => void

/** In this order: what makes the rest meaningless comes first. */
const checks: readonly [CheckName, Check][] = [
  ['repeated', refuseRepeated],
  ['unsupported', checkUnsupported],
  ['lengths', checkLengths],
  ['acr_values', checkAcrValues],
  ['response_mode', checkResponseMode],
]

/** All checks by name, in their order. */
export const checkNames = [
  'repeated',
  'unsupported',
  'lengths',
  'acr_values',
  'response_mode',
  'response_type',
  'scope',
  'id_token',
  'claims',
  'id_token_hint',
  'pkce',
  'dpop_jkt',
  'prompt',
  'max_age',
] as const
export type CheckName = (typeof checkNames)[number]

/** The request, when it makes sense. Throws what the client is to be told. `begin` hears of each check before it is made. */
export async function checkRequest(
  parameters: Parameters,
  { client, redirectUri }: ResponseTarget,
  options: HintOptions,
  begin: (check: CheckName) => void = () => {},
): Promise<AuthorizationRequest> {
  for (const [name, check] of checks) {
    begin(name)
    check(parameters, client, redirectUri)
  }
  begin('response_type')
  const responseType = checkResponseType(parameters, client)
  begin('scope')
  const scopes = requestedScopes(parameters, client)
  begin('id_token')
  checkIdTokenRequest(parameters, responseType, scopes)
  begin('claims')
  const wanted = checkClaims(parameters, client)
  begin('id_token_hint')
  const hinted = await checkHint(parameters, client, options)
  if (hinted !== undefined && wanted.subject !== undefined && hinted !== wanted.subject) {
    throw new OAuthError('invalid_request', "id_token_hint and the 'sub' of 'claims' are about different people.")
  }
  begin('pkce')
  const codeChallenge = includes(responseType, 'code') ? checkPkce(parameters, client) : undefined
  begin('dpop_jkt')
  const dpopJkt = checkDpopJkt(parameters)
  begin('prompt')
  const prompt = checkPrompt(parameters, client)
  begin('max_age')
  const maxAge = checkMaxAge(parameters, client)
  return {
    client,
    redirectUri,
    responseType,
    scopes,
    claims: wanted.claims,
    consentScopes: [...new Set([...scopes, ...wanted.scopes])],
    nonce: parameters.get('nonce'),
    codeChallenge,
    dpopJkt,
    prompt,
    maxAge,
    loginHint: parameters.get('login_hint'),
    uiLocales: parameters.get('ui_locales'),
    hintedSubject: hinted ?? wanted.subject,
    deviceAuthorizationId: undefined,
  }
}
