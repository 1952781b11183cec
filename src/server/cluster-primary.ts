import { createPasswords } from '../authentication/factors/password/passwords.ts'
import { printStartupBanner } from './startup-banner.ts'
import type { Config } from '../config/config.ts'
import { bootstrapFirstOrganisation } from '../organisations/bootstrap.ts'
import { shutDownOnSignals } from './graceful-shutdown.ts'
import { startScheduledJobs } from './scheduled-jobs.ts'
import { createMetricsAggregator } from '../http/metrics/metrics-aggregator.ts'
import { createMetricsServer } from '../http/metrics/metrics.ts'
import type { Logger } from './logger.ts'
import { listen } from './listen.ts'
import { createServices, type Postgres } from './create-services.ts'
import { createWorkerPool } from './worker-pool.ts'

/** For sweeping and for keys: nobody waits for these. */
const POOL_SIZE = 2

/**
 * The process that does what must be done once, and has `config.workers` others serve: `src/server/cluster-worker.ts` is what these do.
 * Resolves when all of them listen.
 */
export async function runClusterPrimary(
  config: Config,
  log: Logger,
  { postgres, program }: { postgres: Postgres; program: string },
): Promise<void> {
  const { connection } = postgres
  const services = await createServices(config, log, { connection, poolSize: POOL_SIZE })
  const bootstrapped = await bootstrapFirstOrganisation({
    repository: services.repositories.bootstrap,
    clock: services.clock,
    hashPassword: createPasswords(1).hash,
    settings: config.bootstrap,
  })
  const metrics = createMetricsAggregator()
  const workerPool = createWorkerPool({
    count: config.workers,
    program,
    // Of our own PostgreSQL. Its password every worker reads where it lies.
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
  printStartupBanner(config, bootstrapped)
}
