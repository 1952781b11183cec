import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/** Rejects parameters that must not be ignored (OpenID Connect Core §3.1.2.6). */
export function checkUnsupported(parameters: Parameters): void {
  if (parameters.get('registration') !== undefined) {
    throw new OAuthError('registration_not_supported', "The parameter 'registration' is not supported.")
  }
}

const MAX_PARAMETER_LENGTHS = Object.entries({
  // Some frameworks keep their whole context in it. A URL with more would not fit the headers of a request.
  state: 8192,
  nonce: 512,
  login_hint: 320,
  ui_locales: 200,
  acr_values: 1024,
})

/** Bounds the values that are stored or returned. */
export function checkLengths(parameters: Parameters): void {
  for (const [name, maxLength] of MAX_PARAMETER_LENGTHS) {
    if ((parameters.get(name)?.length ?? 0) > maxLength) {
      throw new OAuthError('invalid_request', `The parameter '${name}' may have at most ${maxLength} characters.`)
    }
  }
}
