import { writeFileSync } from 'node:fs'
import { startCluster, stopEach } from './cluster.mjs'
import { fillCerberus, fillPeer } from './fill.mjs'
import { startGenerator } from './generator.mjs'
import { scenarios } from './load/scenarios.mjs'
import { bytesPerFlow, measure, openMeter } from './measure.mjs'
import { readOptions } from './options.mjs'
import { openProfiler } from './profile.mjs'
import { describeMachine, describeServers, table } from './report.mjs'
import { describeSizes, sizesOf } from './sizes.mjs'
import { startCerberus } from './servers/cerberus.mjs'
import { startFloor } from './servers/floor.mjs'
import { startPeer } from './servers/peer.mjs'

const SERVERS = {
  cerberus: (database, settings) => startCerberus({ ...database, ...settings }),
  'peer-postgres': (database) => startPeer({ name: 'peer-postgres', ...database }),
  floor: startFloor,
  'peer-memory': () => startPeer({ name: 'peer-memory' }),
}

/**
 * Runs the benchmarks of the command line and prints the results. Returns exit status 0 if every response was correct.
 */
export async function bench() {
  const options = readOptions({ scenarios: Object.keys(scenarios), servers: Object.keys(SERVERS) })
  const stops = []
  let stopping
  const stopAll = () => (stopping ??= stopEach(stops))
  process.once('SIGINT', () => void stopAll().finally(() => process.exit(130)))
  try {
    const { cluster, createDatabase } = await startCluster(stops, {
      shared_preload_libraries: 'pg_stat_statements',
      'pg_stat_statements.track': 'top',
    })
    const meter = await openMeter(cluster.maintenance)
    stops.push(meter.close)
    console.log(await describeMachine(meter, options))

    const sides = []
    for (const name of options.servers) {
      const database = name === 'peer-memory' ? undefined : { databaseUrl: (await createDatabase()).connectionString }
      const flags = options.profile === undefined ? [] : ['--inspect=127.0.0.1:0']
      const server = await SERVERS[name](database, {
        flags,
        workers: options.workers,
        fillers: options.fill?.clients ?? 0,
      })
      stops.push(server.stop)
      if (options.fill && database && name !== 'floor') {
        const seconds = await (name === 'cerberus' ? fillCerberus : fillPeer)(database.databaseUrl, options.fill)
        console.log(
          `\n${name}: filled in ${Math.round(seconds)} s\n\n${describeSizes(await sizesOf(database.databaseUrl))}`,
        )
      }
      const generator = await startGenerator(server.target)
      stops.push(generator.stop)
      sides.push({ name, server, generator })
    }
    for (const side of sides) side.bytesPerFlow = await bytesPerFlow(side, meter)
    const results =
      options.profile === undefined ? await compare(sides, meter, options) : await profile(sides, meter, options)
    console.log(`\n${table(results)}\n\n${describeServers(sides, results)}`)
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`)
    const wrong = results.flatMap(({ errors }) => errors)
    if (wrong.length > 0) console.error(`\n${wrong.length} wrong answers, such as: ${wrong[0]}`)
    for (const { name, server } of sides) {
      if (server.output().includes('rror')) console.error(`\n${name} said:\n${server.output().slice(-2000)}`)
    }
    return wrong.length > 0 ? 1 : 0
  } finally {
    await stopAll()
  }
}

/** Runs every scenario on every server. Servers take turns, so that other load on the machine affects all of them. */
async function compare(sides, meter, options) {
  const results = []
  for (let round = 0; round < options.rounds; round += 1) {
    for (const scenario of options.scenarios) {
      for (const concurrency of options.concurrency) {
        if (concurrency > (scenarios[scenario].most ?? Infinity)) continue
        const turn = sides.map((_, index) => sides[(index + round) % sides.length])
        for (const side of turn) {
          if (scenarios[scenario].exists?.(side.server.target) === false) continue
          results.push({ round, ...(await measure(side, meter, { scenario, concurrency, seconds: options.seconds })) })
        }
      }
      if (process.stderr.isTTY) process.stderr.write(`round ${round + 1}: ${scenario}\n`)
    }
  }
  return results
}

/** Runs every scenario once on this server only, with CPU profiling. */
async function profile([side], meter, { profile: folder, scenarios: names, concurrency, seconds }) {
  const profiler = await openProfiler(side.server.output(), folder)
  const results = []
  for (const scenario of names) {
    if (scenarios[scenario].exists?.(side.server.target) === false) continue
    const run = { scenario, concurrency: concurrency[0], seconds }
    results.push({
      round: 0,
      ...(await measure(side, meter, { ...run, around: (work) => profiler.sample(scenario, work) })),
    })
  }
  profiler.close()
  return results
}
