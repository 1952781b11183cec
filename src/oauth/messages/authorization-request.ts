import { z } from 'zod'
import { responseModes, responseTypes } from '../response-type.ts'
import { parameter, resourceParameter } from './message.ts'

/** The parameters that a client may also send in a request object, or push (RFC 9101 §4, RFC 9126 §2.1). */
const authorizationParameters = {
  response_type: parameter(
    'What the authorization endpoint returns. The client must have registered it; the order of words does not matter. Required unless request_uri or request contains it.',
    { values: responseTypes, example: 'code' },
  ).optional(),
  client_id: parameter('The client that sends the request.', { example: 'client_abc123xyz' }),
  redirect_uri: parameter(
    'Where the response is sent. It must equal one of the registered redirect URIs. Required unless request_uri or request contains it.',
    { example: 'https://myapp.example.com/callback' },
  ).optional(),
  scope: parameter('The requested scopes, separated by spaces. The default is openid.', {
    example: 'openid profile email',
  }).optional(),
  resource: resourceParameter,
  state: parameter('Returned unchanged. Bind it to the browser, so that your client recognises its own requests.', {
    example: 'xyz',
  }).optional(),
  code_challenge: parameter(
    'The SHA-256 of the code verifier, in base64url (RFC 7636). Optional only for a confidential client with requirePkce false.',
    { example: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' },
  ).optional(),
  code_challenge_method: parameter('Only S256 is supported.', { values: ['S256'], example: 'S256' }).optional(),
  dpop_jkt: parameter(
    'The thumbprint of the DPoP key that must be used to exchange the code (RFC 9449 section 10).',
  ).optional(),
  nonce: parameter(
    'Returned in the ID token. Required if the authorization endpoint itself returns an ID token.',
  ).optional(),
  response_mode: parameter(
    'How the response is sent. The default is query, or fragment if the response contains tokens, which query must not carry. The modes with jwt send one parameter, response: a JWT with all parameters (JARM).',
    { values: responseModes },
  ).optional(),
  prompt: parameter(
    'none, login, consent or select_account. Separate several by spaces; none cannot be combined.',
  ).optional(),
  max_age: parameter('The maximum age of the sign-in, in seconds. If it is older, the user signs in again.').optional(),
  login_hint: parameter('The email address with which the sign-in form is filled in.').optional(),
  id_token_hint: parameter('An ID token of the expected user. It may be expired.').optional(),
  ui_locales: parameter('Languages in order of preference, separated by spaces, such as de en.').optional(),
  acr_values: parameter(
    'Requested authentication context classes, in order of preference. The ID token returns the achieved one as acr.',
  ).optional(),
  claims: parameter('Individually requested claims, as JSON (OpenID Connect Core section 5.5).').optional(),
}

/** The names of the parameters that are stored with a request. Unknown parameters are ignored (RFC 6749 §3.1). */
export const authorizationParameterNames: ReadonlySet<string> = new Set(Object.keys(authorizationParameters))

const request = parameter('A request object: a JWT with the parameters of the request (RFC 9101).').optional()

/** The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636 §4.3, RFC 9101 §5). */
export const authorizationRequest = z.object({
  ...authorizationParameters,
  request_uri: parameter(
    'The request_uri that the PAR endpoint returned (RFC 9126): then only client_id is needed, and other parameters are ignored. Or a registered URL of a request object (RFC 9101).',
  ).optional(),
  request,
})

/** The pushed authorization request (RFC 9126 §2.1): the same without `request_uri`. */
export const pushedAuthorizationRequest = z.object({ ...authorizationParameters, request })
