import type { ProblemSlug } from '../../http/errors/problem.ts'
import type { OAuthErrorCode } from '../../oauth/errors.ts'

/** The description of an error for callers. */
export interface ErrorReference {
  status: number
  /** What the error means. */
  meaning: string
  /** What the caller can do. */
  remedy: string
}

/** Every problem type that the API under /v1 returns. */
export const problemTypes: Readonly<Record<ProblemSlug, ErrorReference>> = {
  'bad-request': {
    status: 400,
    meaning: 'The request is malformed: invalid JSON, a body of the wrong length, or an invalid path.',
    remedy: 'Correct the request. A retry without changes fails again.',
  },
  'validation-error': {
    status: 400,
    meaning: 'Some values in the request are invalid. The member errors lists all of them.',
    remedy:
      'Each entry of errors has the path of a value and what it must be. Correct all of them and send the request again.',
  },
  unauthorized: {
    status: 401,
    meaning: 'The user is not signed in, the session or the access token has expired, or the credentials are wrong.',
    remedy: 'Sign in again, or refresh the access token, and retry once.',
  },
  forbidden: {
    status: 403,
    meaning:
      'The caller lacks a permission, belongs to another organisation, or the request was sent by a page of another site.',
    remedy: 'See detail for the cause. The session is still valid; signing in again does not help.',
  },
  'not-found': {
    status: 404,
    meaning: 'The path does not exist, or the resource does not exist in your organisation.',
    remedy: 'Check the path and the id. Resources of other organisations are reported as not found.',
  },
  'method-not-allowed': {
    status: 405,
    meaning: 'The path does not support this method.',
    remedy: 'Use one of the methods in the header Allow.',
  },
  conflict: {
    status: 409,
    meaning: 'The current state of the resource does not allow this request.',
    remedy: 'See detail for the cause. Read the resource again before you continue.',
  },
  'precondition-failed': {
    status: 412,
    meaning: 'The resource has changed since you read it: If-Match does not match its current ETag.',
    remedy: 'Read the resource again, compare it, and send the request with the new ETag.',
  },
  'unsupported-media-type': {
    status: 415,
    meaning: 'The media type of the body is not supported.',
    remedy:
      'Send JSON with Content-Type: application/json. PATCH of a client also accepts application/merge-patch+json and application/json-patch+json.',
  },
  'content-too-large': {
    status: 413,
    meaning: 'The body is larger than 128 KiB, or 32 KiB for a form.',
    remedy: 'Send a smaller body.',
  },
  'rate-limit': {
    status: 429,
    meaning: 'Too many requests from this address, or too many attempts on this account.',
    remedy: 'Wait for the number of seconds in the header Retry-After.',
  },
  'internal-server-error': {
    status: 500,
    meaning: 'The server failed.',
    remedy: 'Report it with the request id, which is in instance and in the header X-Request-Id.',
  },
  unavailable: {
    status: 503,
    meaning: 'The server is overloaded, or its database is unavailable.',
    remedy: 'Retry after the number of seconds in Retry-After. Nothing was changed.',
  },
}

/** Every error code of the OAuth endpoints, including those in redirects and on the error page. */
export const oauthErrors: Readonly<Record<OAuthErrorCode, ErrorReference>> = {
  invalid_request: {
    status: 400,
    meaning: 'A parameter is missing, malformed or sent twice, or the body is not a form.',
    remedy: 'See error_description for the parameter.',
  },
  invalid_client: {
    status: 401,
    meaning:
      'Client authentication failed: the client is unknown or disabled, the secret is wrong, or the method is not the registered one.',
    remedy:
      'Use exactly one method: that in tokenEndpointAuthMethod, or one in additionalTokenEndpointAuthMethods. In HTTP Basic, form-encode id and secret first.',
  },
  invalid_grant: {
    status: 400,
    meaning:
      'The code or the refresh token is expired, used or revoked, or was issued to another client, or redirect_uri or code_verifier does not match.',
    remedy:
      'Start the flow again. If the description begins with invalid_code_verifier, the verifier does not match the code_challenge.',
  },
  unauthorized_client: {
    status: 400,
    meaning: 'The client is not registered for this grant or response type.',
    remedy: 'Add the grant type to grantTypes, or the response type to responseTypes of the client.',
  },
  unsupported_grant_type: {
    status: 400,
    meaning: 'The server does not support this grant type.',
    remedy: 'See grant_types_supported in the metadata.',
  },
  unsupported_response_type: {
    status: 400,
    meaning: 'The server does not support this response type.',
    remedy: 'See response_types_supported in the metadata.',
  },
  unsupported_token_type: {
    status: 400,
    meaning: 'Tokens of this type cannot be revoked.',
    remedy: 'Wait until it expires.',
  },
  invalid_target: {
    status: 400,
    meaning:
      'The parameter resource names no resource of the organisation that the client may request, or more than one token can be for (RFC 8707).',
    remedy: 'Name a registered resource, and add the client to its clientKinds or clients.',
  },
  invalid_scope: {
    status: 400,
    meaning: 'A scope is malformed, not registered for the client, or was not granted.',
    remedy: 'See error_description for the scopes. Register them, or do not request them.',
  },
  access_denied: {
    status: 400,
    meaning: 'The user denied the request.',
    remedy: 'Explain why your application needs access, and let the user start again.',
  },
  invalid_dpop_proof: {
    status: 400,
    meaning:
      'The DPoP proof is missing or expired, was used before, or is not for this request or this token. Resource endpoints return 401.',
    remedy:
      'See error_description for the cause. Create a new proof for each request, with the key that the token is bound to.',
  },
  use_dpop_nonce: {
    status: 400,
    meaning: 'The DPoP proof needs a current nonce of this server. Resource endpoints return 401.',
    remedy: 'Retry once with a new proof that has the nonce in the header DPoP-Nonce.',
  },
  authorization_pending: {
    status: 400,
    meaning: 'The user has not completed the device flow yet.',
    remedy: 'Poll again after interval seconds.',
  },
  slow_down: {
    status: 400,
    meaning: 'The device polled faster than interval allows.',
    remedy: 'Increase the interval by five seconds.',
  },
  expired_token: {
    status: 400,
    meaning: 'The user did not enter the code before it expired.',
    remedy: 'Request new codes.',
  },
  server_error: { status: 500, meaning: 'The server failed.', remedy: 'Retry later.' },
  temporarily_unavailable: {
    status: 503,
    meaning: 'The server is overloaded or unavailable (503), or a rate limit is exceeded (429).',
    remedy: 'Wait for the number of seconds in the header Retry-After.',
  },
  login_required: {
    status: 400,
    meaning:
      'The user is not signed in, and prompt=none forbids asking; or another user than the expected one signed in.',
    remedy: 'Start the flow again without prompt=none.',
  },
  consent_required: {
    status: 400,
    meaning: 'The user has not consented yet, and prompt=none forbids asking.',
    remedy: 'Start the flow again without prompt=none.',
  },
  interaction_required: {
    status: 400,
    meaning: 'The user would have to interact, and prompt=none forbids that.',
    remedy: 'Start the flow again without prompt=none.',
  },
  account_selection_required: {
    status: 400,
    meaning: 'The user would have to select an account, and prompt=none forbids that.',
    remedy: 'Start the flow again without prompt=none.',
  },
  invalid_redirect_uri: {
    status: 400,
    meaning: 'A redirect URI in the registration request is invalid.',
    remedy: 'Use an absolute https URI without a fragment. See error_description.',
  },
  invalid_client_metadata: {
    status: 400,
    meaning: 'A member of the client metadata is invalid, or contradicts another.',
    remedy: 'Correct the member that error_description names.',
  },
  invalid_software_statement: {
    status: 400,
    meaning: 'The software statement is missing or expired, is not a signed JWT, or its signature is invalid.',
    remedy: 'Get a new one from its issuer. It must be signed with a key that the organisation trusts.',
  },
  unapproved_software_statement: {
    status: 400,
    meaning: 'The organisation does not trust the issuer of the software statement, or not for these scopes.',
    remedy: 'Ask an administrator of the organisation to trust the issuer, or to allow it the scope.',
  },
  unmet_authentication_requirements: {
    status: 400,
    meaning:
      'The sign-in cannot reach the essential acr of the claims parameter, or the minimum of the client or organisation.',
    remedy:
      'Request one of acr_values_supported that the user can reach, or make it voluntary. Without prompt=none, the user can add what is missing.',
  },
  invalid_request_object: {
    status: 400,
    meaning: 'The request object is expired, not signed as registered, or contradicts the request.',
    remedy: 'Sign it with a key in jwks or jwks_uri. client_id and response_type must equal those of the request.',
  },
  invalid_request_uri: {
    status: 400,
    meaning:
      'request_uri is not registered or cannot be fetched. Or the pushed request was used, has expired, or belongs to another client.',
    remedy:
      'Register the URL in request_uris; it must use https and return the request object. Or push the request again.',
  },
  registration_not_supported: {
    status: 400,
    meaning: 'The parameter registration is not supported.',
    remedy: 'Register the client first.',
  },
  invalid_token: {
    status: 401,
    meaning: 'The access token is missing, expired or revoked, or has another audience.',
    remedy: 'Refresh the access token and retry once.',
  },
  insufficient_scope: {
    status: 403,
    meaning: 'The access token lacks the scope that WWW-Authenticate names.',
    remedy: 'Request the scope in the authorization request.',
  },
  redirect_uri_mismatch: {
    status: 400,
    meaning:
      'The redirect URI is not registered for the client. The error is shown on a page; the browser is not redirected.',
    remedy: 'Register exactly the URI that you send, including scheme, host, port, path and trailing slash.',
  },
  unknown_client: {
    status: 400,
    meaning: 'The client does not exist or is not active. The error is shown on a page; the browser is not redirected.',
    remedy: 'Check client_id.',
  },
  cookies_blocked: {
    status: 400,
    meaning: 'The browser sent no cookie to a page that continues a request. Shown on a page.',
    remedy: 'Allow cookies of this server, or continue in the browser that started the request.',
  },
  already_completed: {
    status: 200,
    meaning: 'The browser has completed this request before, for example when the user goes back. Shown on a page.',
    remedy: 'None: the application has the response.',
  },
}
