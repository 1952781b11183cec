import type { ApiRequest, Operation } from 'cerberus-idp-admin-client'
import { Failure } from '../failure.ts'
import { suggestion } from '../input/closest-name.ts'

/** The request of an operation with these parameters and this body. */
export function buildOperationRequest(
  operation: Operation,
  parameters: Readonly<Record<string, string>>,
  body: unknown,
  type: string | undefined,
): ApiRequest {
  const unused = new Map(Object.entries(parameters))
  const query = new URLSearchParams()
  const headers: Record<string, string> = {}
  let { path } = operation
  for (const { name, in: place, required } of operation.parameters) {
    const value = unused.get(name)
    unused.delete(name)
    if (value === undefined) {
      if (required || place === 'path') throw new Failure('usage', `${operation.id} requires --param ${name}=…`)
    } else if (place === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value))
    else if (place === 'query') query.append(name, value)
    else if (place === 'header') headers[name.toLowerCase()] = value
  }
  const [unknown] = unused.keys()
  if (unknown !== undefined) {
    const names = operation.parameters.map(({ name }) => name)
    throw new Failure('usage', `${operation.id} has no parameter ${unknown}.${suggestion(unknown, names)}`)
  }
  if (body === undefined && operation.bodyRequired) throw new Failure('usage', `${operation.id} requires --data.`)
  if (body !== undefined && operation.bodyTypes.length === 0) {
    throw new Failure('usage', `${operation.id} has no request body: --data is not allowed.`)
  }
  const mediaType = type ?? operation.bodyTypes[0] ?? 'application/json'
  return {
    method: operation.method,
    path: query.size > 0 ? `${path}?${query.toString()}` : path,
    headers: { ...headers, ...(body !== undefined && { 'content-type': mediaType }) },
    ...(body !== undefined && { body: serialize(body, mediaType) }),
  }
}

function serialize(body: unknown, mediaType: string): string {
  if (mediaType !== 'application/x-www-form-urlencoded') return JSON.stringify(body)
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(body as Record<string, unknown>)) fields.append(name, String(value))
  return fields.toString()
}
