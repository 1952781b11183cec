import type { FastifyRequest } from 'fastify'
import type { EventOrigin } from '../model/security-event.ts'

/** Where a request came from, as events record it. */
export function originOf(request: FastifyRequest): EventOrigin {
  return {
    ipAddress: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 500),
    requestId: request.id,
  }
}
