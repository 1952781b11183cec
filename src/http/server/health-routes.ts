import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../lib/time/clock.ts'

export interface HealthOptions {
  clock: Clock
  /** Whether the process is shutting down and load balancers should send no more requests. */
  isDraining: () => boolean
  /** Why the database is not ready for requests, or undefined. Rejects when it is unavailable. */
  checkDatabase: () => Promise<string | undefined>
}

/**
 * Liveness: the process responds. Readiness: it accepts requests, its database is ours, migrated and writable, and the
 * clocks of both agree.
 */
export function healthRoutes(scope: FastifyInstance, { clock, isDraining, checkDatabase }: HealthOptions): void {
  const healthy = () => ({ status: 'ok', timestamp: clock.now().toISOString() })
  const schema = { tags: ['Health'] }

  scope.get('/health', { schema: { ...schema, summary: 'Check liveness' } }, healthy)
  scope.get('/health/live', { schema: { ...schema, summary: 'Check liveness' } }, healthy)
  scope.get('/health/ready', { schema: { ...schema, summary: 'Check readiness' } }, async (request, reply) => {
    if (isDraining()) return reply.status(503).send({ status: 'draining' })
    const unavailable = (reason: string) =>
      reply.status(503).header('retry-after', 1).send({ status: 'unavailable', reason })
    try {
      const hasSkew = clock.excessiveSkewSeconds?.() !== undefined
      const problem = hasSkew ? 'clock_skew' : await checkDatabase()
      if (problem === undefined) return healthy()
      request.log.warn({ reason: problem }, 'readiness check failed')
      return unavailable(problem)
    } catch (error) {
      request.log.warn({ err: error }, 'readiness check failed')
      return unavailable('no_response')
    }
  })
}
