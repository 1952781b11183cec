import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import { acrValues, isAcr, type RequestedAcr } from '../../oauth/acr.ts'
import type { ClaimRequest } from '../../oauth/claims-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'

/**
 * `acr_values`, or those that the client registered, in order of preference. They are voluntary (OpenID Connect Core
 * §3.1.2.1), so unknown ones are ignored. Rejects values that the client may not request, if its registration lists the
 * allowed ones.
 */
export function checkAcrValues(parameters: Parameters, client: RegisteredClient): RequestedAcr | undefined {
  const requestedValues = (parameters.get('acr_values') ?? '').split(' ').filter((value) => value !== '')
  if (!areAuthorized(requestedValues, client))
    throw new OAuthError('invalid_request', notAuthorizedMessage('acr_values', client))
  return toRequestedAcr(requestedValues.length > 0 ? requestedValues : client.defaultAcrValues, false)
}

/** The same for the claim `acr`. An essential claim must also have a value that this server supports (§5.5.1.1). */
export function checkAcrClaim({ essential, values }: ClaimRequest, client: RegisteredClient): RequestedAcr | undefined {
  if (!areAuthorized(values, client)) {
    const code = essential ? 'unmet_authentication_requirements' : 'invalid_request'
    throw new OAuthError(code, notAuthorizedMessage("The claim 'acr'", client))
  }
  if (essential && values.length > 0 && !values.some(isAcr)) {
    throw new OAuthError(
      'unmet_authentication_requirements',
      `None of the requested acr values is supported. Supported: ${acrValues.join(' ')}.`,
    )
  }
  return toRequestedAcr(values, essential)
}

function toRequestedAcr(values: readonly unknown[], essential: boolean): RequestedAcr | undefined {
  const known = values.filter(isAcr)
  return known.length > 0 ? { values: known, essential } : undefined
}

function areAuthorized(values: readonly unknown[], { authorizedAcrValues: allowedValues }: RegisteredClient): boolean {
  return allowedValues.length === 0 || values.every((value) => allowedValues.some((name) => name === value))
}

function notAuthorizedMessage(parameterName: string, { authorizedAcrValues: allowedValues }: RegisteredClient): string {
  return `${parameterName} contains a value that is not registered for this client. Allowed: ${allowedValues.join(' ').slice(0, 200)}.`
}
