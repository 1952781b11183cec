import cluster from 'node:cluster'
import type { Config } from '../config/config.ts'
import { createGracefulShutdown } from './graceful-shutdown.ts'
import { createMetrics } from '../http/metrics/metrics.ts'
import type { Logger } from './logger.ts'
import { startServer } from './start-server.ts'
import { StartupError } from './startup-error.ts'
import { createServices } from './create-services.ts'
import { joinEmbeddedPostgres } from '../storage/embedded/index.ts'
import type { WorkerMessage, PrimaryMessage } from './worker-pool.ts'

/**
 * One of several processes that serve one port. What it is told comes from the primary process; what is secret it reads
 * for itself. It ends with the primary, however that ends: node:cluster sees to it.
 */
export async function runClusterWorker(config: Config, log: Logger): Promise<void> {
  // A terminal, or whatever stops a service, signals all processes of the group: the primary is the one that acts.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
  // What could not be written to the primary: it is gone, and has said why itself.
  cluster.worker?.on('error', () => process.exit(1))
  const shutdown = createGracefulShutdown(config.shutdown)
  const send = (message: WorkerMessage) => process.send?.(message)
  let snapshot: (() => Promise<unknown>) | undefined
  process.on('message', (message: PrimaryMessage) => {
    if (message.type === 'snapshot') {
      void snapshot?.().then((metrics) => send({ type: 'snapshot', id: message.id, metrics }))
      return
    }
    shutdown.begin().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'failed to shut down')
        process.exit(1)
      },
    )
  })

  try {
    const [, , socketDirectory = ''] = process.argv
    const connection = config.databaseUrl ?? (await joinEmbeddedPostgres(config.dataDirectory, socketDirectory))
    const services = await createServices(config, log, { connection, poolSize: config.poolSize })
    const metrics = createMetrics({
      statementCount: services.database.statementCount,
      waitingCount: () => services.database.pool.waitingCount,
    })
    snapshot = metrics.snapshot
    await startServer({ config, log, services, metrics, shutdown, releaseResources: services.close })
    send({ type: 'ready' })
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    // Told once, by the primary, for all workers.
    process.send?.({ type: 'failed', reason: error.message } satisfies WorkerMessage, () => process.exit(1))
  }
}
