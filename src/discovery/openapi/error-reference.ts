import type { ProblemSlug } from '../../http/errors/problem.ts'
import type { OAuthErrorCode } from '../../oauth/errors.ts'

/** What a caller should know of an error. */
export interface ErrorReference {
  status: number
  /** What has happened. */
  meaning: string
  /** What the caller can do. */
  remedy: string
}

/** Every type of problem that the API under /v1 answers with. */
export const problemTypes: Readonly<Record<ProblemSlug, ErrorReference>> = {
  'bad-request': {
    status: 400,
    meaning:
      'The request could not be read: JSON that is not well-formed, a body of the wrong length, a malformed path.',
    remedy: 'Correct the request. Sending it again unchanged gives the same answer.',
  },
  'validation-error': {
    status: 400,
    meaning: 'The request was read, and some of its values are not acceptable. All of them are listed.',
    remedy: 'Each entry of errors has the path of a value and says what it must be. Correct these and send it again.',
  },
  unauthorized: {
    status: 401,
    meaning: 'Nobody is signed in, the session or the access token has ended, or the credentials are wrong.',
    remedy: 'Sign in again, or renew the access token with the refresh token, and repeat the request once.',
  },
  forbidden: {
    status: 403,
    meaning:
      'Whoever asks may not do this: a permission is missing, the organisation is another, or the request was made by a page of another site.',
    remedy: 'detail says which of these it is. The session is untouched, so signing in again changes nothing.',
  },
  'not-found': {
    status: 404,
    meaning: 'There is nothing at this path, or nothing of this name in your organisation.',
    remedy: 'Check the path and the id. What belongs to another organisation looks as if it did not exist.',
  },
  'method-not-allowed': {
    status: 405,
    meaning: 'The path exists, but not for this method.',
    remedy: 'The header Allow lists the methods that it has.',
  },
  conflict: {
    status: 409,
    meaning: 'The request makes sense, but not for this thing in its present state.',
    remedy: 'detail says what stands in the way. Read the thing again before you go on.',
  },
  'precondition-failed': {
    status: 412,
    meaning: 'Somebody has changed the thing since you read it: If-Match names a state that it is not in any more.',
    remedy: 'Read it again, look at what has changed, and send the request with the new ETag.',
  },
  'unsupported-media-type': {
    status: 415,
    meaning: 'The body is of a type that is not accepted here.',
    remedy: 'Send JSON, with Content-Type: application/json; a PATCH of a client may be of two more types.',
  },
  'content-too-large': {
    status: 413,
    meaning: 'The body is larger than 128 KiB, or 32 KiB for a form.',
    remedy: 'Send less.',
  },
  'rate-limit': {
    status: 429,
    meaning: 'Too many requests from this address, or too many attempts on this account.',
    remedy: 'Wait as many seconds as the header Retry-After says.',
  },
  'internal-server-error': {
    status: 500,
    meaning: 'Something went wrong on our side.',
    remedy: 'Report it with the request’s id, which is in instance and in the header X-Request-Id.',
  },
  unavailable: {
    status: 503,
    meaning: 'The server cannot answer right now: the database is away, or there is more work than it can take.',
    remedy: 'Try again after Retry-After. Nothing was changed.',
  },
}

/** Every error code of the OAuth endpoints, the answers sent back to a client and the error page among them. */
export const oauthErrors: Readonly<Record<OAuthErrorCode, ErrorReference>> = {
  invalid_request: {
    status: 400,
    meaning: 'A parameter is missing, sent twice or malformed, or the body is not a form.',
    remedy: 'error_description names the parameter.',
  },
  invalid_client: {
    status: 401,
    meaning:
      'Client authentication failed: unknown client, wrong secret, two methods at once, another method than the registered one, or a client that is not active.',
    remedy:
      'Use the method in tokenEndpointAuthMethod, or one in additionalTokenEndpointAuthMethods, and one alone. In HTTP Basic, id and secret are form-encoded first.',
  },
  invalid_grant: {
    status: 400,
    meaning:
      'The code or the refresh token is expired, used, revoked or another client’s, or the redirect_uri or the code_verifier does not fit it.',
    remedy:
      'Start the flow again. A description beginning invalid_code_verifier means that the verifier is not the one whose challenge was sent.',
  },
  unauthorized_client: {
    status: 400,
    meaning: 'The client is not registered for this grant or response type.',
    remedy: 'Add it to grantTypes of the client.',
  },
  unsupported_grant_type: {
    status: 400,
    meaning: 'There is no such grant type here.',
    remedy: 'Discovery lists those that exist.',
  },
  unsupported_response_type: {
    status: 400,
    meaning: 'There is no such response type here.',
    remedy: 'Use code.',
  },
  unsupported_token_type: { status: 400, meaning: 'Tokens of this type cannot be revoked.', remedy: 'Let it expire.' },
  invalid_scope: {
    status: 400,
    meaning: 'A scope is malformed, not registered for the client, or more than was granted.',
    remedy: 'error_description names the scopes. Register them, or do not ask for them.',
  },
  access_denied: {
    status: 400,
    meaning: 'The person did not agree.',
    remedy: 'Respect it. Say what does not work without, and let them start again.',
  },
  invalid_dpop_proof: {
    status: 400,
    meaning:
      'The DPoP proof is missing, was used before, or is not for this request, this token or this moment. 401 at a resource.',
    remedy:
      'error_description names what is wrong. Make a new proof for each request, by the key that the token is bound to.',
  },
  use_dpop_nonce: {
    status: 400,
    meaning: 'The DPoP proof must have a nonce of this server, and has none that is good now. 401 at a resource.',
    remedy: 'Repeat the request once, with a new proof whose nonce is the value of the header DPoP-Nonce.',
  },
  authorization_pending: {
    status: 400,
    meaning: 'The person has not decided yet what the device may do.',
    remedy: 'Ask again after the interval.',
  },
  slow_down: {
    status: 400,
    meaning: 'The device asked again before the interval was over.',
    remedy: 'Wait five seconds longer from now on, each time.',
  },
  expired_token: {
    status: 400,
    meaning: 'Nobody has entered the user code in time.',
    remedy: 'Ask for new codes.',
  },
  server_error: { status: 500, meaning: 'Something went wrong on our side.', remedy: 'Try again later.' },
  temporarily_unavailable: {
    status: 503,
    meaning: 'The server cannot answer right now (503), or a limit is reached (429).',
    remedy: 'Wait as many seconds as the header Retry-After says.',
  },
  login_required: {
    status: 400,
    meaning: 'prompt=none was sent, and nobody is signed in who could be answered for; or the wrong person signed in.',
    remedy: 'Send the person through the flow again without prompt=none.',
  },
  consent_required: {
    status: 400,
    meaning: 'prompt=none was sent, and the person has not agreed to this yet.',
    remedy: 'Send the person through the flow again without prompt=none.',
  },
  interaction_required: {
    status: 400,
    meaning: 'prompt=none was sent, and the person would have to do something.',
    remedy: 'Send the person through the flow again without prompt=none.',
  },
  account_selection_required: {
    status: 400,
    meaning: 'prompt=none was sent, and the person would have to choose an account.',
    remedy: 'Send the person through the flow again without prompt=none.',
  },
  invalid_redirect_uri: {
    status: 400,
    meaning: 'A redirect URI that is to be registered cannot be one.',
    remedy: 'Use an absolute URI with https and without a fragment; see the description.',
  },
  invalid_client_metadata: {
    status: 400,
    meaning: 'A member of the client metadata is impossible, or contradicts another.',
    remedy: 'Mend the member that the description names.',
  },
  invalid_software_statement: {
    status: 400,
    meaning: 'The software statement is no signed JWT, has the wrong signature, is not for now, or is missing.',
    remedy: 'Get a new one from its issuer; its keys are those that the administrators of the organisation named.',
  },
  unapproved_software_statement: {
    status: 400,
    meaning: 'The issuer of the software statement is not trusted here, or not as far as this.',
    remedy: 'Ask an administrator of the organisation to trust the issuer, or to give it the scope.',
  },
  unmet_authentication_requirements: {
    status: 400,
    meaning: 'The claims parameter makes an acr essential that nobody can reach here.',
    remedy: 'Ask for one of acr_values_supported, or do not make it essential.',
  },
  invalid_request_object: {
    status: 400,
    meaning: 'The request object is expired, not signed as registered, or contradicts the request.',
    remedy: 'Sign it by a key in jwks or jwks_uri; client_id and response_type are those of the request.',
  },
  invalid_request_uri: {
    status: 400,
    meaning:
      'request_uri is not registered, or there is nothing to fetch; or what was pushed was answered, has expired, or is not this client’s.',
    remedy: 'Register the address in request_uris; it must be https and answer the request object. Or push again.',
  },
  registration_not_supported: {
    status: 400,
    meaning: 'Registration within a request is not supported.',
    remedy: 'Register the client first.',
  },
  invalid_token: {
    status: 401,
    meaning: 'The access token is missing, expired, revoked or not for this.',
    remedy: 'Renew it with the refresh token and repeat the request once.',
  },
  insufficient_scope: {
    status: 403,
    meaning: 'The access token lacks a scope. WWW-Authenticate names it.',
    remedy: 'Ask for the scope in the authorization request.',
  },
  redirect_uri_mismatch: {
    status: 400,
    meaning: 'The redirect URI is not one that the client registered. It is shown on a page and never redirected.',
    remedy: 'Register exactly the URI that you send: scheme, host, port, path and trailing slash.',
  },
  unknown_client: {
    status: 400,
    meaning: 'There is no such client, or it is not active. It is shown on a page and never redirected.',
    remedy: 'Check client_id.',
  },
}
