import type { RegisteredClient } from '../../model/clients/client.ts'
import { acrValues } from '../../oauth/acr.ts'
import type { ClaimRequest } from '../../oauth/claims-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/**
 * `acr_values` is a wish that need not be met (OpenID Connect Core §3.1.2.1). Refused are values that the client may not
 * ask for, where it was registered with those that it may.
 */
export function checkAcrValues(parameters: Parameters, client: RegisteredClient): void {
  if (client.authorizedAcrValues.length === 0) return
  const requestedValues = (parameters.get('acr_values') ?? '').split(' ').filter((value) => value !== '')
  if (!areAuthorized(requestedValues, client))
    throw new OAuthError('invalid_request', notAuthorizedMessage('acr_values', client))
}

/** The same for the claim `acr`; an essential one must also be one that can be met (§5.5.1.1). */
export function checkAcrClaim({ essential, values }: ClaimRequest, client: RegisteredClient): void {
  if (!areAuthorized(values, client)) {
    const code = essential ? 'unmet_authentication_requirements' : 'invalid_request'
    throw new OAuthError(code, notAuthorizedMessage("The claim 'acr'", client))
  }
  if (essential && values.length > 0 && !values.some((value) => acrValues.some((met) => met === value))) {
    throw new OAuthError(
      'unmet_authentication_requirements',
      `None of the acr values asked for can be met. Supported: ${acrValues.join(' ')}.`,
    )
  }
}

function areAuthorized(values: readonly unknown[], { authorizedAcrValues: allowedValues }: RegisteredClient): boolean {
  return allowedValues.length === 0 || values.every((value) => allowedValues.some((name) => name === value))
}

function notAuthorizedMessage(parameterName: string, { authorizedAcrValues: allowedValues }: RegisteredClient): string {
  return `${parameterName} may ask for ${allowedValues.join(' ').slice(0, 200)} and nothing else: the others are not registered for this client.`
}
