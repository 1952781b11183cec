import type { FastifySchemaCompiler } from 'fastify'
import { validatorCompiler } from 'fastify-type-provider-zod'

/**
 * Leaves the body as it was sent, and validates the other parts of a request. Which bodies are valid depends on the media
 * type and on the client, so the update itself validates them and reports all issues at once.
 */
export const deferBodyValidation: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === 'body'
    ? (value: unknown) => ({ value })
    : validatorCompiler(route as Parameters<typeof validatorCompiler>[0])
