// The checks of an authorization request, in the order in which they are made. Each looks at one thing and throws what is
// to be answered; none knows of another.

import type { RegisteredClient } from '../../model/client.ts'
import { refuseRepeated, type Parameters } from '../../oauth/params.ts'
import { includes } from '../../oauth/response-type.ts'
import type { AuthorizationRequest } from '../request.ts'
import type { ResponseChannel } from '../response-channel.ts'
import { checkHint, type HintOptions } from './hint.ts'
import { checkPkce } from './pkce.ts'
import { checkMaxAge, checkPrompt } from './prompt.ts'
import { checkIdTokenRequest, checkResponseMode, checkResponseType } from './response-type.ts'
import { checkScope } from './scope.ts'
import { checkLengths, checkUnsupported } from './unsupported.ts'

/** Looks at the request, with its client, and throws an `OAuthError` that belongs in the response channel. */
export type Check = (parameters: Parameters, client: RegisteredClient, redirectUri: string) => void

/** In this order: what makes the rest meaningless comes first. */
const checks: readonly Check[] = [refuseRepeated, checkUnsupported, checkLengths, checkResponseMode]

/** The request, when it makes sense. Throws what the client is to be told. */
export async function checkRequest(
  parameters: Parameters,
  { client, redirectUri }: ResponseChannel,
  options: HintOptions,
): Promise<AuthorizationRequest> {
  for (const check of checks) check(parameters, client, redirectUri)
  const responseType = checkResponseType(parameters, client)
  const scopes = checkScope(parameters, client)
  checkIdTokenRequest(parameters, responseType, scopes)
  return {
    client,
    redirectUri,
    responseType,
    scopes,
    nonce: parameters.get('nonce'),
    codeChallenge: includes(responseType, 'code') ? checkPkce(parameters, client) : undefined,
    prompt: checkPrompt(parameters),
    maxAge: checkMaxAge(parameters, client),
    loginHint: parameters.get('login_hint'),
    uiLocales: parameters.get('ui_locales'),
    hintedUserId: await checkHint(parameters, client, options),
  }
}
