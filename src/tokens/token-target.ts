import { withSameToken, type NamedResources } from '../clients/resources/named-resources.ts'
import { hasScope } from '../clients/resources/requested-access.ts'
import type { ProtectedResource } from '../model/resources/protected-resource.ts'
import { isIdentityScope } from '../oauth/scope.ts'

/** What an access token is for, where resources are named (RFC 8707). */
export interface TokenTarget {
  audience: readonly string[]
  scopes: readonly string[]
  /** Empty: the API of this server. */
  resources: readonly ProtectedResource[]
}

export interface TokenTargetRequest {
  /** Those that the token request named, or else those of the grant. */
  resources: NamedResources
  /** The identifiers that were granted; null: no resource was named in the authorization request. */
  granted: readonly string[] | null
  issuer: string
}

/**
 * The audience of an access token, and which of the granted scopes it has: those of its resources. A token for this server
 * itself, under a grant for other resources, has only the scopes about the user. If no token can be for all granted
 * resources, it is for the first.
 */
export function tokenTarget(
  scopes: readonly string[],
  { resources, granted, issuer }: TokenTargetRequest,
): TokenTarget | undefined {
  if (resources === undefined) return undefined
  if (resources.length === 0) {
    const isForOthers = granted !== null && !granted.includes(issuer)
    return { audience: [issuer], scopes: isForOthers ? scopes.filter(isIdentityScope) : scopes, resources }
  }
  const targets = withSameToken(resources)
  return {
    audience: targets.map(({ identifier }) => identifier),
    scopes: scopes.filter((scope) => targets.some((resource) => hasScope(resource, scope))),
    resources: targets,
  }
}
