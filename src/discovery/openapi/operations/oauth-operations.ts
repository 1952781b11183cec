import { deviceCodeGrantType } from '../../../oauth/device-code.ts'
import {
  authorizationOperations,
  clientSecurity,
  EXAMPLE_CLIENT_ID,
  clientCredentialFields,
  EXAMPLE_REDIRECT_URI,
} from './authorization-operations.ts'
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

// The OAuth endpoints parse their own messages, so no route schema says what is here.

const logoutRequestFields = {
  id_token_hint: { description: 'The ID token, expired or not, of the sign-in that ends. With it nobody is asked.' },
  post_logout_redirect_uri: { description: 'Where to go afterwards: exactly one that the client registered.' },
  client_id: { description: 'The client, where no id_token_hint names it.' },
  logout_hint: { description: 'Taken, and not needed: the session says who signs out.' },
  state: { description: 'Comes back unchanged.' },
  ui_locales: { description: 'Languages in order of preference.' },
} satisfies Record<string, FormField>

const logoutOperation: Operation = {
  tags: ['Authorization'],
  description:
    'OpenID Connect RP-Initiated Logout §2. Send the browser here. Without an id_token_hint of the session the person is asked first.',
  security: [],
}
const logoutResponses = (status: 302 | 303): Responses => ({
  200: htmlResponse('Signed out, or the question whether to.'),
  [status]: redirectResponse('To post_logout_redirect_uri with state.'),
  400: responseRef('ErrorPage'),
})

const bearerSecurity: NonNullable<Operation['security']> = [{ accessToken: [] }]
const dpopProofParameter: NonNullable<Operation['parameters']> = [
  {
    in: 'header',
    name: 'DPoP',
    description:
      'A DPoP proof: binds the tokens that are issued to its key, and shows that who sends one holds it (RFC 9449).',
    schema: { type: 'string' },
  },
]
const userinfoOperation: Operation = {
  parameters: dpopProofParameter,
  tags: ['Tokens'],
  description: 'OpenID Connect Core §5.3. The access token needs the scope openid.',
  security: bearerSecurity,
  responses: {
    200: jsonResponse('The claims.', schemaRef('UserInfo'), {
      sub: '019aa2f0-5c1e-7d3b-9a52-0e7c6f1d2b34',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
    }),
    400: responseRef('OAuthRefusal'),
    401: responseRef('BearerRefusal'),
    403: responseRef('BearerRefusal'),
    503: responseRef('OAuthUnavailable'),
  },
}

/** The operations of the protocol. */
export const oauthOperations: Readonly<Record<OperationKey, Operation>> = {
  ...authorizationOperations,
  'POST /oauth2/token': {
    tags: ['Tokens'],
    operationId: 'exchangeToken',
    summary: 'Exchange a code, a refresh token or credentials for tokens',
    description:
      'RFC 6749 §4.1.3, §6 and §4.4, RFC 8628 §3.4. A code is good once and for ten minutes; used twice, what came of it is revoked. A refresh token is replaced at each use; a replaced one that comes back after the client’s reuse window ends the authorization.',
    security: clientSecurity,
    parameters: dpopProofParameter,
    requestBody: formBody(
      {
        grant_type: {
          description: 'Which of the four.',
          required: true,
          enum: ['authorization_code', 'refresh_token', 'client_credentials', deviceCodeGrantType],
        },
        code: { description: 'authorization_code: the code.' },
        redirect_uri: { description: 'authorization_code: the same as in the authorization request.' },
        code_verifier: { description: 'authorization_code: what code_challenge was made of.' },
        refresh_token: { description: 'refresh_token: the newest of its family.' },
        scope: {
          description: 'refresh_token: fewer scopes than granted. client_credentials: some of the client’s own.',
        },
        device_code: { description: 'The device code, as often as the interval allows, until there is an answer.' },
        ...clientCredentialFields,
      },
      {
        grant_type: 'authorization_code',
        code: 'AUTH_CODE',
        redirect_uri: EXAMPLE_REDIRECT_URI,
        client_id: EXAMPLE_CLIENT_ID,
        code_verifier: 'VERIFIER',
      },
    ),
    responses: {
      200: jsonResponse('The tokens.', schemaRef('TokenResponse')),
      400: responseRef('OAuthRefusal'),
      401: responseRef('OAuthUnauthenticated'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'GET /oauth2/userinfo': {
    ...userinfoOperation,
    operationId: 'getUserInfo',
    summary: 'Read the claims about the person',
  },
  'POST /oauth2/userinfo': {
    ...userinfoOperation,
    operationId: 'postUserInfo',
    summary: 'Read the claims about the person, by POST',
    security: [...bearerSecurity, {}],
    requestBody: formBody(
      { access_token: { description: 'The access token, unless it is in the header (RFC 6750 §2.2).' } },
      { access_token: 'ACCESS_TOKEN' },
    ),
  },
  'POST /oauth2/introspect': {
    tags: ['Tokens'],
    operationId: 'introspectToken',
    summary: 'Ask what a token is worth now',
    description:
      'RFC 7662. For resource servers that are confidential clients of the same organisation. A refresh token is only for the client that holds it. With Accept: application/token-introspection+jwt the answer is a JWT that says the same as token_introspection (RFC 9701).',
    security: clientSecurity,
    requestBody: formBody(
      {
        token: { description: 'The access token or refresh token.', required: true },
        token_type_hint: { description: 'Not needed: tokens say what they are.' },
        ...clientCredentialFields,
      },
      { token: 'ACCESS_TOKEN' },
    ),
    responses: {
      200: {
        description: 'What it is worth.',
        content: {
          'application/json': { schema: schemaRef('Introspection'), example: { active: false } },
          'application/token-introspection+jwt': { schema: { type: 'string' } },
        },
      },
      400: responseRef('OAuthRefusal'),
      401: responseRef('OAuthUnauthenticated'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'POST /oauth2/revoke': {
    tags: ['Tokens'],
    operationId: 'revokeToken',
    summary: 'Take a token back',
    description:
      'RFC 7009. A refresh token takes its whole authorization with it, an access token goes alone. The answer is the same for a token that is unknown or another client’s.',
    security: clientSecurity,
    requestBody: formBody(
      {
        token: { description: 'The refresh token or access token.', required: true },
        token_type_hint: { description: 'Not needed: tokens say what they are.' },
        ...clientCredentialFields,
      },
      { token: 'REFRESH_TOKEN', token_type_hint: 'refresh_token', client_id: EXAMPLE_CLIENT_ID },
    ),
    responses: {
      200: jsonResponse('Revoked, or never good.', { type: 'object' }, {}),
      400: responseRef('OAuthRefusal'),
      401: responseRef('OAuthUnauthenticated'),
      429: responseRef('OAuthTooManyRequests'),
      503: responseRef('OAuthUnavailable'),
    },
  },
  'GET /oauth2/logout': {
    ...logoutOperation,
    operationId: 'logout',
    summary: 'Sign a person out',
    parameters: queryParameters(logoutRequestFields),
    responses: logoutResponses(302),
  },
  'POST /oauth2/logout': {
    ...logoutOperation,
    operationId: 'logoutByForm',
    summary: 'Sign a person out, by a form',
    requestBody: formBody(logoutRequestFields, { id_token_hint: 'ID_TOKEN' }),
    responses: logoutResponses(303),
  },
}
