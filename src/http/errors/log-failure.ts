import type { FastifyRequest } from 'fastify'
import type { OAuthError } from '../../oauth/errors.ts'

/** Logs a server error with its stack at level `error`, and a client error with its reason at level `info`. */
export function logFailure(request: FastifyRequest, error: unknown, status: number): void {
  if (status >= 500) request.log.error({ err: error }, status === 503 ? 'service unavailable' : 'request failed')
  else request.log.info({ reason: error instanceof Error ? error.message : undefined }, 'request rejected')
}

/** Logs an OAuth error with the reason that the caller does not see. */
export function logOAuthError(request: FastifyRequest, { code, description, reason }: OAuthError): void {
  request.log.info({ error: code, description, reason }, 'request rejected')
}
