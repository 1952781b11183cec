import type {
  ContextConfigDefault,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  FastifySchemaCompiler,
  HTTPMethods,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteGenericInterface,
  RouteHandlerMethod,
} from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { OpenAPIV3_1 } from 'openapi-types'
import { rejectOtherMethods } from '../server/allowed-methods.ts'

/** What the OpenAPI document says about an operation and no schema of it can state. */
export interface OperationFacts {
  operationId: string
  security: NonNullable<OpenAPIV3_1.OperationObject['security']>
  /** The statuses of its problem responses, besides 400, 429 and 503, which every operation has. */
  errorStatuses: readonly number[]
  /** An example of a body that is accepted. */
  example?: unknown
  /** Media types of the body other than `application/json`. */
  alternatives?: Readonly<Record<string, OpenAPIV3_1.MediaTypeObject>>
  /** Request headers that have a meaning here. */
  headers?: readonly OpenAPIV3_1.ParameterObject[]
}

/** Where a route's schema carries the facts, so that the OpenAPI document is made from the routes alone. */
export const FACTS_KEY = 'x-operation'

export const noSecurity: OperationFacts['security'] = []
export const sessionSecurity: OperationFacts['security'] = [{ session: [] }]
export const sessionOrTokenSecurity: OperationFacts['security'] = [{ session: [] }, { accessToken: [] }]

/** Fastify's handler of a route with this zod schema: the types of request, reply and result follow from it. */
type ZodHandler<Schema extends FastifySchema> = RouteHandlerMethod<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  RouteGenericInterface,
  ContextConfigDefault,
  Schema,
  ZodTypeProvider
>

/** What the handler of an operation gets: `context` is the caller, as the room that mounts the operation knows it. */
export interface OperationCall<Context, Schema extends FastifySchema> {
  context: Context
  request: Parameters<ZodHandler<Schema>>[0]
  reply: Parameters<ZodHandler<Schema>>[1]
}

/** The definition of an operation, before its types are erased. */
export interface OperationDefinition<Context, Schema extends FastifySchema> extends OperationFacts {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The path of the route, parameters with a colon. */
  path: string
  tag: string
  /** An imperative verb and its object. */
  summary: string
  description?: string
  /** Zod schemas of params, query string, body and responses. */
  schema: Schema
  /** Replaces zod for the parts of the request, where an operation validates its body itself. */
  validatorCompiler?: FastifySchemaCompiler<unknown>
  handle(call: OperationCall<Context, Schema>): ReturnType<ZodHandler<Schema>>
}

/** An operation that can be mounted. */
export interface Operation<Context> {
  method: HTTPMethods
  path: string
  validatorCompiler: FastifySchemaCompiler<unknown> | undefined
  schema: FastifySchema
  handle(context: Context, request: FastifyRequest, reply: FastifyReply): unknown
}

/** Makes an operation from its definition. */
export function defineOperation<Context, const Schema extends FastifySchema>(
  definition: OperationDefinition<Context, Schema>,
): Operation<Context> {
  const { method, path, tag, summary, description, schema, validatorCompiler, handle, ...facts } = definition
  return {
    method,
    path,
    validatorCompiler,
    schema: {
      tags: [tag],
      summary,
      ...(description && { description }),
      ...schema,
      [FACTS_KEY]: facts,
    },
    handle: (context, request, reply) => handle({ context, request, reply } as OperationCall<Context, Schema>),
  }
}

/** How a room learns who calls: `onRequest` runs before the body is read, `contextOf` returns what it found. */
export interface CallerResolution<Context> {
  onRequest?: (request: FastifyRequest, reply: FastifyReply) => Promise<void>
  contextOf: (request: FastifyRequest) => Context
}

/** Adds the route of each operation to the scope, and answers other methods on their paths with 405. */
export function mountOperations<Context, Op extends Operation<Context>>(
  scope: FastifyInstance,
  operations: readonly Op[],
  resolutionOf: (operation: Op) => CallerResolution<Context>,
): void {
  const methodsByPath = new Map<string, HTTPMethods[]>()
  for (const operation of operations) {
    const { method, path, schema, validatorCompiler } = operation
    const { onRequest, contextOf } = resolutionOf(operation)
    scope.route({
      method,
      url: path,
      schema,
      ...(onRequest && { onRequest }),
      ...(validatorCompiler && { validatorCompiler }),
      handler: (request, reply) => operation.handle(contextOf(request), request, reply),
    })
    methodsByPath.set(path, [...(methodsByPath.get(path) ?? []), method])
  }
  for (const [path, methods] of methodsByPath) rejectOtherMethods(scope, path, methods)
}
