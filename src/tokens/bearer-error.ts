import { OAuthError } from '../oauth/errors.ts'

/**
 * Rejects a bearer token (RFC 6750 §3.1). With `omitError`, the challenge has no error code, as §3 requires if the request
 * has no token.
 */
export function bearerError(
  code: 'invalid_token' | 'insufficient_scope' | 'invalid_request',
  description: string,
  options: { omitError?: boolean; scope?: string } = {},
): OAuthError {
  const status = { invalid_token: 401, insufficient_scope: 403, invalid_request: 400 }[code]
  const challengeParameters = options.omitError ? [] : [`error="${code}"`, `error_description="${description}"`]
  if (options.scope !== undefined) challengeParameters.push(`scope="${options.scope}"`)
  const challenge = `Bearer ${['realm="cerberus"', ...challengeParameters].join(', ')}`
  return new OAuthError(code, description, { status, challenge })
}
