import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../lib/clock.ts'

export interface HealthOptions {
  clock: Clock
  /** Whether the process is shutting down and load balancers should send no more requests. */
  isDraining: () => boolean
  /** Rejects when the database is unavailable. */
  pingDatabase: () => Promise<unknown>
}

/** Liveness: the process responds. Readiness: it accepts requests, and its database responds. */
export function healthRoutes(scope: FastifyInstance, { clock, isDraining, pingDatabase }: HealthOptions): void {
  const healthy = () => ({ status: 'ok', timestamp: clock.now().toISOString() })
  const schema = { tags: ['Health'] }

  scope.get('/health', { schema: { ...schema, summary: 'Check liveness' } }, healthy)
  scope.get('/health/live', { schema: { ...schema, summary: 'Check liveness' } }, healthy)
  scope.get('/health/ready', { schema: { ...schema, summary: 'Check readiness' } }, async (request, reply) => {
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
