import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf, MethodNotAllowed } from './framework-errors.ts'

export interface ErrorHandlerOptions {
  /** Whether an error says that the database cannot do its work now. */
  isUnavailable: (error: unknown) => boolean
}

/** Makes a scope answer errors as RFC 6749 §5.2 wants them: JSON with `error` and `error_description`. */
export function setOAuthErrorHandler(scope: FastifyInstance, { isUnavailable }: ErrorHandlerOptions): void {
  scope.setErrorHandler((error, request, reply) => {
    if (error instanceof OAuthError) {
      request.log.info({ error: error.code, description: error.description, reason: error.reason }, 'refused')
      if (error.challenge !== undefined) void reply.header('www-authenticate', error.challenge)
      if (error.nonce !== undefined) void reply.header('dpop-nonce', error.nonce)
      return sendOAuthError(reply, error.status, error.code, error.description)
    }
    const failure = failureOf(error, isUnavailable)
    logFailure(request, error, failure.status)
    if (failure.retryAfter !== undefined) void reply.header('retry-after', failure.retryAfter)
    if (error instanceof MethodNotAllowed) void reply.header('allow', error.allow.join(', '))
    // RFC 6749 §5.2 knows 400 for a body of the wrong type; 413 and 405 say more than it can.
    const status = failure.status === 415 ? 400 : failure.status
    return sendOAuthError(reply, status, errorCodeOf(status), failure.description)
  })
}

function errorCodeOf(status: number): string {
  if (status === 503 || status === 429) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}

function sendOAuthError(reply: FastifyReply, status: number, error: string, description: string): FastifyReply {
  return reply
    .status(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json')
    .send({ error, error_description: description })
}

/** Faults of ours are logged as errors with all that is known; those of callers are not our alarm. */
export function logFailure(request: FastifyRequest, error: unknown, status: number): void {
  if (status >= 500) request.log.error({ err: error }, status === 503 ? 'unavailable' : 'failed')
  else request.log.info({ reason: error instanceof Error ? error.message : undefined }, 'refused')
}
