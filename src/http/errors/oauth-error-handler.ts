import type { FastifyInstance, FastifyReply } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf } from './failure.ts'
import { logFailure, logOAuthError } from './log-failure.ts'
import { MethodNotAllowed } from './request-errors.ts'

export interface ErrorHandlerOptions {
  /** Whether an error means that the database is temporarily unavailable. */
  isUnavailable: (error: unknown) => boolean
}

/** Sends the errors of a scope as JSON with `error` and `error_description` (RFC 6749 §5.2). */
export function setOAuthErrorHandler(scope: FastifyInstance, { isUnavailable }: ErrorHandlerOptions): void {
  scope.setErrorHandler((error, request, reply) => {
    if (error instanceof OAuthError) {
      logOAuthError(request, error)
      if (error.challenge !== undefined) void reply.header('www-authenticate', error.challenge)
      if (error.nonce !== undefined) void reply.header('dpop-nonce', error.nonce)
      return sendOAuthError(reply, error.status, error.code, error.description)
    }
    const failure = failureOf(error, isUnavailable)
    logFailure(request, error, failure.status)
    if (failure.retryAfter !== undefined) void reply.header('retry-after', failure.retryAfter)
    if (error instanceof MethodNotAllowed) void reply.header('allow', error.allow.join(', '))
    // RFC 6749 §5.2 prescribes 400 for a body of the wrong type. 413 and 405 are more precise than 400 and stay.
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
