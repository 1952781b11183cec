import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'

/**
 * Collects every route that is added from now on. The returned function describes them as an OpenAPI document from their
 * schemas. Call it when the server is ready. Routes with `hide` in their schema are left out.
 */
export async function collectRoutes(server: FastifyInstance): Promise<() => OpenAPIV3_1.Document> {
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Routes', version: '0' } },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  return () => server.swagger() as OpenAPIV3_1.Document
}
