// `discovery/openapi/operations` describes the operations of the HTTP API, one file per area.
// Routes with a zod schema add here only what the schema cannot state.
// The schemas of messages belong to `discovery/openapi/schemas`.

import type { OpenAPIV3_1 } from 'openapi-types'

export type Document = OpenAPIV3_1.Document
export type Operation = OpenAPIV3_1.OperationObject
export type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject
type Parameter = OpenAPIV3_1.ParameterObject
export type Responses = OpenAPIV3_1.ResponsesObject
type Response = OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject

/** `GET /path`, as it stands in a document: parameters in braces. */
export type OperationKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** A reference to one of the document's own schemas. */
export const schemaRef = (name: string): OpenAPIV3_1.ReferenceObject => ({ $ref: `#/components/schemas/${name}` })

/** An answer in JSON. */
export function jsonResponse(description: string, schema: Schema, example?: unknown): Response {
  return { description, content: { 'application/json': { schema, ...(example !== undefined && { example }) } } }
}

/** A page for people. */
export function htmlResponse(description: string): Response {
  return { description, content: { 'text/html': { schema: { type: 'string' } } } }
}

/** A redirect to where `description` says. */
export function redirectResponse(description: string): Response {
  return {
    description,
    headers: { Location: { required: true, schema: { type: 'string' } } },
  }
}

/** An empty answer. */
export const emptyResponse = (description: string): Response => ({ description })

/** An answer that all operations of a kind share. */
export const responseRef = (name: string): Response => ({ $ref: `#/components/responses/${name}` })

/** A form. `fields` are text unless they say otherwise. */
export function formBody(
  fields: Readonly<Record<string, FormField>>,
  example: Readonly<Record<string, string>>,
): OpenAPIV3_1.RequestBodyObject {
  const required = Object.keys(fields).filter((name) => fields[name]?.required)
  return {
    required: required.length > 0,
    content: {
      'application/x-www-form-urlencoded': {
        schema: {
          type: 'object',
          ...(required.length > 0 && { required }),
          properties: Object.fromEntries(
            Object.entries(fields).map(([name, { required: _, ...schema }]) => [name, { type: 'string', ...schema }]),
          ),
        },
        example,
      },
    },
  }
}

/** One parameter of an OAuth message. */
export interface FormField {
  description: string
  required?: boolean
  enum?: string[]
}

/** The same parameters in a query. */
export function queryParameters(fields: Readonly<Record<string, FormField & { example?: string }>>): Parameter[] {
  return Object.entries(fields).map(([name, { description, required = false, example, ...schema }]): Parameter => ({
    in: 'query',
    name,
    description,
    required,
    schema: { type: 'string', ...schema },
    ...(example !== undefined && { example }),
  }))
}
