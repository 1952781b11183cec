import { profileOf, requiresJarm } from '../../clients/settings/profiles.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { requireParameter, type Parameters } from '../../oauth/parameters.ts'
import {
  resolveResponseEncoding,
  requiredGrantTypes,
  responseTypeIncludes,
  issuesFrontChannelTokens,
  parseResponseType,
  responseTypes,
  type ResponseType,
} from '../../oauth/response-type.ts'

/** RFC 6749 §3.1.1: the response type must be supported, and registered for the client. */
export function checkResponseType(parameters: Parameters, client: RegisteredClient): ResponseType {
  const requestedType = requireParameter(parameters, 'response_type')
  const type = parseResponseType(requestedType)
  if (type === undefined) {
    throw new OAuthError(
      'unsupported_response_type',
      `The response type '${requestedType.slice(0, 60)}' is not supported. Supported: ${responseTypes.join(', ')}.`,
    )
  }
  const supportedTypes = profileOf(client).responseTypes
  if (!supportedTypes.includes(type)) {
    throw new OAuthError(
      'unsupported_response_type',
      `The response type '${type}' is not supported for this client. Supported: ${supportedTypes.join(', ')}.`,
    )
  }
  const isAllowed = client.responseTypes.includes(type)
  if (!isAllowed || !requiredGrantTypes(type).every((grant) => client.grantTypes.includes(grant))) {
    throw new OAuthError('unauthorized_client', `This client is not registered for the response type '${type}'.`)
  }
  return type
}

/**
 * OAuth 2.0 Multiple Response Types §2.1, JARM §2.3. Tokens are never sent in a query, which servers log (§3.0, RFC 9700
 * §2.1.2). A form can only be posted to an http or https URI.
 */
export function checkResponseMode(parameters: Parameters, client: RegisteredClient, redirectUri: string): void {
  const requestedMode = parameters.get('response_mode')
  const type = parseResponseType(parameters.get('response_type') ?? '')
  const isJarmRequired = requiresJarm(client, type)
  if (requestedMode === undefined && !isJarmRequired) return
  const responseModes = profileOf(client).responseModes.filter(
    (name) => !isJarmRequired || resolveResponseEncoding(name, type).asJwt,
  )
  const mode = responseModes.find((name) => name === requestedMode)
  if (mode === undefined) {
    throw new OAuthError(
      'invalid_request',
      requestedMode === undefined
        ? `This client must send a response_mode. It may use: ${responseModes.join(', ')}.`
        : `The response_mode '${requestedMode.slice(0, 60)}' is not supported. This client may use: ${responseModes.join(', ')}.`,
    )
  }
  const { transport, asJwt } = resolveResponseEncoding(mode, type)
  if (transport === 'query' && type !== undefined && issuesFrontChannelTokens(type)) {
    const alternatives = asJwt ? 'jwt, fragment.jwt or form_post.jwt' : 'fragment or form_post'
    throw new OAuthError('invalid_request', `The response type '${type}' requires the response_mode ${alternatives}.`)
  }
  if (transport === 'form_post' && !/^https?:/.test(redirectUri)) {
    throw new OAuthError('invalid_request', `The response_mode '${mode}' requires an http or https redirect URI.`)
  }
}

/**
 * An ID token in the front channel requires a nonce, which ties it to this request (OpenID Connect Core §3.2.2.1,
 * §3.3.2.1), and the scope openid (§3.1.2.1).
 */
export function checkIdTokenRequest(parameters: Parameters, type: ResponseType, scopes: readonly string[]): void {
  if (!responseTypeIncludes(type, 'id_token')) return
  if (!scopes.includes('openid')) {
    throw new OAuthError('invalid_request', `The response type '${type}' requires the scope 'openid'.`)
  }
  if (parameters.get('nonce') === undefined) {
    throw new OAuthError('invalid_request', `The response type '${type}' requires the parameter 'nonce'.`)
  }
}
