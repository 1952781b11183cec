import cluster from 'node:cluster'
import type { Config } from '../../config/config.ts'
import { createGracefulShutdown } from '../graceful-shutdown.ts'
import type { Logger } from '../logger.ts'
import { startServer } from '../startup/start-server.ts'
import { StartupError } from '../startup/startup-error.ts'
import { createServerMetrics } from '../compose-app.ts'
import { createServices } from '../create-services.ts'
import { joinEmbeddedPostgres } from '../../storage/embedded/index.ts'
import type { WorkerMessage, PrimaryMessage } from './worker-pool.ts'

/**
 * Runs one of several processes that serve one port. The primary process controls it by messages; secrets it reads itself.
 * It exits when the primary exits for any reason: node:cluster disconnects it.
 */
export async function runClusterWorker(config: Config, log: Logger): Promise<void> {
  // A terminal and a service manager signal every process of the group. The primary handles the signal for all.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})
  // A message could not be sent: the primary has exited, and has logged why.
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
    const metrics = createServerMetrics(services.database, services.repositories)
    snapshot = metrics.snapshot
    await startServer({ config, log, services, metrics, shutdown, releaseResources: services.close })
    send({ type: 'ready' })
  } catch (error) {
    if (!(error instanceof StartupError)) throw error
    // The primary reports it once for all workers.
    process.send?.({ type: 'failed', reason: error.message } satisfies WorkerMessage, () => process.exit(1))
  }
}
