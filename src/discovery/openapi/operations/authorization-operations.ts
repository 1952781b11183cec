import { responseModes, responseTypes } from '../../../oauth/response-type.ts'
import {
  formBody,
  jsonResponse,
  htmlResponse,
  queryParameters,
  redirectResponse,
  schemaRef,
  responseRef,
  type FormField,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'

// How a client comes to ask a person. The OAuth endpoints parse their own messages, so no route schema says what is here.

export const EXAMPLE_CLIENT_ID = 'client_abc123xyz'
export const EXAMPLE_REDIRECT_URI = 'https://myapp.example.com/callback'

export const clientSecurity: NonNullable<Operation['security']> = [{ clientSecretBasic: [] }, {}]

export const clientCredentialFields = {
  client_id: { description: 'For a public client, and for a confidential one that sends its secret in the form.' },
  client_secret: { description: 'For a client that is registered for client_secret_post.' },
} satisfies Record<string, FormField>

const authorizationRequestFields = {
  response_type: {
    description:
      'What the client is given at once, one that it registered; in any order of words. Needed, unless request_uri says it.',
    enum: [...responseTypes],
    example: 'code',
  },
  client_id: { description: 'The client that asks.', required: true, example: EXAMPLE_CLIENT_ID },
  redirect_uri: {
    description:
      'Where the answer goes: exactly one of the client’s registered URIs. Needed, unless request_uri or request says it.',
    example: EXAMPLE_REDIRECT_URI,
  },
  scope: { description: 'What is asked for, separated by spaces; openid.', example: 'openid profile email' },
  state: {
    description: 'Comes back unchanged. Bind it to the browser, to recognise your own requests.',
    example: 'xyz',
  },
  code_challenge: {
    description:
      'The base64url form of the SHA-256 of the code verifier (RFC 7636). Only a confidential client with requirePkce false may go without.',
    example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  },
  code_challenge_method: { description: 'Always S256.', enum: ['S256'], example: 'S256' },
  dpop_jkt: { description: 'The thumbprint of the key by which the code must be exchanged (RFC 9449 section 10).' },
  nonce: { description: 'Comes back in the ID token. Needed where the browser carries that.' },
  response_mode: {
    description:
      'How the answer travels: query, and fragment (never query) where it carries tokens. With jwt it is one parameter, response, a JWT that says all of it (JARM).',
    enum: [...responseModes],
  },
  prompt: { description: 'none, login, consent or select_account; several separated by spaces, none alone.' },
  max_age: { description: 'Seconds since sign-in after which the person is asked to sign in again.' },
  login_hint: { description: 'The e-mail address to fill in.' },
  id_token_hint: { description: 'An ID token, expired or not, of the person who is meant.' },
  ui_locales: { description: 'Languages in order of preference, such as de en.' },
  acr_values: { description: 'How the person should prove who they are; the ID token says in acr how they did.' },
  claims: { description: 'Claims asked for by name, as JSON (OpenID Connect Core 5.5).' },
} satisfies Record<string, FormField & { example?: string }>

const requestObjectFields = {
  request_uri: {
    description:
      'Names a request that the client pushed (RFC 9126): with it and client_id nothing else is needed, and nothing else counts. Or a registered address of a request object.',
  },
  request: { description: 'A request object by value (RFC 9101), which says what the parameters say.' },
} satisfies Record<string, FormField>

const withoutExamples = (fields: Readonly<Record<string, FormField & { example?: string }>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, { example: _, ...field }]) => [name, field]))
const exampleValues = (fields: Readonly<Record<string, FormField & { example?: string }>>) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example]])),
  )

const authorizationResponses: Responses = {
  200: htmlResponse('With response_mode form_post: a form that posts the answer to the redirect URI.'),
  302: redirectResponse(
    'To the redirect URI with code, or error and error_description; with state, iss and, for the scope openid, session_state; or to a page that asks the person first.',
  ),
  400: responseRef('ErrorPage'),
  403: responseRef('ErrorPage'),
  429: responseRef('ErrorPage'),
  503: responseRef('ErrorPage'),
}

const authorization: Operation = {
  tags: ['Authorization'],
  description:
    'RFC 6749 §4.1.1 with PKCE (RFC 7636), OpenID Connect Core §3.1.2, RFC 9207. Send the browser here. As long as client and redirect URI are not known to be right, an error is a page and never a redirect.',
  security: [],
}

/** The operations by which authorization is asked for. */
export const authorizationOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /oauth2/authorize': {
    ...authorization,
    operationId: 'authorize',
    summary: 'Ask a person for authorization',
    parameters: queryParameters({ ...authorizationRequestFields, ...requestObjectFields }),
    responses: authorizationResponses,
  },
  'POST /oauth2/authorize': {
    ...authorization,
    operationId: 'authorizeByForm',
    summary: 'Ask a person for authorization, by a form',
    requestBody: formBody(
      withoutExamples({ ...authorizationRequestFields, ...requestObjectFields }),
      exampleValues(authorizationRequestFields),
    ),
    responses: { ...authorizationResponses, 303: redirectResponse('The same as 302, which goes with GET.') },
  },
  'POST /oauth2/device_authorization': {
    tags: ['Authorization'],
    operationId: 'authorizeDevice',
    summary: 'Begin to wait for a person who has a browser elsewhere',
    description:
      'RFC 8628 §3.1. Show the person verification_uri and user_code, or verification_uri_complete as a QR code, and ask the token endpoint for the tokens meanwhile. The codes are good for ten minutes.',
    security: clientSecurity,
    requestBody: formBody(
      {
        scope: { description: 'What is asked for, separated by spaces; openid where it is left out.' },
        ...clientCredentialFields,
      },
      { client_id: EXAMPLE_CLIENT_ID, scope: 'openid profile' },
    ),
    responses: {
      200: jsonResponse('The codes.', schemaRef('DeviceAuthorizationResponse')),
      400: responseRef('OAuthRefusal'),
      401: responseRef('OAuthUnauthenticated'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'POST /oauth2/par': {
    tags: ['Authorization'],
    operationId: 'pushAuthorizationRequest',
    summary: 'Push an authorization request, and send the browser with a reference to it',
    description:
      'RFC 9126 §2. Takes what the authorization endpoint takes, but request_uri, and refuses what it would refuse. The reference is good for one answer, and for pushedAuthorizationRequestLifetime seconds to come with it.',
    security: clientSecurity,
    requestBody: formBody(
      {
        ...withoutExamples(authorizationRequestFields),
        request: requestObjectFields.request,
        ...clientCredentialFields,
      },
      exampleValues(authorizationRequestFields),
    ),
    responses: {
      201: jsonResponse('The reference.', schemaRef('PushedAuthorizationResponse'), {
        request_uri: 'urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c-EoLWRCuWQ0tMZz8',
        expires_in: 60,
      }),
      400: responseRef('OAuthRefusal'),
      401: responseRef('OAuthUnauthenticated'),
      413: responseRef('OAuthRefusal'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
}
