import { deviceCodeGrantType } from '../../oauth/device.ts'
import { responseModes, responseTypes } from '../../oauth/response-type.ts'
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

const CLIENT_ID = 'client_abc123xyz'
const REDIRECT_URI = 'https://myapp.example.com/callback'

const byClient: NonNullable<Operation['security']> = [{ clientSecretBasic: [] }, {}]

const credentials = {
  client_id: { description: 'For a public client, and for a confidential one that sends its secret in the form.' },
  client_secret: { description: 'For a client that is registered for client_secret_post.' },
} satisfies Record<string, Field>

const authorizationRequest = {
  response_type: {
    description: 'What the client is given at once, one that it registered; in any order of words.',
    required: true,
    enum: [...responseTypes],
    example: 'code',
  },
  client_id: { description: 'The client that asks.', required: true, example: CLIENT_ID },
  redirect_uri: {
    description: 'Where the answer goes: exactly one of the client’s registered URIs.',
    required: true,
    example: REDIRECT_URI,
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
    description: 'How the answer travels: query, and fragment (never query) where it carries tokens.',
    enum: [...responseModes],
  },
  prompt: { description: 'none, login, consent or select_account; several separated by spaces, none alone.' },
  max_age: { description: 'Seconds since sign-in after which the person is asked to sign in again.' },
  login_hint: { description: 'The e-mail address to fill in.' },
  id_token_hint: { description: 'An ID token, expired or not, of the person who is meant.' },
  ui_locales: { description: 'Languages in order of preference, such as de en.' },
  acr_values: { description: 'How the person should prove who they are; the ID token says in acr how they did.' },
  claims: { description: 'Claims asked for by name, as JSON (OpenID Connect Core 5.5).' },
} satisfies Record<string, Field & { example?: string }>

const withoutExamples = (fields: Readonly<Record<string, Field & { example?: string }>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, { example: _, ...field }]) => [name, field]))
const examples = (fields: Readonly<Record<string, Field & { example?: string }>>) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, { example }]) => (example === undefined ? [] : [[name, example]])),
  )

const authorizationAnswers: Responses = {
  200: page('With response_mode form_post: a form that posts the answer to the redirect URI.'),
  302: redirect(
    'To the redirect URI with code, or error and error_description; with state, iss and, for the scope openid, session_state; or to a page that asks the person first.',
  ),
  400: shared('ErrorPage'),
  403: shared('ErrorPage'),
  429: shared('ErrorPage'),
  503: shared('ErrorPage'),
}

const authorization: Operation = {
  tags: ['Authorization'],
  description:
    'RFC 6749 §4.1.1 with PKCE (RFC 7636), OpenID Connect Core §3.1.2, RFC 9207. Send the browser here. As long as client and redirect URI are not known to be right, an error is a page and never a redirect.',
  security: [],
}

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
  'GET /oauth2/authorize': {
    ...authorization,
    operationId: 'authorize',
    summary: 'Ask a person for authorization',
    parameters: query(authorizationRequest),
    responses: authorizationAnswers,
  },
  'POST /oauth2/authorize': {
    ...authorization,
    operationId: 'authorizeByForm',
    summary: 'Ask a person for authorization, by a form',
    requestBody: form(withoutExamples(authorizationRequest), examples(authorizationRequest)),
    responses: { ...authorizationAnswers, 303: redirect('The same as 302, which goes with GET.') },
  },
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
  'POST /oauth2/device_authorization': {
    tags: ['Authorization'],
    operationId: 'authorizeDevice',
    summary: 'Begin to wait for a person who has a browser elsewhere',
    description:
      'RFC 8628 §3.1. Show the person verification_uri and user_code, or verification_uri_complete as a QR code, and ask the token endpoint for the tokens meanwhile. The codes are good for ten minutes.',
    security: byClient,
    requestBody: form(
      {
        scope: { description: 'What is asked for, separated by spaces; openid where it is left out.' },
        ...credentials,
      },
      { client_id: CLIENT_ID, scope: 'openid profile' },
    ),
    responses: {
      200: json('The codes.', ref('DeviceAuthorizationResponse')),
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
