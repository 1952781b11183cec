import {
  addClientSecret,
  type ApiRequest,
  asDryRun,
  type ChangedClient,
  type Client,
  type ClientSettings,
  cloneClient,
  deleteClient,
  deleteClientSecret,
  disableClient,
  type Draft,
  enableClient,
  getClient,
  ifMatch,
  isObject,
  lintClient,
  listClients,
  listRelated,
  type Page,
  type RelatedItems,
  type RelatedResource,
  revokeClientConsent,
  revokeClientConsents,
  revokeClientGrant,
  revokeClientGrants,
  rotateClientSecret,
  saveDraft,
  testClient,
} from 'cerberus-idp-admin-client'

/** A request, and the arguments by which the `cerberus` command sends the same. */
export interface Call<Result = unknown> {
  request: ApiRequest<Result>
  words: readonly string[]
}

/** Query parameters that filter and sort a list. */
export type ListQuery = Readonly<Record<string, string>>

const operation = (id: string, parameters: Readonly<Record<string, string>>) => [
  'api',
  id,
  ...Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
]

export const listCall = (query: ListQuery): Call<Page<Client>> => ({
  request: listClients(query),
  words: operation('listClients', query),
})

export const getCall = (id: string): Call<Client> => ({ request: getClient(id), words: ['client', 'get', id] })

export const lintCall = (id: string): Call => ({ request: lintClient(id), words: ['client', 'lint', id] })

/** Saves a draft: registers the client, or changes it unless it has changed since. */
export function saveCall(draft: Draft): Call<ChangedClient> {
  const { base, etag, changes } = draft
  const request = saveDraft(draft)
  if (etag === undefined) return { request, words: ['client', 'create', '--data', JSON.stringify(changes)] }
  const patch = JSON.stringify(patchFor(changes))
  return { request, words: ['client', 'patch', String(base['id']), '--if-match', etag, '--data', patch] }
}

/**
 * The changes as `client patch` takes them. A merge patch (RFC 7396) would merge objects, which the request replaces. With
 * objects it is a JSON Patch (RFC 6902) instead.
 */
function patchFor(changes: ClientSettings): unknown {
  if (!Object.values(changes).some(isObject)) return changes
  return Object.entries(changes).map(([member, value]) => ({ op: 'add', path: `/${member}`, value }))
}

export function dryRunCall(draft: Draft): Call {
  const { request, words } = saveCall(draft)
  return { request: asDryRun(request), words: [...words, '--dry-run'] }
}

export const cloneCall = (id: string, name: string): Call<ChangedClient> => ({
  request: cloneClient(id, name),
  words: ['client', 'clone', id, '--name', name],
})

export const setActiveCall = (id: string, isActive: boolean): Call => ({
  request: isActive ? enableClient(id) : disableClient(id),
  words: ['client', isActive ? 'enable' : 'disable', id],
})

export const deleteCall = (id: string, etag: string): Call => ({
  request: ifMatch(deleteClient(id), etag),
  words: ['client', 'delete', id, '--if-match', etag, '--yes'],
})

export const rotateCall = (id: string, overlapSeconds: number): Call<ChangedClient> => ({
  request: rotateClientSecret(id, overlapSeconds),
  words: ['client', 'rotate-secret', id, '--overlap', String(overlapSeconds), '--yes'],
})

export const testCall = (id: string) => ({ request: testClient(id), words: ['client', 'test', id] })

const listOperations: Readonly<Record<RelatedResource, string>> = {
  grants: 'listClientGrants',
  consents: 'listClientConsents',
  events: 'listClientEvents',
}

export const listRelatedCall = <Resource extends RelatedResource>(
  id: string,
  resource: Resource,
  query: ListQuery,
): Call<Page<RelatedItems[Resource]>> => ({
  request: listRelated(id, resource, query),
  words: operation(listOperations[resource], { id, ...query }),
})

export type RevocableResource = 'grants' | 'consents'

export function revokeCall(id: string, resource: RevocableResource, itemId: string): Call {
  const [request, words] =
    resource === 'grants'
      ? [revokeClientGrant(id, itemId), operation('revokeClientGrant', { id, grantId: itemId })]
      : [revokeClientConsent(id, itemId), operation('revokeClientConsent', { id, userId: itemId })]
  return { request, words: [...words, '--yes'] }
}

export function revokeAllCall(id: string, resource: RevocableResource): Call {
  const [request, operationId] =
    resource === 'grants'
      ? [revokeClientGrants(id), 'revokeClientGrants']
      : [revokeClientConsents(id), 'revokeClientConsents']
  return { request, words: [...operation(operationId, { id }), '--yes'] }
}

export const deleteSecretCall = (id: string, secretId: string): Call => ({
  request: deleteClientSecret(id, secretId),
  words: [...operation('deleteClientSecret', { id, secretId }), '--yes'],
})

export const addSecretCall = (id: string, settings: { label: string | null; expiresAt: string | null }) => ({
  request: addClientSecret(id, settings),
  words: [...operation('addClientSecret', { id }), '--data', JSON.stringify(settings)],
})
