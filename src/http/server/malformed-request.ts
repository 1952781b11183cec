import type { FastifyReply, FastifyRequest } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { requestId } from '../request/request-id.ts'
import { securityHeaderFields } from '../security/security-headers.ts'
import { Problem, problemBody } from '../errors/problem.ts'
import { toProblem, sendProblem } from '../errors/problem-error-handler.ts'

export interface MalformedRequestOptions {
  issuer: string
  https: boolean
}

/**
 * Rejects a request whose target the router cannot parse. It has no route, so hooks and error handlers do not run: it is
 * answered like an unknown path.
 */
export function rejectUnroutableRequest(
  error: Error,
  request: FastifyRequest,
  reply: FastifyReply,
  { issuer, https }: MalformedRequestOptions,
): void {
  const problem = toProblem(error, () => false)
  // Without the message, which repeats the target: that may contain a code or a token.
  request.log.info({ reason: 'code' in error ? error.code : error.name }, 'request rejected')
  void sendProblem(request, reply.headers(securityHeaderFields(request.id, https)), problem, issuer)
}

const PARSER_ERRORS: Readonly<Record<string, { status: number; detail: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, detail: 'The headers of the request are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, detail: 'The request did not arrive in time.' },
}
const DEFAULT_PARSER_ERROR = { status: 400, detail: 'The request is not well-formed HTTP.' }

/** Rejects bytes that are not an HTTP request (RFC 9112 §2.2), and closes the connection. */
export function rejectMalformedRequest(
  error: NodeJS.ErrnoException,
  socket: Socket,
  { issuer, https }: MalformedRequestOptions,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, detail } = PARSER_ERRORS[error.code ?? ''] ?? DEFAULT_PARSER_ERROR
  const id = requestId({})
  const body = JSON.stringify(problemBody(new Problem(status, 'bad-request', detail), id, issuer))
  const fields = {
    ...securityHeaderFields(id, https),
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
