import { bodyMembers, type OpenApiDocument, resolveSchema } from '../../openapi/document.ts'
import type { Client, ClientSettings } from './clients.ts'

/** The settings that a client can be given, in the order of the document, without aliases of others. */
export function settableMembers(document: OpenApiDocument): Set<string> {
  const settable = new Set([
    ...bodyMembers(document, 'createClient').keys(),
    ...bodyMembers(document, 'replaceClient').keys(),
  ])
  settable.delete('pkceRequired')
  // It identifies a client, and only a new one can be given it.
  settable.delete('clientId')
  return settable
}

/** The default of each setting that has one of its own, as the server describes it. Others depend on further settings. */
export function defaultSettings(document: OpenApiDocument): Map<string, unknown> {
  const described = [...bodyMembers(document, 'createClient')].map(
    ([member, schema]) => [member, resolveSchema(document, schema)] as const,
  )
  return new Map(
    described.filter(([, schema]) => 'x-default' in schema).map(([member, schema]) => [member, schema['x-default']]),
  )
}

/** The settable members of a client, in the order of the document: they can be sent back, or to another server. */
export function settingsOf(client: Client, document: OpenApiDocument): ClientSettings {
  return Object.fromEntries(
    [...settableMembers(document)].filter((member) => member in client).map((member) => [member, client[member]]),
  )
}
