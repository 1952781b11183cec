import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf, MethodNotAllowed } from './framework-errors.ts'
import { logFailure, type ErrorHandlerOptions } from './oauth-error-handler.ts'

/** What the error page says. */
export interface ErrorPageContent {
  status: number
  code: string
  description: string
  reference: string
}

export interface PageErrorHandlerOptions extends ErrorHandlerOptions {
  renderError: (content: ErrorPageContent, request: FastifyRequest) => string
  contentSecurityPolicy: string
}

/** Makes a scope answer errors with a page, never with a redirect (RFC 9700 §4.11.2). */
export function setPageErrorHandler(scope: FastifyInstance, options: PageErrorHandlerOptions): void {
  const { isUnavailable, renderError, contentSecurityPolicy } = options
  scope.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error, isUnavailable)
    if (error instanceof OAuthError) {
      request.log.info({ error: error.code, description: error.description, reason: error.reason }, 'refused')
    } else logFailure(request, error, failure.status)
    if (failure.retryAfter !== undefined) void reply.header('retry-after', failure.retryAfter)
    if (error instanceof MethodNotAllowed) void reply.header('allow', error.allow.join(', '))
    const code = error instanceof OAuthError ? error.code : errorCodeOf(failure.status)
    const content = { status: failure.status, code, description: failure.description, reference: request.id }
    return sendPage(reply.status(failure.status), renderError(content, request), contentSecurityPolicy)
  })
}

function errorCodeOf(status: number): string {
  if (status === 429) return 'too_many_requests'
  if (status === 503) return 'temporarily_unavailable'
  return status >= 500 ? 'server_error' : 'invalid_request'
}

/** Sends an HTML document. */
export function sendPage(reply: FastifyReply, html: string, contentSecurityPolicy: string): FastifyReply {
  return reply
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-security-policy', contentSecurityPolicy)
    .send(html)
}

/**
 * The policy of a page: nothing but its own style sheet and script, by hash, images, and frames of these origins. It does not say `form-action`:
 * browsers apply that to the redirects after a form too, and the last of them leads to the client.
 */
export function pageContentSecurityPolicy({
  style,
  script,
  frames = [],
}: {
  style: string
  script?: string
  frames?: readonly string[]
}): string {
  return [
    "default-src 'none'",
    `style-src '${style}'`,
    ...(script === undefined ? [] : [`script-src '${script}'`]),
    ...(frames.length === 0 ? [] : [`frame-src ${frames.join(' ')}`]),
    "img-src 'self' https: http://localhost:* http://127.0.0.1:*",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
