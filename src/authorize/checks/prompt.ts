import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { promptValues, type Prompt } from '../request/authorization-request.ts'

/**
 * The values of `prompt`; `none` excludes other values (OpenID Connect Core §3.1.2.1). Adds `login` for a client whose
 * users must always sign in.
 */
export function checkPrompt(parameters: Parameters, client: RegisteredClient): ReadonlySet<Prompt> {
  const values = (parameters.get('prompt') ?? '').split(' ').filter((value) => value !== '')
  const knownValues = values.filter((value): value is Prompt => promptValues.some((prompt) => prompt === value))
  if (knownValues.length < values.length) {
    throw new OAuthError(
      'invalid_request',
      `The parameter 'prompt' has an unknown value. Allowed: ${promptValues.join(', ')}.`,
    )
  }
  if (knownValues.includes('none') && new Set(knownValues).size > 1) {
    throw new OAuthError('invalid_request', 'prompt=none cannot be combined with another value.')
  }
  return client.alwaysSignIn ? new Set([...knownValues, 'login']) : new Set(knownValues)
}

/** `max_age`, or the client's default (OpenID Connect Core §3.1.2.1, Registration §2). */
export function checkMaxAge(parameters: Parameters, client: RegisteredClient): number | undefined {
  const text = parameters.get('max_age')
  if (text === undefined) return client.defaultMaxAge ?? undefined
  if (!/^\d{1,9}$/.test(text))
    throw new OAuthError(
      'invalid_request',
      "The parameter 'max_age' must be a whole number of seconds, with at most 9 digits.",
    )
  return Number(text)
}
