// `server/cluster` runs several processes that serve: the primary starts them, distributes connections, and does what is done
// once. With one process, `single-process.ts` does everything.

import { printStartupBanner } from '../startup/startup-banner.ts'
import type { Config } from '../../config/config.ts'
import { bootstrapOrganisation } from '../startup/bootstrap-organisation.ts'
import { shutDownOnSignals } from '../graceful-shutdown.ts'
import { startScheduledJobs } from '../scheduled-jobs.ts'
import { createMetricsAggregator } from '../../http/metrics/metrics-aggregator.ts'
import { createMetricsServer } from '../../http/metrics/metrics.ts'
import type { Logger } from '../logger.ts'
import { listen } from '../listen.ts'
import { createServices, type Postgres } from '../create-services.ts'
import { createWorkerPool } from './worker-pool.ts'

/** Connections for the scheduled jobs, which no request waits for. */
const POOL_SIZE = 2

/**
 * Runs the jobs that one process does for all, and starts `config.workers` processes that serve (`cluster-worker.ts`).
 * Resolves when all of them listen.
 */
export async function runClusterPrimary(
  config: Config,
  log: Logger,
  { postgres, program }: { postgres: Postgres; program: string },
): Promise<void> {
  const { connection } = postgres
  const services = await createServices(config, log, { connection, poolSize: POOL_SIZE })
  const metrics = createMetricsAggregator()
  const workerPool = createWorkerPool({
    count: config.workers,
    program,
    // Of the embedded PostgreSQL. Each worker reads its password from the data directory.
    socketDirectory: typeof connection === 'string' ? undefined : connection.host,
    log,
    onWorkerExit: metrics.addExited,
  })
  const metricsServer =
    config.metricsPort > 0 ? createMetricsServer(async () => metrics.text(await workerPool.snapshots())) : undefined
  if (metricsServer) await listen(metricsServer, { host: config.host, port: config.metricsPort })

  const scheduledJobs = startScheduledJobs(services, config, log)
  shutDownOnSignals(config.shutdown, log, {
    async stop() {
      await workerPool.drain()
      scheduledJobs.stop()
      await metricsServer?.close()
      await services.close()
      await postgres.stop()
    },
    onForcedExit: workerPool.kill,
  })
  await workerPool.start()
  // Last, when all addresses are bound: the password of the owner is shown once, and no failure must come between.
  printStartupBanner(config, await bootstrapOrganisation(services, config))
}
