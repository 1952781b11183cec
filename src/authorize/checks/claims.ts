import type { RegisteredClient } from '../../model/clients/client.ts'
import type { RequestedClaims } from '../../model/grants/grant.ts'
import { parseClaimsRequest, type ClaimRequest } from '../../oauth/claims-request.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { scopeOfClaim } from '../../oauth/scope.ts'
import { checkAcrClaim } from './acr.ts'

export interface ClaimsCheckResult {
  /** What is to be told beside what scopes release, undefined for nothing. */
  claims: RequestedClaims | undefined
  /** The scopes that these claims belong to: a person is asked for them as for any scope. */
  scopes: string[]
  /** The user that the answer must be about. */
  subject: string | undefined
}

const NO_CLAIMS: ClaimsCheckResult = { claims: undefined, scopes: [], subject: undefined }

/**
 * The `claims` parameter (OpenID Connect Core §5.5). A claim of a scope that the client did not register, or that it may
 * not ask for by name, is not told, which is no error, essential or not (§5.5.1); an essential `acr` that nobody here can reach is one (Unmet Authentication Requirements).
 */
export function checkClaims(parameters: Parameters, client: RegisteredClient): ClaimsCheckResult {
  const text = parameters.get('claims')
  if (text === undefined) return NO_CLAIMS
  const claimsRequest = parseClaimsRequest(text)
  const acr = claimsRequest.idToken.get('acr')
  if (acr) checkAcrClaim(acr, client)
  const userinfo = permittedClaimNames(claimsRequest.userinfo, client)
  const idToken = permittedClaimNames(claimsRequest.idToken, client)
  const names = [...userinfo, ...idToken]
  return {
    claims: names.length > 0 ? { userinfo, idToken } : undefined,
    scopes: [...new Set(names.flatMap((name) => scopeOfClaim(name) ?? []))],
    subject: requestedSubject(claimsRequest.idToken) ?? requestedSubject(claimsRequest.userinfo),
  }
}

function permittedClaimNames(claims: ReadonlyMap<string, ClaimRequest>, client: RegisteredClient): string[] {
  return [...claims.keys()].filter((name) => {
    const scope = scopeOfClaim(name)
    return scope !== undefined && client.scopes.includes(scope) && (client.allowedClaims?.includes(name) ?? true)
  })
}

/** §5.5.1: with a value for `sub` the answer must be about that user and nobody else. */
function requestedSubject(claims: ReadonlyMap<string, ClaimRequest>): string | undefined {
  const [subject] = claims.get('sub')?.values ?? []
  if (subject === undefined) return undefined
  if (typeof subject !== 'string') throw new OAuthError('invalid_request', "The 'sub' of 'claims' is not a string.")
  return subject
}
