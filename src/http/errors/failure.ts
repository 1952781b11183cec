// `http/errors` owns how errors become responses: OAuth JSON, a page or a redirect, and problem+json (RFC 9457).
// Errors of Fastify are translated as well, so that every endpoint answers in its own format.
// Which error a request deserves is decided by the room that handles it.

import { UnacceptableJson } from '../../lib/json.ts'
import { OAuthError } from '../../oauth/errors.ts'
import { ClientDisconnected, MethodNotAllowed, TooManyRequests } from './request-errors.ts'

/** What an error means in HTTP. The error handlers turn it into the format of their scope. */
export interface Failure {
  status: number
  description: string
  /** Seconds after which the client may retry. */
  retryAfter?: number
}

/**
 * The failure that an error stands for. An unexpected error is a 500 without details for the caller. `isUnavailable`
 * recognises temporary errors of the database.
 */
export function failureOf(error: unknown, isUnavailable: (error: unknown) => boolean): Failure {
  if (error instanceof TooManyRequests) {
    return {
      status: 429,
      description: `Too many requests. Try again in ${error.retryAfter} seconds.`,
      retryAfter: error.retryAfter,
    }
  }
  if (error instanceof MethodNotAllowed) return { status: 405, description: error.message }
  if (isClientDisconnect(error)) return { status: 400, description: 'The request ended before its body was complete.' }
  if (isUnavailable(error)) {
    return { status: 503, description: 'The server is temporarily unavailable. Try again in a moment.', retryAfter: 1 }
  }
  if (error instanceof OAuthError) return { status: error.status, description: error.description }
  if (error instanceof UnacceptableJson) return { status: 400, description: `The body ${error.message}.` }
  return frameworkFailure(error) ?? { status: 500, description: 'Internal server error.' }
}

const FASTIFY_FAILURES: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, description: 'The Content-Type of the body is not supported here.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, description: 'The body is too large.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    description: 'The length of the body differs from Content-Length.',
  },
  FST_ERR_BAD_URL: { status: 400, description: 'The request target is malformed.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, description: 'A segment of the path is too long.' },
}

/** Whether the client disconnected, or sent malformed HTTP, while its body was read. Not an error of our connections. */
function isClientDisconnect(error: unknown): boolean {
  if (error instanceof ClientDisconnected) return true
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET'
}

function frameworkFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined
  const code: unknown = 'code' in error ? error.code : undefined
  if (typeof code === 'string' && FASTIFY_FAILURES[code]) return FASTIFY_FAILURES[code]
  const status: unknown = 'statusCode' in error ? error.statusCode : undefined
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, description: 'The request is malformed.' }
  }
  return undefined
}
