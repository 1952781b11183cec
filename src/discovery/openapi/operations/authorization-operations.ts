import { z } from 'zod'
import { authorizationRequest, pushedAuthorizationRequest } from '../../../oauth/messages/authorization-request.ts'
import { clientCredentials } from '../../../oauth/messages/client-credentials.ts'
import { deviceAuthorizationRequest } from '../../../oauth/messages/device-authorization-request.ts'
import { logoutRequest } from '../../../oauth/messages/logout-request.ts'
import {
  formBody,
  jsonResponse,
  htmlResponse,
  queryParameters,
  redirectResponse,
  schemaRef,
  responseRef,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'
import { clientSecurity, oauthErrorResponses } from './client-endpoints.ts'

const authorizationResponses: Responses = {
  200: htmlResponse('With response_mode form_post: a form that posts the response to the redirect URI.'),
  302: redirectResponse(
    'To the redirect URI with code, or with error and error_description; also with state, iss and, for the scope openid, session_state. Or to a page of the server, if the user must sign in or consent first.',
  ),
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
}

const authorization: Operation = {
  tags: ['Authorization'],
  description:
    'RFC 6749 section 4.1.1 with PKCE (RFC 7636), OpenID Connect Core section 3.1.2, RFC 9207. Redirect the browser here. Until the client and the redirect URI are verified, errors are shown on a page and never sent to the redirect URI.',
  security: [],
}

const logout: Operation = {
  tags: ['Authorization'],
  description:
    'OpenID Connect RP-Initiated Logout section 2. Redirect the browser here. Without an id_token_hint of the current session, the user is asked to confirm.',
  security: [],
}
const logoutResponses = (status: 302 | 303): Responses => ({
  200: htmlResponse('The user is signed out, or is asked to confirm.'),
  [status]: redirectResponse('To post_logout_redirect_uri with state.'),
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
})

/** The endpoints that browsers are sent to, and those that prepare it. */
export const authorizationOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /oauth2/authorize': {
    ...authorization,
    operationId: 'authorize',
    summary: 'Request authorization',
    parameters: queryParameters(authorizationRequest),
    responses: authorizationResponses,
  },
  'POST /oauth2/authorize': {
    ...authorization,
    operationId: 'authorizeByForm',
    summary: 'Request authorization with a form',
    requestBody: formBody(authorizationRequest),
    responses: { ...authorizationResponses, 303: redirectResponse('Like 302, which is used with GET.') },
  },
  'POST /oauth2/device_authorization': {
    tags: ['Authorization'],
    operationId: 'authorizeDevice',
    summary: 'Start the device flow',
    description:
      'RFC 8628 section 3.1. Show verification_uri and user_code to the user, or verification_uri_complete as a QR code, and poll the token endpoint. The codes expire after ten minutes.',
    security: clientSecurity,
    requestBody: formBody(
      z.object({
        ...deviceAuthorizationRequest.shape,
        ...clientCredentials,
        client_id: authorizationRequest.shape.client_id.optional(),
      }),
    ),
    responses: {
      200: jsonResponse('The codes.', schemaRef('DeviceAuthorizationResponse')),
      ...oauthErrorResponses,
    },
  },
  'POST /oauth2/par': {
    tags: ['Authorization'],
    operationId: 'pushAuthorizationRequest',
    summary: 'Push an authorization request (PAR)',
    description:
      'RFC 9126 section 2. Accepts the parameters of the authorization endpoint except request_uri, and validates them in the same way. The returned request_uri expires after pushedAuthorizationRequestLifetime seconds, and is valid until the first response.',
    security: clientSecurity,
    requestBody: formBody(
      z.object({
        ...pushedAuthorizationRequest.shape,
        ...clientCredentials,
        client_id: authorizationRequest.shape.client_id.optional(),
      }),
    ),
    responses: {
      201: jsonResponse('The request URI.', schemaRef('PushedAuthorizationResponse'), {
        request_uri: 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c-EoLWRCuWQ0tMZz8',
        expires_in: 60,
      }),
      ...oauthErrorResponses,
      413: responseRef('OAuthBadRequest'),
    },
  },
  'GET /oauth2/logout': {
    ...logout,
    operationId: 'logout',
    summary: 'Sign the user out',
    parameters: queryParameters(logoutRequest),
    responses: logoutResponses(302),
  },
  'POST /oauth2/logout': {
    ...logout,
    operationId: 'logoutByForm',
    summary: 'Sign the user out with a form',
    requestBody: formBody(logoutRequest),
    responses: logoutResponses(303),
  },
}
