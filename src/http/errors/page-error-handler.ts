import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OAuthError } from '../../oauth/errors.ts'
import { failureOf } from './failure.ts'
import { MethodNotAllowed } from './request-errors.ts'
import { logFailure, logOAuthError } from './log-failure.ts'
import type { ErrorHandlerOptions } from './oauth-error-handler.ts'

/** The content of the error page. `reference` is the id of the request in the log. */
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

/** Sends the errors of a scope as a page, never as a redirect (RFC 9700 §4.11.2). */
export function setPageErrorHandler(scope: FastifyInstance, options: PageErrorHandlerOptions): void {
  const { isUnavailable, renderError, contentSecurityPolicy } = options
  scope.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error, isUnavailable)
    if (error instanceof OAuthError) logOAuthError(request, error)
    else logFailure(request, error, failure.status)
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

const WEB_ORIGIN = /^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/

/**
 * The content security policy of a page: its own style sheet and script by hash, and frames of the given origins. An origin
 * with other characters than those of a host is left out. `images`: the page shows an image of another host. The policy
 * has no `form-action`: browsers apply that to the redirects after a form as well, and the last one leads to the client.
 */
export function pageContentSecurityPolicy({
  style,
  script,
  frames = [],
  images = false,
}: {
  style: string
  script?: string | undefined
  frames?: readonly string[]
  images?: boolean
}): string {
  const frameSources = frames.filter((origin) => WEB_ORIGIN.test(origin))
  return [
    "default-src 'none'",
    `style-src '${style}'`,
    ...(script === undefined ? [] : [`script-src '${script}'`]),
    ...(frameSources.length === 0 ? [] : [`frame-src ${frameSources.join(' ')}`]),
    images ? "img-src 'self' https:" : "img-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
