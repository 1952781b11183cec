import swagger from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import type { FastifyInstance } from 'fastify'
import type { OpenAPIV3_1 } from 'openapi-types'

/**
 * Notes every route that is added from now on. The returned function gives them, with what their schemas say, as an
 * OpenAPI document; it may be called when the server is ready. Routes whose schema says `hide` are left out.
 */
export async function collectRoutes(server: FastifyInstance): Promise<() => OpenAPIV3_1.Document> {
  await server.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Routes', version: '0' } },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  return () => server.swagger() as OpenAPIV3_1.Document
}
