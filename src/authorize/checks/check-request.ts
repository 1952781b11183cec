// The checks of an authorization request, in the order in which they are made. Each looks at one thing and throws what is
// to be answered; none knows of another.

import { requestedScopes } from '../../clients/requested-scopes.ts'
import type { RegisteredClient } from '../../model/clients/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { rejectDuplicates, type Parameters } from '../../oauth/parameters.ts'
import { responseTypeIncludes } from '../../oauth/response-type.ts'
import type { AuthorizationRequest } from '../request/authorization-request.ts'
import type { ResponseTarget } from '../channels/response-channel.ts'
import { checkAcrValues } from './acr.ts'
import { checkClaims } from './claims.ts'
import { checkDpopJkt } from './dpop-jkt.ts'
import { checkIdTokenHint, type IdTokenHintOptions } from './id-token-hint.ts'
import { checkPkce } from './pkce.ts'
import { checkMaxAge, checkPrompt } from './prompt.ts'
import { checkIdTokenRequest, checkResponseMode, checkResponseType } from './response-type.ts'
import { checkLengths, checkUnsupported } from './unsupported.ts'

/** Looks at the request, with its client, and throws an `OAuthError` that belongs in the response channel. */
export type Check = (parameters: Parameters, client: RegisteredClient, redirectUri: string) => void

/** In this order: what makes the rest meaningless comes first. */
const simpleChecks: readonly [CheckName, Check][] = [
  ['repeated', rejectDuplicates],
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
  options: IdTokenHintOptions,
  onCheck: (check: CheckName) => void = () => {},
): Promise<AuthorizationRequest> {
  for (const [name, check] of simpleChecks) {
    onCheck(name)
    check(parameters, client, redirectUri)
  }
  onCheck('response_type')
  const responseType = checkResponseType(parameters, client)
  onCheck('scope')
  const scopes = requestedScopes(parameters, client)
  onCheck('id_token')
  checkIdTokenRequest(parameters, responseType, scopes)
  onCheck('claims')
  const claimsCheck = checkClaims(parameters, client)
  onCheck('id_token_hint')
  const hintedSubject = await checkIdTokenHint(parameters, client, options)
  if (hintedSubject !== undefined && claimsCheck.subject !== undefined && hintedSubject !== claimsCheck.subject) {
    throw new OAuthError('invalid_request', "id_token_hint and the 'sub' of 'claims' are about different people.")
  }
  onCheck('pkce')
  const codeChallenge = responseTypeIncludes(responseType, 'code') ? checkPkce(parameters, client) : undefined
  onCheck('dpop_jkt')
  const dpopJkt = checkDpopJkt(parameters)
  onCheck('prompt')
  const prompt = checkPrompt(parameters, client)
  onCheck('max_age')
  const maxAge = checkMaxAge(parameters, client)
  return {
    client,
    redirectUri,
    responseType,
    scopes,
    claims: claimsCheck.claims,
    consentScopes: [...new Set([...scopes, ...claimsCheck.scopes])],
    nonce: parameters.get('nonce'),
    codeChallenge,
    dpopJkt,
    prompt,
    maxAge,
    loginHint: parameters.get('login_hint'),
    uiLocales: parameters.get('ui_locales'),
    hintedSubject: hintedSubject ?? claimsCheck.subject,
    deviceAuthorizationId: undefined,
  }
}
