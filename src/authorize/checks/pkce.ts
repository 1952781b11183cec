import { profileOf } from '../../clients/settings/profiles.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { isCodeChallenge } from '../../oauth/pkce.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/** RFC 7636 §4.3, S256 only (RFC 9700 §2.1.1). Returns the challenge, or undefined if the client need not send one. */
export function checkPkce(parameters: Parameters, client: RegisteredClient): string | undefined {
  const challenge = parameters.get('code_challenge')
  const method = parameters.get('code_challenge_method')
  if (challenge === undefined) {
    if (method !== undefined) throw new OAuthError('invalid_request', "The parameter 'code_challenge' is missing.")
    if (
      client.requirePkce ||
      client.clientType === 'public' ||
      profileOf(client).requiredSettings.includes('requirePkce')
    ) {
      throw new OAuthError(
        'invalid_request',
        "This client must use PKCE (RFC 7636): the parameter 'code_challenge' is missing.",
      )
    }
    return undefined
  }
  // Without a method, RFC 7636 §4.3 assumes plain, which is not accepted.
  if (method !== 'S256') throw new OAuthError('invalid_request', "The parameter 'code_challenge_method' must be S256.")
  if (!isCodeChallenge(challenge)) {
    throw new OAuthError(
      'invalid_request',
      "The parameter 'code_challenge' must be a SHA-256 hash in base64url: 43 characters.",
    )
  }
  return challenge
}
