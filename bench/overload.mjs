// `npm run bench:overload`: the throughput of a server at five times its peak, and the time it needs to recover. Step 1
// finds the peak in a closed loop. Step 2 sends requests at five times that rate in an open loop. Step 3 sends half of
// the peak. The server and PostgreSQL have one processor and the generators another, so that the generators take no CPU
// from the server. Linux only, with taskset.
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startAlone, stopEach } from './cluster.mjs'
import { startGenerator } from './generator.mjs'
import { openMeter } from './measure.mjs'
import { openProfiler } from './profile.mjs'
import { cpuBetween, cpuOf, memoryOf } from './processes.mjs'

const ARRIVALS = fileURLToPath(new URL('load/arrivals.mjs', import.meta.url))
/** One of four units of work is a code flow, which is two requests. */
const MIX = ['flow', 'refresh', 'refresh', 'introspect']
const REQUESTS_A_UNIT = 5 / 4
/** Maximum ratio of the p99 to its value before the overload that counts as normal. */
const NORMAL = 1.5

const { values } = parseArgs({
  options: {
    factor: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '256' },
    most: { type: 'string', default: '6000' },
    program: { type: 'string' },
    profile: { type: 'string' },
  },
})
const [factor, seconds, connections, most] = [values.factor, values.seconds, values.connections, values.most].map(
  Number,
)

function pin(pid, processor) {
  execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' })
}

if (availableParallelism() < 2) throw new Error('Two processors are needed: one to be measured, one to measure with.')
// Processes started from here on inherit the affinity: PostgreSQL and the server.
pin(process.pid, 0)
const stops = []
try {
  const { server, connectionString } = await startAlone(stops, values.program, values.profile ? ['--inspect=0'] : [])
  const profiler = values.profile ? await openProfiler(server.output(), values.profile) : undefined
  if (profiler) stops.push(profiler.close)
  const meter = await openMeter(connectionString)
  stops.push(meter.close)
  const generator = await startGenerator(server.target, ARRIVALS, (pid) => pin(pid, 1))
  stops.push(generator.stop)

  async function run(title, order) {
    const before = { server: cpuOf(server.pid), database: meter.postgres() }
    const began = performance.now()
    const work = () => generator.order('run', { mix: MIX, ...order })
    const result = await (profiler ? profiler.sample(title.replaceAll(/\W+/g, '-'), work) : work())
    const ms = performance.now() - began
    const busy = (cpuOf(server.pid) - before.server) / ms
    const database = cpuBetween(before.database, meter.postgres()) / ms
    const sum = (name) => result.seconds.reduce((total, each) => total + each[name], 0)
    const perSecond = sum('good') / order.seconds
    console.log(
      [
        title.padEnd(22),
        ...[perSecond, sum('refused') / order.seconds, sum('lost') / order.seconds].map((each) => each.toFixed(0)),
        sum('wrong'),
        result.whole.p50.toFixed(1),
        result.whole.p99.toFixed(1),
        `${(busy * 100).toFixed(0)} %`,
        `${(database * 100).toFixed(0)} %`,
        `${(result.busy * 100).toFixed(0)} %`,
        memoryOf(server.pid).toFixed(0),
      ].join('\t'),
    )
    if (result.strange.length > 0) console.log(`  ${result.strange.join('\n  ')}`)
    return { ...result, perSecond, perProcessor: perSecond / (busy + database) }
  }

  console.log('requests a second      good\trefused\tlost\twrong\tp50 ms\tp99 ms\tserver\tpg\tload\tMB')
  await run('warming up', { connections, seconds: 4 })
  const peak = await run(`peak, ${connections} connections`, { connections, seconds: 6 })
  const wide = await run('1,000 connections', { connections: 1000, seconds: 5 })
  const half = { rate: (peak.perSecond * 0.5) / REQUESTS_A_UNIT, connections: most }
  const calm = await run('half of the peak', { ...half, seconds: 4 })
  const over = await run(`${factor} × the peak`, {
    rate: (peak.perSecond * factor) / REQUESTS_A_UNIT,
    connections: most,
    seconds,
    // The next step must not wait until the last of these requests has timed out.
    linger: 0,
  })
  const after = await run('half of the peak again', { ...half, seconds: 12 })
  const bound = calm.whole.p99 * NORMAL + 5
  const recovered = after.seconds.findIndex(
    ({ p99, good, refused, lost }) => good > 0 && refused === 0 && lost === 0 && p99 <= bound,
  )
  const again = await run(`peak, ${connections} connections`, { connections, seconds: 6 })
  const base = Math.max(peak.perSecond, again.perSecond)
  console.log(`\nAt ${factor} × the peak ${((over.perSecond / base) * 100).toFixed(0)} % of it was done`)
  // With other load on the machine, only this figure is comparable.
  const perProcessor = over.perProcessor / Math.max(peak.perProcessor, again.perProcessor)
  console.log(`For each second of processor that server and PostgreSQL had, ${(perProcessor * 100).toFixed(0)} %`)
  console.log(`Refused at 1,000 connections that wait: ${wide.seconds.reduce((sum, { refused }) => sum + refused, 0)}`)
  console.log(`Normal again (p99 below ${bound.toFixed(1)} ms, nothing refused) in second ${recovered + 1}`)
  console.log(
    after.seconds
      .slice(0, 8)
      .map(({ p99, refused }) => `${p99.toFixed(0)} ms/${refused}`)
      .join('  '),
  )
  console.log(`Overload, by second: ${over.seconds.map(({ good }) => good).join(' ')}`)
} finally {
  await stopEach(stops)
}
