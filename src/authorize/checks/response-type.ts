import type { RegisteredClient } from '../../model/client.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { required, type Parameters } from '../../oauth/params.ts'
import { responseModes } from '../response-channel.ts'

/** Every response type that a client can register. */
export const responseTypes = ['code'] as const

/** RFC 6749 §3.1.1: known, and the client's. */
export function checkResponseType(parameters: Parameters, client: RegisteredClient): void {
  const wanted = required(parameters, 'response_type')
  if (!responseTypes.some((type) => type === wanted)) {
    throw new OAuthError(
      'unsupported_response_type',
      `The response type '${wanted.slice(0, 60)}' is not supported. Supported: code.`,
    )
  }
  if (!client.responseTypes.includes(wanted) || !client.grantTypes.includes('authorization_code')) {
    throw new OAuthError('unauthorized_client', `This client is not registered for the response type '${wanted}'.`)
  }
}

/** OAuth 2.0 Multiple Response Types §2.1; a form can only be posted to a web address. */
export function checkResponseMode(parameters: Parameters, _client: RegisteredClient, redirectUri: string): void {
  const wanted = parameters.get('response_mode')
  if (wanted === undefined) return
  if (!responseModes.some((mode) => mode === wanted)) {
    throw new OAuthError(
      'invalid_request',
      `The response_mode '${wanted.slice(0, 60)}' is not supported. Supported: ${responseModes.join(', ')}.`,
    )
  }
  if (wanted === 'form_post' && !/^https?:/.test(redirectUri)) {
    throw new OAuthError('invalid_request', 'The response_mode form_post needs an http or https redirect URI.')
  }
}
