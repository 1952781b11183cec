import { isObject } from '../../lib/object.ts'
import { clientPath, clientsPath, json, type ShownClient } from '../client-requests.ts'
import { withQuery } from '../pages.ts'
import type { ServerRequest } from '../server.ts'
import type { Draft } from './draft.ts'
import { said } from './value.ts'

/** Something that the server is asked, and the words after `cerberus` by which the command line asks the same. */
export interface Call {
  request: ServerRequest
  words: readonly string[]
}

/** What a list is narrowed to, and its order, as parameters of the query. */
export type ListQuery = Readonly<Record<string, string>>

const get = (path: string, words: readonly string[]): Call => ({ request: { method: 'GET', path }, words })
const param = (name: string, value: string) => ['--param', `${name}=${value}`]
const operation = (id: string, given: Readonly<Record<string, string>>) => [
  'api',
  id,
  ...Object.entries(given).flatMap(([name, value]) => param(name, value)),
]

export const listCall = (query: ListQuery): Call => get(clientsPath(query), operation('listClients', query))
export const readCall = (id: string): Call => get(clientPath(id), ['client', 'get', id])
export const lintCall = (id: string): Call => get(clientPath(id, '/lint'), ['client', 'lint', id])

/** Registers the client of a draft, or changes it in what the draft changes, if nobody has changed it since. */
export function saveCall({ base, etag, changes }: Draft): Call {
  if (etag === undefined) {
    const words = ['client', 'create', '--data', JSON.stringify(changes)]
    return { request: { method: 'POST', path: clientsPath(), ...json(changes) }, words }
  }
  const id = said(base['id'])
  const body = json(changes)
  return {
    request: { ...body, method: 'PATCH', path: clientPath(id), headers: { ...body.headers, 'if-match': etag } },
    words: ['client', 'patch', id, '--if-match', etag, '--data', JSON.stringify(patchFor(changes))],
  }
}

/**
 * The same change as the command line takes it. By a merge patch (RFC 7396) objects would be merged, where they are replaced
 * here: then it is a list of operations (RFC 6902).
 */
function patchFor(changes: Readonly<Record<string, unknown>>): unknown {
  if (!Object.values(changes).some(isObject)) return changes
  return Object.entries(changes).map(([member, value]) => ({ op: 'add', path: `/${member}`, value }))
}

/** The same, checked by the server and not done. */
export function rehearsalCall(draft: Draft): Call {
  const { request, words } = saveCall(draft)
  return { request: { ...request, path: `${request.path}?dryRun=true` }, words: [...words, '--dry-run'] }
}

export function cloneCall(id: string, name: string): Call {
  const body = json({ name })
  const words = ['client', 'clone', id, '--name', name]
  return { request: { ...body, method: 'POST', path: clientPath(id, '/clone') }, words }
}

export function switchCall(id: string, isActive: boolean): Call {
  const verb = isActive ? 'enable' : 'disable'
  return { request: { method: 'POST', path: clientPath(id, `/${verb}`) }, words: ['client', verb, id] }
}

export function deleteCall(id: string, etag: string): Call {
  return {
    request: { method: 'DELETE', path: clientPath(id), headers: { 'if-match': etag } },
    words: ['client', 'delete', id, '--if-match', etag, '--yes'],
  }
}

export function rotateCall(id: string, overlapSeconds: number): Call {
  const words = ['client', 'rotate-secret', id, '--overlap', String(overlapSeconds), '--yes']
  return { request: { method: 'POST', path: clientPath(id, '/rotate-secret'), ...json({ overlapSeconds }) }, words }
}

/** What hangs from a client, as the interface names it. */
export type Below = 'secrets' | 'grants' | 'consents' | 'events'

const listOperations: Readonly<Record<Below, string>> = {
  secrets: 'listClientSecrets',
  grants: 'listClientGrants',
  consents: 'listClientConsents',
  events: 'listClientEvents',
}
const deleteOperations: Readonly<Record<string, { operationId: string; key: string }>> = {
  secrets: { operationId: 'deleteClientSecret', key: 'secretId' },
  grants: { operationId: 'revokeClientGrant', key: 'grantId' },
  consents: { operationId: 'revokeClientConsent', key: 'userId' },
}
const deleteAllOperations: Readonly<Record<string, string>> = {
  grants: 'revokeClientGrants',
  consents: 'revokeClientConsents',
}

export function belowCall(id: string, below: Below, page: ListQuery): Call {
  return get(withQuery(clientPath(id, `/${below}`), page), operation(listOperations[below], { id, ...page }))
}

/** Ends one of these. */
export function endCall(id: string, below: Exclude<Below, 'events'>, itemId: string): Call {
  const { operationId = '', key = '' } = deleteOperations[below] ?? {}
  return {
    request: { method: 'DELETE', path: clientPath(id, `/${below}/${encodeURIComponent(itemId)}`) },
    words: [...operation(operationId, { id, [key]: itemId }), '--yes'],
  }
}

export function endAllCall(id: string, below: 'grants' | 'consents'): Call {
  return {
    request: { method: 'DELETE', path: clientPath(id, `/${below}`) },
    words: [...operation(deleteAllOperations[below] ?? '', { id }), '--yes'],
  }
}

export function addSecretCall(id: string, settings: { label: string | null; expiresAt: string | null }): Call {
  const words = [...operation('addClientSecret', { id }), '--data', JSON.stringify(settings)]
  return { request: { method: 'POST', path: clientPath(id, '/secrets'), ...json(settings) }, words }
}

export const testCall = (id: string): Call => ({
  request: { method: 'POST', path: clientPath(id, '/test') },
  words: operation('testClient', { id }),
})

/** A page of a list. */
export interface Page<Item = ShownClient> {
  data: Item[]
  total: number
  moreThanTotal?: boolean
}
