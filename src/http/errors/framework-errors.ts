// `http/errors` owns how errors become responses: OAuth JSON, a page or a redirect, and problem+json (RFC 9457).
// Errors of Fastify are translated as well, so that every endpoint answers in its own format.
// Which error a request deserves is decided by the room that handles it.

import { OAuthError } from '../../oauth/errors.ts'

/** What went wrong, whoever threw it: said once here, in each dialect's words elsewhere. */
export interface Failure {
  status: number
  description: string
  /** Seconds after which it may be tried again. */
  retryAfter?: number
}

/** Thrown where a limit is reached. `retryAfter` in seconds. */
export class TooManyRequests extends Error {
  readonly retryAfter: number
  constructor(retryAfter: number) {
    super('Too many requests.')
    this.retryAfter = retryAfter
  }
}

/** Thrown by routes that exist for other methods. */
export class MethodNotAllowed extends Error {
  readonly allow: readonly string[]
  constructor(allow: readonly string[]) {
    super(`Only ${allow.join(' and ')} ${allow.length === 1 ? 'is' : 'are'} allowed here.`)
    this.allow = allow
  }
}

/** Thrown where work ends because its caller has hung up. */
export class ClientDisconnected extends Error {
  constructor() {
    super('The caller has hung up.')
  }
}

/**
 * The failure that an error stands for. What nobody foresaw is a 500 of which the caller learns nothing but that it
 * happened; `isUnavailable` tells errors of the database that will pass.
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
  if (isClientDisconnect(error)) return { status: 400, description: 'The request broke off before its end.' }
  if (isUnavailable(error)) {
    return { status: 503, description: 'The server cannot answer right now. Try again in a moment.', retryAfter: 1 }
  }
  if (error instanceof OAuthError) return { status: error.status, description: error.description }
  const known = frameworkFailure(error)
  return known ?? { status: 500, description: 'Something went wrong on our side.' }
}

const FASTIFY_FAILURES: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, description: 'The Content-Type of the body is not accepted here.' },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, description: 'The body is too large.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, description: 'The body is not as long as Content-Length says.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, description: 'The body is empty where JSON was announced.' },
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, description: 'The body is not well-formed JSON.' },
  FST_ERR_BAD_URL: { status: 400, description: 'The request target is malformed.' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, description: 'A part of the path is too long.' },
}

/** The client hung up, or what it sent stopped being HTTP, while its body was read: not a connection of ours. */
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
