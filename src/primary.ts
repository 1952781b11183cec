import { createPasswords } from './accounts/passwords.ts'
import { announce } from './announce.ts'
import type { Config } from './config/config.ts'
import { ensureFirstOrganisation } from './directory/first-organisation.ts'
import { stopOnSignals } from './drain.ts'
import { keepHouse } from './housekeeping.ts'
import { createMetricsSum } from './http/metrics-sum.ts'
import { exposeMetrics } from './http/metrics.ts'
import type { Logger } from './logger.ts'
import { listen } from './serve.ts'
import { openServices, type Postgres } from './services.ts'
import { createWorkers } from './workers.ts'

/** For sweeping and for keys: nobody waits for these. */
const POOL_SIZE = 2

/**
 * The process that does what must be done once, and has `config.workers` others serve: `src/worker.ts` is what these do.
 * Resolves when all of them listen.
 */
export async function leadWorkers(
  config: Config,
  log: Logger,
  { postgres, program }: { postgres: Postgres; program: string },
): Promise<void> {
  const { connection } = postgres
  const services = await openServices(config, log, { connection, poolSize: POOL_SIZE })
  const made = await ensureFirstOrganisation({
    repository: services.repositories.directorySeed,
    clock: services.clock,
    hashPassword: createPasswords(1).hash,
    settings: config.firstOrganisation,
  })
  const metrics = createMetricsSum()
  const workers = createWorkers({
    count: config.workers,
    program,
    // Of our own PostgreSQL. Its password every worker reads where it lies.
    socketDirectory: typeof connection === 'string' ? undefined : connection.host,
    log,
    onDeparture: metrics.depart,
  })
  const exposition =
    config.metricsPort > 0 ? exposeMetrics(async () => metrics.text(await workers.snapshots())) : undefined
  if (exposition) await listen(exposition, { host: config.host, port: config.metricsPort })

  const house = keepHouse(services, config, log)
  stopOnSignals(config.shutdown, log, {
    async stop() {
      await workers.drain()
      house.stop()
      await exposition?.close()
      await services.close()
      await postgres.stop()
    },
    cutOff: workers.kill,
  })
  await workers.start()
  announce(config, made)
}
