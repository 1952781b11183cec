import { createPasswords } from './accounts/passwords.ts'
import { announce } from './announce.ts'
import type { Config } from './config/config.ts'
import { ensureFirstOrganisation } from './directory/first-organisation.ts'
import { createDrain, stopOnSignals } from './drain.ts'
import { keepHouse } from './housekeeping.ts'
import { createMetrics, exposeMetrics } from './http/metrics.ts'
import type { Logger } from './logger.ts'
import { listen, serve } from './serve.ts'
import { openServices, type Postgres } from './services.ts'

/** The server as one process that does everything: `WORKERS=1`. Resolves when it listens. */
export async function serveAlone(config: Config, log: Logger, postgres: Postgres): Promise<void> {
  const services = await openServices(config, log, { connection: postgres.connection, poolSize: config.poolSize })
  const made = await ensureFirstOrganisation({
    repository: services.repositories.directorySeed,
    clock: services.clock,
    hashPassword: createPasswords(1).hash,
    settings: config.firstOrganisation,
  })
  const metrics = createMetrics({
    statements: services.database.statementCount,
    waiting: () => services.database.pool.waitingCount,
  })
  const exposition = config.metricsPort > 0 ? exposeMetrics(metrics.text) : undefined
  if (exposition) await listen(exposition, { host: config.host, port: config.metricsPort })

  const drain = createDrain(config.shutdown)
  stopOnSignals(config.shutdown, log, { stop: () => drain.begin(), cutOff: () => {} })
  const house = keepHouse(services, config, log)
  await serve({
    config,
    log,
    services,
    metrics,
    drain,
    async release() {
      house.stop()
      await exposition?.close()
      await services.close()
      await postgres.stop()
    },
  })
  announce(config, made)
}
