import { deviceCodeGrantType } from '../../oauth/device.ts'
import { authorizationOperations, byClient, CLIENT_ID, credentials, REDIRECT_URI } from './authorization-operations.ts'
import {
  form,
  json,
  page,
  query,
  redirect,
  ref,
  shared,
  type Field,
  type Operation,
  type OperationKey,
  type Responses,
} from './operation.ts'

// The OAuth endpoints parse their own messages, so no route schema says what is here.

const logoutRequest = {
  id_token_hint: { description: 'The ID token, expired or not, of the sign-in that ends. With it nobody is asked.' },
  post_logout_redirect_uri: { description: 'Where to go afterwards: exactly one that the client registered.' },
  client_id: { description: 'The client, where no id_token_hint names it.' },
  logout_hint: { description: 'Taken, and not needed: the session says who signs out.' },
  state: { description: 'Comes back unchanged.' },
  ui_locales: { description: 'Languages in order of preference.' },
} satisfies Record<string, Field>

const signingOut: Operation = {
  tags: ['Authorization'],
  description:
    'OpenID Connect RP-Initiated Logout §2. Send the browser here. Without an id_token_hint of the session the person is asked first.',
  security: [],
}
const logoutAnswers = (status: 302 | 303): Responses => ({
  200: page('Signed out, or the question whether to.'),
  [status]: redirect('To post_logout_redirect_uri with state.'),
  400: shared('ErrorPage'),
})

const bearer: NonNullable<Operation['security']> = [{ accessToken: [] }]
const dpopProof: NonNullable<Operation['parameters']> = [
  {
    in: 'header',
    name: 'DPoP',
    description:
      'A DPoP proof: binds the tokens that are issued to its key, and shows that who sends one holds it (RFC 9449).',
    schema: { type: 'string' },
  },
]
const userinfo: Operation = {
  parameters: dpopProof,
  tags: ['Tokens'],
  description: 'OpenID Connect Core §5.3. The access token needs the scope openid.',
  security: bearer,
  responses: {
    200: json('The claims.', ref('UserInfo'), {
      sub: '019aa2f0-5c1e-7d3b-9a52-0e7c6f1d2b34',
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
    }),
    400: shared('OAuthRefusal'),
    401: shared('BearerRefusal'),
    403: shared('BearerRefusal'),
    503: shared('OAuthUnavailable'),
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
    security: byClient,
    parameters: dpopProof,
    requestBody: form(
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
        ...credentials,
      },
      {
        grant_type: 'authorization_code',
        code: 'AUTH_CODE',
        redirect_uri: REDIRECT_URI,
        client_id: CLIENT_ID,
        code_verifier: 'VERIFIER',
      },
    ),
    responses: {
      200: json('The tokens.', ref('TokenResponse')),
      400: shared('OAuthRefusal'),
      401: shared('OAuthUnauthenticated'),
      429: shared('OAuthTooManyRequests'),
      503: shared('OAuthUnavailable'),
    },
  },
  'GET /oauth2/userinfo': { ...userinfo, operationId: 'getUserInfo', summary: 'Read the claims about the person' },
  'POST /oauth2/userinfo': {
    ...userinfo,
    operationId: 'postUserInfo',
    summary: 'Read the claims about the person, by POST',
    security: [...bearer, {}],
    requestBody: form(
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
    security: byClient,
    requestBody: form(
      {
        token: { description: 'The access token or refresh token.', required: true },
        token_type_hint: { description: 'Not needed: tokens say what they are.' },
        ...credentials,
      },
      { token: 'ACCESS_TOKEN' },
    ),
    responses: {
      200: {
        description: 'What it is worth.',
        content: {
          'application/json': { schema: ref('Introspection'), example: { active: false } },
          'application/token-introspection+jwt': { schema: { type: 'string' } },
        },
      },
      400: shared('OAuthRefusal'),
      401: shared('OAuthUnauthenticated'),
      429: shared('OAuthTooManyRequests'),
      503: shared('OAuthUnavailable'),
    },
  },
  'POST /oauth2/revoke': {
    tags: ['Tokens'],
    operationId: 'revokeToken',
    summary: 'Take a token back',
    description:
      'RFC 7009. A refresh token takes its whole authorization with it, an access token goes alone. The answer is the same for a token that is unknown or another client’s.',
    security: byClient,
    requestBody: form(
      {
        token: { description: 'The refresh token or access token.', required: true },
        token_type_hint: { description: 'Not needed: tokens say what they are.' },
        ...credentials,
      },
      { token: 'REFRESH_TOKEN', token_type_hint: 'refresh_token', client_id: CLIENT_ID },
    ),
    responses: {
      200: json('Revoked, or never good.', { type: 'object' }, {}),
      400: shared('OAuthRefusal'),
      401: shared('OAuthUnauthenticated'),
      429: shared('OAuthTooManyRequests'),
      503: shared('OAuthUnavailable'),
    },
  },
  'GET /oauth2/logout': {
    ...signingOut,
    operationId: 'logout',
    summary: 'Sign a person out',
    parameters: query(logoutRequest),
    responses: logoutAnswers(302),
  },
  'POST /oauth2/logout': {
    ...signingOut,
    operationId: 'logoutByForm',
    summary: 'Sign a person out, by a form',
    requestBody: form(logoutRequest, { id_token_hint: 'ID_TOKEN' }),
    responses: logoutAnswers(303),
  },
}
