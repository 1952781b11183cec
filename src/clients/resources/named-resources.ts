import { excerpt } from '../../lib/text/excerpt.ts'
import type { RegisteredClient } from '../../model/clients/client-cache.ts'
import type { ProtectedResource, ResourceCache } from '../../model/resources/protected-resource.ts'
import { isClientIdUrl } from '../../oauth/client-id-url.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { listParameter, type Parameters } from '../../oauth/parameters.ts'
import { resourceIdentifierKey, resourceIdentifierProblem } from '../../oauth/resource-identifier.ts'

export interface ResourceOptions {
  issuer: string
  resourceCache: ResourceCache
}

/**
 * What a request or a grant is for: registered resources, or with an empty list the API of this server itself. Undefined: no
 * resource was named, and the settings of the client decide.
 */
export type NamedResources = readonly ProtectedResource[] | undefined

/** A token with more audiences than this is of no use to any of them. */
const MAX_NAMED_RESOURCES = 10

/**
 * The resources that a request names by the parameter `resource` (RFC 8707 §2). Throws `invalid_target` for one that is not
 * registered, or that the client may not request, and for the API of this server beside another resource: a token for both
 * would give the other one access to the account of the user.
 */
export async function findNamedResources(
  parameters: Parameters,
  client: RegisteredClient,
  options: ResourceOptions,
): Promise<NamedResources> {
  return findResourcesByName(listParameter(parameters, 'resource'), client, options)
}

/** The same for identifiers. */
export async function findResourcesByName(
  names: readonly string[],
  client: RegisteredClient,
  { issuer, resourceCache }: ResourceOptions,
): Promise<NamedResources> {
  if (names.length === 0) return undefined
  if (names.length > MAX_NAMED_RESOURCES)
    throw invalidTarget(`A request may name at most ${MAX_NAMED_RESOURCES} resources.`)
  for (const name of names) {
    const problem = resourceIdentifierProblem(name)
    if (problem !== undefined) throw invalidTarget(`The parameter 'resource' ${problem}.`)
  }
  const keys = [...new Set(names.map(resourceIdentifierKey))]
  if (keys.includes(resourceIdentifierKey(issuer))) {
    if (keys.length === 1) return []
    throw invalidTarget('The API of this server cannot be requested beside another resource. Request a token for each.')
  }
  const registered = await resourceCache.ofOrganisation(client.organisationId)
  return keys.map((key, index) => {
    const resource = registered.get(key)
    if (resource && isClientAllowed(resource, client)) return resource
    const reason = resource ? 'resource not active, or not for this client' : 'resource not registered'
    const name = excerpt(names[index] ?? '')
    throw invalidTarget(`The resource '${name}' does not exist, or this client may not request it.`, reason)
  })
}

/** The same of a token request. Throws `invalid_target` also for resources whose tokens differ in format or signature. */
export async function findTokenResources(
  parameters: Parameters,
  client: RegisteredClient,
  options: ResourceOptions,
): Promise<NamedResources> {
  const resources = await findNamedResources(parameters, client, options)
  if (resources && withSameToken(resources).length < resources.length)
    throw invalidTarget('The tokens of these resources differ in format or signature. Request a token for each.')
  return resources
}

/** All resources if one token can be for all of them, and otherwise the first. */
export function withSameToken(resources: readonly ProtectedResource[]): readonly ProtectedResource[] {
  const kinds = resources.map(({ accessTokenFormat, accessTokenTyp, accessTokenSigningAlg }) =>
    accessTokenFormat === 'opaque' ? 'opaque' : `${accessTokenTyp} ${accessTokenSigningAlg}`,
  )
  return new Set(kinds).size > 1 ? resources.slice(0, 1) : resources
}

/**
 * The resources of a grant for which its client may still get tokens. Throws `invalid_target` if there were some and none is
 * left.
 */
export async function findGrantedResources(
  identifiers: readonly string[] | null,
  client: RegisteredClient,
  { issuer, resourceCache }: ResourceOptions,
): Promise<NamedResources> {
  if (identifiers === null) return undefined
  if (identifiers.includes(issuer)) return []
  const registered = await resourceCache.ofOrganisation(client.organisationId)
  const available = identifiers.flatMap((identifier) => {
    const resource = registered.get(resourceIdentifierKey(identifier))
    return resource && isClientAllowed(resource, client) ? [resource] : []
  })
  if (available.length > 0) return available
  throw invalidTarget(
    `The granted resources do not exist any more, or this client may not request them: ${identifiers.join(' ')}.`,
  )
}

/** The identifiers as a grant stores them; null: no resource was named. */
export function toIdentifiers(resources: NamedResources, issuer: string): string[] | null {
  if (resources === undefined) return null
  return resources.length === 0 ? [issuer] : resources.map(({ identifier }) => identifier)
}

/** Whether a client may request a resource, which must be active. */
export function isClientAllowed(resource: ProtectedResource, client: RegisteredClient): boolean {
  const { isActive, clientKinds, clients } = resource
  if (!isActive) return false
  if (clientKinds.includes('all') || clients.includes(client.clientId)) return true
  if (client.isFirstParty && clientKinds.includes('first_party')) return true
  if (isClientIdUrl(client.clientId)) return clientKinds.includes('cimd')
  return clientKinds.includes(client.selfRegistered ? 'dcr' : 'managed')
}

export function invalidTarget(description: string, reason?: string): OAuthError {
  return new OAuthError('invalid_target', description, reason === undefined ? {} : { reason })
}
