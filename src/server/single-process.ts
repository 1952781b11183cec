import { printStartupBanner } from './startup/startup-banner.ts'
import type { Config } from '../config/config.ts'
import { bootstrapOrganisation } from './startup/bootstrap-organisation.ts'
import { createGracefulShutdown, shutDownOnSignals } from './graceful-shutdown.ts'
import { startScheduledJobs } from './scheduled-jobs.ts'
import { createMetricsServer } from '../http/metrics/metrics.ts'
import type { Logger } from './logger.ts'
import { listen } from './listen.ts'
import { startServer } from './startup/start-server.ts'
import { createServerMetrics } from './compose-app.ts'
import { createServices, type Postgres } from './create-services.ts'

/** Runs the server as one process, with `WORKERS=1`. Resolves when it listens. */
export async function runSingleProcess(config: Config, log: Logger, postgres: Postgres): Promise<void> {
  const services = await createServices(config, log, { connection: postgres.connection, poolSize: config.poolSize })
  const metrics = createServerMetrics(services.database, services.repositories)
  const metricsServer = config.metricsPort > 0 ? createMetricsServer(metrics.text) : undefined
  if (metricsServer) await listen(metricsServer, { host: config.host, port: config.metricsPort })

  const shutdown = createGracefulShutdown(config.shutdown)
  shutDownOnSignals(config.shutdown, log, { stop: () => shutdown.begin(), onForcedExit: () => {} })
  const scheduledJobs = startScheduledJobs(services, config, log)
  await startServer({
    config,
    log,
    services,
    metrics,
    shutdown,
    async releaseResources() {
      scheduledJobs.stop()
      await metricsServer?.close()
      await services.close()
      await postgres.stop()
    },
  })
  // Last, when all addresses are bound: the password of the owner is shown once, and no failure must come between.
  printStartupBanner(config, await bootstrapOrganisation(services, config))
}
