import { Failure } from './failure.ts'
import { demand, type ServerRequest } from './server.ts'

/** One operation of the interface, as its OpenAPI document has it. */
export interface Operation {
  id: string
  method: string
  path: string
  summary: string
  parameters: { name: string; in: string; required: boolean; description: string }[]
  /** The media types that a body may have, the usual one first; empty: it takes none. */
  bodyTypes: string[]
  bodyRequired: boolean
  /** The ways to be somebody there; empty: nobody needs to be. */
  security: string[]
  example: unknown
}

interface DocumentOperation {
  operationId: string
  summary?: string
  parameters?: { name: string; in: string; required?: boolean; description?: string }[]
  requestBody?: { required?: boolean; content: Record<string, { schema?: unknown; example?: unknown }> }
  security?: Record<string, unknown>[]
}

export interface Description {
  operations: Operation[]
  /** The members of the body of an operation, by its id. */
  membersOf(operationId: string): string[]
}

/** Reads what a server says of its interface. */
export async function readDescription(server: string): Promise<Description> {
  const { body } = await demand(server, { method: 'GET', path: '/openapi.json' })
  const document = body as {
    paths?: Record<string, Record<string, DocumentOperation>>
    components?: { schemas?: Record<string, unknown> }
  }
  const found = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const propertiesOf = (schema: unknown): string[] => {
    const { $ref, properties } = (schema ?? {}) as { $ref?: string; properties?: object }
    if ($ref !== undefined) return propertiesOf(document.components?.schemas?.[$ref.replace(/^.*\//, '')])
    return Object.keys(properties ?? {})
  }
  return {
    operations: found.map(({ path, method, operation }) => ({
      id: operation.operationId,
      method,
      path,
      summary: operation.summary ?? '',
      parameters: (operation.parameters ?? []).map(({ required = false, description = '', ...parameter }) => ({
        ...parameter,
        required,
        description,
      })),
      bodyTypes: Object.keys(operation.requestBody?.content ?? {}),
      bodyRequired: operation.requestBody?.required ?? false,
      security: (operation.security ?? []).flatMap((requirement) => Object.keys(requirement)),
      example: Object.values(operation.requestBody?.content ?? {})[0]?.example,
    })),
    membersOf(operationId) {
      const { operation } = found.find((one) => one.operation.operationId === operationId) ?? {}
      return propertiesOf(operation?.requestBody?.content['application/json']?.schema)
    },
  }
}

/** The request that an operation is, with these parameters and this body. */
export function requestOf(
  operation: Operation,
  given: Readonly<Record<string, string>>,
  body: unknown,
  type: string | undefined,
): ServerRequest {
  const left = new Map(Object.entries(given))
  const query = new URLSearchParams()
  const headers: Record<string, string> = {}
  let { path } = operation
  for (const { name, in: place, required } of operation.parameters) {
    const value = left.get(name)
    left.delete(name)
    if (value === undefined) {
      if (required || place === 'path') throw new Failure('usage', `${operation.id} needs --param ${name}=…`)
    } else if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value))
    else if (place === 'query') query.append(name, value)
    else if (place === 'header') headers[name.toLowerCase()] = value
  }
  const [unknown] = left.keys()
  if (unknown !== undefined) throw new Failure('usage', `${operation.id} has no parameter ${unknown}.`)
  if (body === undefined && operation.bodyRequired) throw new Failure('usage', `${operation.id} needs --data.`)
  if (body !== undefined && operation.bodyTypes.length === 0) {
    throw new Failure('usage', `${operation.id} takes no data.`)
  }
  const mediaType = type ?? operation.bodyTypes[0] ?? 'application/json'
  return {
    method: operation.method,
    path: query.size > 0 ? `${path}?${query}` : path,
    headers: { ...headers, ...(body !== undefined && { 'content-type': mediaType }) },
    ...(body !== undefined && { body: bodyText(body, mediaType) }),
  }
}

function bodyText(body: unknown, mediaType: string): string {
  if (mediaType !== 'application/x-www-form-urlencoded') return JSON.stringify(body)
  const fields = Object.entries(body as Record<string, unknown>).map(([name, value]) => [name, String(value)])
  return new URLSearchParams(fields).toString()
}
