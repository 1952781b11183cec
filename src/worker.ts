import cluster from 'node:cluster'
import type { Config } from './config/config.ts'
import { createDrain } from './drain.ts'
import { createMetrics } from './http/metrics.ts'
import type { Logger } from './logger.ts'
import { serve, StartFailure } from './serve.ts'
import { openServices } from './services.ts'
import { joinEmbeddedPostgres } from './storage/embedded/index.ts'
import type { FromWorker, ToWorker } from './workers.ts'

/**
 * One of several processes that serve one port. What it is told comes from the primary process; what is secret it reads
 * for itself. It ends with the primary, however that ends: node:cluster sees to it.
 */
export async function serveAsWorker(config: Config, log: Logger): Promise<void> {
  // A terminal, or whatever stops a service, signals all processes of the group: the primary is the one that acts.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
  // What could not be written to the primary: it is gone, and has said why itself.
  cluster.worker?.on('error', () => process.exit(1))
  const drain = createDrain(config.shutdown)
  const tell = (message: FromWorker) => process.send?.(message)
  let snapshot: (() => Promise<unknown>) | undefined
  process.on('message', (message: ToWorker) => {
    if (message.type === 'snapshot') {
      void snapshot?.().then((metrics) => tell({ type: 'snapshot', id: message.id, metrics }))
      return
    }
    drain.begin().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'shutdown failed')
        process.exit(1)
      },
    )
  })

  try {
    const [, , socketDirectory = ''] = process.argv
    const connection = config.databaseUrl ?? (await joinEmbeddedPostgres(config.dataDirectory, socketDirectory))
    const services = await openServices(config, log, { connection, poolSize: config.poolSize })
    const metrics = createMetrics({
      statements: services.database.statementCount,
      waiting: () => services.database.pool.waitingCount,
    })
    snapshot = metrics.snapshot
    await serve({ config, log, services, metrics, drain, release: services.close })
    tell({ type: 'ready' })
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error
    // Told once, by the primary, for all workers.
    process.send?.({ type: 'refused', reason: error.message } satisfies FromWorker, () => process.exit(1))
  }
}
