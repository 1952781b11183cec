import { bodyMembers, type OpenApiDocument } from '../openapi/document.ts'
import type { Client, ClientSettings } from './clients.ts'

/** The settings that a client can be given, in the order of the document, without aliases of others. */
export function settableMembers(document: OpenApiDocument): Set<string> {
  const settable = new Set([
    ...bodyMembers(document, 'createClient').keys(),
    ...bodyMembers(document, 'replaceClient').keys(),
  ])
  settable.delete('pkceRequired')
  return settable
}

/** The settable members of a client, in the order of the document: they can be sent back, or to another server. */
export function settingsOf(client: Client, document: OpenApiDocument): ClientSettings {
  return Object.fromEntries(
    [...settableMembers(document)].filter((member) => member in client).map((member) => [member, client[member]]),
  )
}
