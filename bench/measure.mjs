import { cpuBelow, cpuBetween, memoryBelow, parentOf } from './processes.mjs'
import { analyze, openObserver } from './statements.mjs'

/** Long enough for the JIT compiler to optimise the code of the scenario. */
const WARM_SECONDS = 0.7
const FLOWS = 1500

/** Reads the counters of PostgreSQL: the CPU of all its processes, and the statements of one database. */
export async function openMeter(maintenance) {
  const observer = await openObserver(maintenance)
  const postmaster = parentOf(await observer.backend())
  return { ...observer, postgres: () => cpuBelow(postmaster) }
}

function databaseOf({ server }) {
  return server.databaseUrl === undefined ? undefined : new URL(server.databaseUrl).pathname.slice(1)
}

/** Measures one scenario on one server with one number of connections. Returns its costs per request. */
export async function measure(side, meter, { scenario, concurrency, seconds, around = (work) => work() }) {
  const { server, generator } = side
  const database = databaseOf(side)
  await generator.order('prepare', { scenario, concurrency, seconds, warm: WARM_SECONDS })
  const statements = database && (await meter.statements(database))
  const postgres = meter.postgres()
  const cpu = cpuBelow(server.pid)
  const run = await around(() => generator.order('run', { seconds }))
  const serverMs = cpuBetween(cpu, cpuBelow(server.pid))
  const postgresMs = database === undefined ? 0 : cpuBetween(postgres, meter.postgres())
  const sent = database === undefined ? 0 : (await meter.statements(database)) - statements
  await generator.order('finish')
  const each = (total) => total / Math.max(1, run.requests)
  return {
    scenario,
    concurrency,
    server: side.name,
    requests: run.requests,
    perSecond: (run.requests / run.elapsed) * 1000,
    p50: run.p50,
    p99: run.p99,
    serverMs: each(serverMs),
    postgresMs: each(postgresMs),
    statements: each(sent),
    memory: memoryBelow(server.pid),
    generatorBusy: run.generator.busy,
    generatorLagP99: run.generator.lagP99,
    errors: run.errors,
  }
}

/** Growth of the database in bytes per code flow, before any space is reused. */
export async function bytesPerFlow(side, meter) {
  const { server } = side
  const database = databaseOf(side)
  const batch = { scenario: 'code-flow-es256', concurrency: 32, seconds: 60 }
  await side.generator.order('prepare', { ...batch, warm: WARM_SECONDS })
  const before = database && (await meter.bytes(database))
  const { requests } = await side.generator.order('run', { ...batch, requests: FLOWS })
  await side.generator.order('finish')
  if (database === undefined) return undefined
  const grown = (await meter.bytes(database)) - before
  // Autovacuum would analyse within a minute or so: no figure may depend on whether it has.
  await analyze(server.databaseUrl)
  return grown / requests
}
