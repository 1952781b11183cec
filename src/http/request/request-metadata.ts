import type { FastifyRequest } from 'fastify'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'

/** The origin of a request as audit events record it. */
export function requestMetadata(request: FastifyRequest): RequestMetadata {
  return {
    ipAddress: request.clientAddress.text,
    userAgent: request.headers['user-agent']?.slice(0, 500),
    requestId: request.id,
  }
}
