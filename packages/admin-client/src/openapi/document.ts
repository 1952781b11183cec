// `openapi` reads the server's OpenAPI document, as much of it as commands and forms are made from. The document comes
// from the server that is administered, so that a form has the members that this very server knows.

import type { ApiRequest } from '../transport/request.ts'

/** As much of JSON Schema as is needed. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  description?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
  'x-group'?: string
  /** What a client has that was registered without the setting; absent where that depends on other settings. */
  'x-default'?: unknown
}

export interface OpenApiOperation {
  operationId: string
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema; example?: unknown }> }
  security?: Record<string, unknown>[]
}

export interface OpenApiDocument {
  paths?: Record<string, Record<string, OpenApiOperation>>
  components?: { schemas?: Record<string, Schema> }
}

/** The server's metadata (RFC 8414 §2). */
export type ServerMetadata = Readonly<Record<string, unknown>>

export const getOpenApiDocument = (): ApiRequest<OpenApiDocument> => ({ method: 'GET', path: '/openapi.json' })

export const getServerMetadata = (): ApiRequest<ServerMetadata> => ({
  method: 'GET',
  path: '/.well-known/openid-configuration',
})

export function findOperation(document: OpenApiDocument, operationId: string): OpenApiOperation | undefined {
  return Object.values(document.paths ?? {})
    .flatMap((item) => Object.values(item))
    .find((operation) => operation.operationId === operationId)
}

/** The members of the JSON body of an operation, in the order of the document. */
export function bodyMembers(document: OpenApiDocument, operationId: string): Map<string, Schema> {
  const body = findOperation(document, operationId)?.requestBody?.content['application/json']?.schema
  return new Map(Object.entries((body && resolveSchema(document, body).properties) ?? {}))
}

/** The schema with its reference replaced by what it refers to. */
export function resolveSchema(document: OpenApiDocument, schema: Schema): Schema {
  const name = schema.$ref?.replace(/^.*\//, '')
  const target = name === undefined ? undefined : document.components?.schemas?.[name]
  return target ? { ...resolveSchema(document, target), ...schema } : schema
}
