import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ProtectedResource } from '../../model/resources/protected-resource.ts'
import { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { isIdentityScope, parseScope } from '../../oauth/scope.ts'
import { resolveAuthorizationScopes } from '../requested-scopes.ts'
import { findNamedResources, type NamedResources, type ResourceOptions } from './named-resources.ts'

/** What an authorization request asks for. */
export interface RequestedAccess {
  scopes: string[]
  resources: NamedResources
  /** What the user must consent to: `scopes`, those of resources by `resourceConsent`. */
  consentScopes: string[]
}

/**
 * The scopes and resources of an authorization request. Without the parameter `resource`, the scopes are those of the client.
 * With it, they are those of the resources, and of the client's own only those about the user. Throws `invalid_target` and
 * `invalid_scope`.
 */
export function resolveRequestedAccess(
  parameters: Parameters,
  client: RegisteredClient,
  options: ResourceOptions,
): RequestedAccess | Promise<RequestedAccess> {
  if (parameters.get('resource') !== undefined) return resolveNamed(parameters, client, options)
  const scopes = resolveAuthorizationScopes(parameters, client)
  return { scopes, resources: undefined, consentScopes: scopes }
}

async function resolveNamed(
  parameters: Parameters,
  client: RegisteredClient,
  options: ResourceOptions,
): Promise<RequestedAccess> {
  const resources = await findNamedResources(parameters, client, options)
  if (!resources || resources.length === 0) {
    const scopes = resolveAuthorizationScopes(parameters, client)
    return { scopes, resources, consentScopes: scopes }
  }
  const isOwn = (scope: string) => isIdentityScope(scope) && client.scopes.includes(scope)
  const scopes = requestedScopes(parameters) ?? client.scopes.filter((scope) => scope === 'openid')
  const foreign = scopes.filter((scope) => !isOwn(scope) && !resources.some((resource) => hasScope(resource, scope)))
  if (foreign.length > 0) {
    throw new OAuthError(
      'invalid_scope',
      `These scopes belong to no requested resource, and are not scopes about the user that this client has: ${foreign.join(' ').slice(0, 200)}.`,
    )
  }
  const ofResources = resources.flatMap((resource) => {
    const own = scopes.filter((scope) => hasScope(resource, scope))
    return (own.length === 0 ? [''] : own).map((scope) => resourceConsent(resource, scope))
  })
  return { scopes, resources, consentScopes: [...scopes.filter(isOwn), ...ofResources] }
}

function requestedScopes(parameters: Parameters): string[] | undefined {
  const text = parameters.get('scope')
  if (text === undefined) return undefined
  const scopes = parseScope(text)
  if (scopes) return scopes
  throw new OAuthError('invalid_scope', "The parameter 'scope' is malformed: scopes are separated by single spaces.")
}

export function hasScope({ scopes }: ProtectedResource, name: string): boolean {
  return scopes.some((scope) => scope.name === name)
}

/**
 * The scope of a resource as a consent has it: two resources may have scopes of the same name. An empty scope stands for the
 * resource alone.
 */
export function resourceConsent({ identifier }: ProtectedResource, scope: string): string {
  return `${identifier}#${scope}`
}
