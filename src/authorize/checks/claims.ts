import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { RequestedClaims } from '../../model/grants/grant.ts'
import { parseClaimsRequest, type ClaimRequest } from '../../oauth/claims-request.ts'
import type { RequestedAcr } from '../../oauth/acr.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { scopeOfClaim } from '../../oauth/scope.ts'
import { checkAcrClaim } from './acr.ts'

export interface ClaimsCheckResult {
  /** The claims to return in addition to those of the scopes, or undefined if there are none. */
  claims: RequestedClaims | undefined
  /** The scopes that these claims belong to. The user must consent to them like to any scope. */
  scopes: string[]
  /** The user that the response must be about. */
  subject: string | undefined
  /** The requested authentication, which takes precedence over `acr_values`. */
  acr: RequestedAcr | undefined
}

const NO_CLAIMS: ClaimsCheckResult = { claims: undefined, scopes: [], subject: undefined, acr: undefined }

/**
 * The `claims` parameter (OpenID Connect Core §5.5). A claim that the client may not request is left out. That is no error,
 * even for an essential claim (§5.5.1). An essential `acr` that is not supported is an error (Unmet Authentication
 * Requirements).
 */
export function checkClaims(parameters: Parameters, client: RegisteredClient): ClaimsCheckResult {
  const text = parameters.get('claims')
  if (text === undefined) return NO_CLAIMS
  const claimsRequest = parseClaimsRequest(text)
  const acrClaim = claimsRequest.idToken.get('acr')
  const userinfo = permittedClaimNames(claimsRequest.userinfo, client)
  const idToken = permittedClaimNames(claimsRequest.idToken, client)
  const names = [...userinfo, ...idToken]
  return {
    claims: names.length > 0 ? { userinfo, idToken } : undefined,
    scopes: [...new Set(names.flatMap((name) => scopeOfClaim(name) ?? []))],
    acr: acrClaim && checkAcrClaim(acrClaim, client),
    subject: requestedSubject(claimsRequest.idToken) ?? requestedSubject(claimsRequest.userinfo),
  }
}

function permittedClaimNames(claims: ReadonlyMap<string, ClaimRequest>, client: RegisteredClient): string[] {
  return [...claims.keys()].filter((name) => {
    const scope = scopeOfClaim(name)
    return scope !== undefined && client.scopes.includes(scope) && (client.allowedClaims?.includes(name) ?? true)
  })
}

/** §5.5.1: a value for `sub` names the only user that the response may be about. */
function requestedSubject(claims: ReadonlyMap<string, ClaimRequest>): string | undefined {
  const [subject] = claims.get('sub')?.values ?? []
  if (subject === undefined) return undefined
  if (typeof subject !== 'string')
    throw new OAuthError('invalid_request', "The value of 'sub' in 'claims' must be a string.")
  return subject
}
