import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../lib/clock.ts'

export interface HealthOptions {
  clock: Clock
  /** Whether new requests should still be sent here. */
  isDraining: () => boolean
  /** Rejects when the database does not answer. */
  pingDatabase: () => Promise<unknown>
}

/** Liveness: the process answers. Readiness: it wants requests, and has its database. */
export function healthRoutes(scope: FastifyInstance, { clock, isDraining, pingDatabase }: HealthOptions): void {
  const healthy = () => ({ status: 'ok', timestamp: clock.now().toISOString() })
  const schema = { tags: ['Health'] }

  scope.get('/health', { schema: { ...schema, summary: 'The process answers' } }, healthy)
  scope.get('/health/live', { schema: { ...schema, summary: 'The process answers' } }, healthy)
  scope.get('/health/ready', { schema: { ...schema, summary: 'Requests are welcome' } }, async (request, reply) => {
    if (isDraining()) return reply.status(503).send({ status: 'draining' })
    try {
      await pingDatabase()
      return healthy()
    } catch (error) {
      request.log.warn({ err: error }, 'readiness check failed')
      return reply.status(503).header('retry-after', 1).send({ status: 'unavailable' })
    }
  })
}
