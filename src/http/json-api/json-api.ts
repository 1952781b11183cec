// `http/json-api` owns what the JSON API under `/v1` has in common, for administrators and for users.
// `json-api.ts` prepares a scope: problem+json errors (RFC 9457), rate limit, cookies, zod validation.
// `operation.ts` defines an operation: its route, its schemas and its entry in the OpenAPI document.
// The operations themselves belong to `admin` and `account`.

import type { FastifyInstance } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { setProblemErrorHandler } from '../errors/problem-error-handler.ts'
import { rateLimitRequests, type RequestRateLimiter } from '../rate-limit/rate-limiters.ts'
import { registerCookies } from '../request/cookies.ts'
import { registerQueryParser } from '../request/forms.ts'
import { registerJsonParser } from '../request/json-body.ts'

export interface JsonApiOptions {
  errorHandling: Parameters<typeof setProblemErrorHandler>[1]
  /** Counts every request, by IP address. */
  generalRateLimiter: RequestRateLimiter
}

/** Prepares a scope for operations of the JSON API. */
export async function setUpJsonApi(
  scope: FastifyInstance,
  { errorHandling, generalRateLimiter }: JsonApiOptions,
): Promise<void> {
  setProblemErrorHandler(scope, errorHandling)
  rateLimitRequests(scope, generalRateLimiter)
  await registerCookies(scope)
  registerQueryParser(scope)
  registerJsonParser(scope)
  scope.setValidatorCompiler(validatorCompiler)
  scope.setSerializerCompiler(serializerCompiler)
}
