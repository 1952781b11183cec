import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { acrValues } from '../../oauth/acr.ts'
import type { ClaimRequest } from '../../oauth/claims-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/**
 * `acr_values` is voluntary (OpenID Connect Core §3.1.2.1). Rejects values that the client may not request, if its
 * registration lists the allowed ones.
 */
export function checkAcrValues(parameters: Parameters, client: RegisteredClient): void {
  if (client.authorizedAcrValues.length === 0) return
  const requestedValues = (parameters.get('acr_values') ?? '').split(' ').filter((value) => value !== '')
  if (!areAuthorized(requestedValues, client))
    throw new OAuthError('invalid_request', notAuthorizedMessage('acr_values', client))
}

/** The same for the claim `acr`. An essential claim must also have a value that this server supports (§5.5.1.1). */
export function checkAcrClaim({ essential, values }: ClaimRequest, client: RegisteredClient): void {
  if (!areAuthorized(values, client)) {
    const code = essential ? 'unmet_authentication_requirements' : 'invalid_request'
    throw new OAuthError(code, notAuthorizedMessage("The claim 'acr'", client))
  }
  if (essential && values.length > 0 && !values.some((value) => acrValues.some((met) => met === value))) {
    throw new OAuthError(
      'unmet_authentication_requirements',
      `None of the requested acr values is supported. Supported: ${acrValues.join(' ')}.`,
    )
  }
}

function areAuthorized(values: readonly unknown[], { authorizedAcrValues: allowedValues }: RegisteredClient): boolean {
  return allowedValues.length === 0 || values.every((value) => allowedValues.some((name) => name === value))
}

function notAuthorizedMessage(parameterName: string, { authorizedAcrValues: allowedValues }: RegisteredClient): string {
  return `${parameterName} contains a value that is not registered for this client. Allowed: ${allowedValues.join(' ').slice(0, 200)}.`
}
