// The server as src/server/single-process.ts composes it, with three changes: its clock runs fast, its scheduled jobs run
// more often by the same factor, and it reports its memory to its parent. The code in dist/ is unchanged.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { completeSettings } from '../../dist/clients/settings/schema.js'
import { createPasswords } from '../../dist/authentication/factors/password/passwords.js'
import { readConfig } from '../../dist/config/config.js'
import { bootstrapFirstOrganisation } from '../../dist/organisations/bootstrap.js'
import { createGracefulShutdown, shutDownOnSignals } from '../../dist/server/graceful-shutdown.js'
import { createMetrics } from '../../dist/http/metrics/metrics.js'
import { createSigner } from '../../dist/keys/signer.js'
import { createSealer } from '../../dist/lib/crypto/sealer.js'
import { createLogger } from '../../dist/server/logger.js'
import { startServer } from '../../dist/server/startup/start-server.js'
import { connectDatabase } from '../../dist/storage/db/database.js'
import { createRepositories } from '../../dist/storage/repositories.js'
import { createFastClock } from './clock.mjs'

const speed = Number(process.env.SOAK_SPEED)
const clock = createFastClock({ began: Number(process.env.SOAK_BEGAN), speed })
// As src/server/scheduled-jobs.ts and src/server/create-services.ts have them.
const SWEEP_MS = 60_000
const KEY_MAINTENANCE_MS = 600_000
const LONGEST_TOKEN_LIFETIME = 86_400 + 3_600
/** A shorter interval would leave no time between two runs of a job. */
const LEAST_MS = 20

const config = readConfig()
const log = createLogger(config.log)
const database = connectDatabase({
  connection: config.databaseUrl,
  poolSize: config.poolSize,
  onError: (error) => log.warn({ err: error }, 'database connection lost'),
})
const repositories = await createRepositories(database, completeSettings)
const sealer = createSealer(config.masterKeys)
const signer = await createSigner({
  repository: repositories.signingKeys,
  sealer,
  clock,
  schedule: { rotateDays: config.jwksRotateDays, maxTokenLifetimeSeconds: LONGEST_TOKEN_LIFETIME },
})
repositories.onKeysChanged(() => void signer.reload())
const services = { clock, database, repositories, sealer, signer, close: () => Promise.resolve() }
const passwords = createPasswords(1)
await bootstrapFirstOrganisation({
  repository: repositories.bootstrap,
  clock,
  hashPassword: passwords.hash,
  settings: config.bootstrap,
})

const ending = new AbortController()
async function repeat(everyMs, work) {
  while (!ending.signal.aborted) {
    await work().catch((error) => log.error({ err: error }, 'a chore failed'))
    await sleep(Math.max(LEAST_MS, everyMs / speed))
  }
}
const chores = [
  repeat(SWEEP_MS, () => repositories.sweep(clock.now(), config.auditRetentionDays)),
  repeat(KEY_MAINTENANCE_MS, () => signer.maintain()),
]

const shutdown = createGracefulShutdown(config.shutdown)
shutDownOnSignals(config.shutdown, log, { stop: () => shutdown.begin(), onForcedExit: () => {} })
await startServer({
  config,
  log,
  services,
  metrics: createMetrics({ statementCount: database.statementCount, waitingCount: database.waitingCount }),
  shutdown,
  async releaseResources() {
    ending.abort()
    await Promise.all(chores)
    await repositories.close()
    await database.close()
    process.disconnect?.()
  },
})

const lag = monitorEventLoopDelay({ resolution: 5 })
lag.enable()
process.on('message', () => {
  // Live objects only, without garbage.
  globalThis.gc()
  const { rss, heapUsed, external } = process.memoryUsage()
  process.send({ rss, heap: heapUsed, external, lagP99: Math.max(0, lag.percentile(99) / 1e6 - 5) })
  lag.reset()
})
