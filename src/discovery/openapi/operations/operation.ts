// `discovery/openapi/operations` describes the operations of the HTTP API, one file per area.
// Routes with a zod schema add here only what the schema cannot state.
// The schemas of messages belong to `discovery/openapi/schemas`.

import type { OpenAPIV3_1 } from 'openapi-types'
import type { z } from 'zod'
import { toJsonSchema } from '../schemas/json-schema.ts'

export type Document = OpenAPIV3_1.Document
export type Operation = OpenAPIV3_1.OperationObject
export type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject
type Parameter = OpenAPIV3_1.ParameterObject
export type Responses = OpenAPIV3_1.ResponsesObject
type Response = OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject

/** A method and a path with parameters in braces, such as `GET /v1/admin/clients/{id}`. */
export type OperationKey = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** A reference to one of the document's own schemas. */
export const schemaRef = (name: string): OpenAPIV3_1.ReferenceObject => ({ $ref: `#/components/schemas/${name}` })

/** A JSON response. */
export function jsonResponse(description: string, schema: Schema, example?: unknown): Response {
  return { description, content: { 'application/json': { schema, ...(example !== undefined && { example }) } } }
}

/** An HTML page. */
export function htmlResponse(description: string): Response {
  return { description, content: { 'text/html': { schema: { type: 'string' } } } }
}

/** A redirect. `description` says where to. */
export function redirectResponse(description: string): Response {
  return {
    description,
    headers: { Location: { required: true, schema: { type: 'string' } } },
  }
}

/** A response without a body. */
export const emptyResponse = (description: string): Response => ({ description })

/** A reference to one of the shared responses. */
export const responseRef = (name: string): Response => ({ $ref: `#/components/responses/${name}` })

/** The body of a form. Its example has the examples of the parameters. */
export function formBody(message: z.ZodObject): OpenAPIV3_1.RequestBodyObject {
  const { required = [], properties = {}, ...schema } = toJsonSchema(message)
  const examples = Object.entries(properties).map(([name, property]) => [name, exampleOf(property)] as const)
  return {
    required: required.length > 0,
    content: {
      'application/x-www-form-urlencoded': {
        schema: { ...schema, ...(required.length > 0 && { required }), properties },
        example: Object.fromEntries(examples.filter(([, example]) => example !== undefined)),
      },
    },
  }
}

const exampleOf = (property: Schema): unknown => ('example' in property ? property.example : undefined)

/** The parameters of a query. */
export function queryParameters(message: z.ZodObject): Parameter[] {
  const { required = [], properties = {} } = toJsonSchema(message)
  return Object.entries(properties).map(([name, property]): Parameter => {
    const { description = '', example, ...schema } = property as OpenAPIV3_1.SchemaObject
    return {
      in: 'query',
      name,
      description,
      required: required.includes(name),
      schema: schema as NonNullable<Parameter['schema']>,
      ...(example !== undefined && { example: example as string }),
    }
  })
}
