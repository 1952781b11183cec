// `npm run bench:wave`: the effect of 500 waiting sign-ins on token requests. Tokens are requested at a fixed rate,
// well below the server's peak, alternately with and without the sign-ins. Response times are measured from the
// scheduled time of each request. Linux only.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startAlone, stopEach } from './cluster.mjs'
import { startGenerator } from './generator.mjs'
import { cpuOf, memoryOf, parentOf } from './processes.mjs'

const ARRIVALS = fileURLToPath(new URL('load/arrivals.mjs', import.meta.url))
/** Seconds after which all sign-ins are waiting. */
const SETTLE_MS = 2_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '8' },
    rate: { type: 'string', default: '300' },
    crowd: { type: 'string', default: '500' },
    program: { type: 'string' },
  },
})
const [rounds, seconds, rate, crowdSize] = [values.rounds, values.seconds, values.rate, values.crowd].map(Number)

const stops = []
try {
  const { server } = await startAlone(stops, values.program)
  const tokens = await startGenerator(server.target, ARRIVALS)
  stops.push(tokens.stop)
  const crowd = await startGenerator(server.target, ARRIVALS)
  stops.push(crowd.stop)
  const run = { mix: ['machine', 'refresh'], rate, connections: 64 }
  await tokens.order('run', { ...run, seconds: 3 })

  const quiet = []
  const crowded = []
  console.log(`${rate} token requests a second, ${crowdSize} waiting to sign in, ${rounds} rounds of ${seconds} s\n`)
  console.log('round  crowd    p50 ms   p99 ms   wrong   sign-ins/s   server CPU   memory MB')
  for (let round = 0; round < rounds; round += 1) {
    for (const waiting of round % 2 === 0 ? [false, true] : [true, false]) {
      if (waiting) {
        await crowd.order('crowd', { connections: crowdSize })
        await sleep(SETTLE_MS)
      }
      const cpu = cpuOf(server.pid)
      const { whole, seconds: each } = await tokens.order('run', { ...run, seconds })
      const busy = (cpuOf(server.pid) - cpu) / seconds / 1000
      const memory = memoryOf(server.pid) + hashers(server.pid).reduce((sum, pid) => sum + memoryOf(pid), 0)
      const { done } = waiting ? await crowd.order('quiet') : { done: 0 }
      const wrong = each.reduce((sum, { refused, lost, wrong: odd }) => sum + refused + lost + odd, 0)
      const signIns = done / (seconds + SETTLE_MS / 1000)
      ;(waiting ? crowded : quiet).push(whole)
      const columns = [whole.p50.toFixed(2), whole.p99.toFixed(2), wrong, signIns.toFixed(1), busy.toFixed(2)]
      console.log([String(round + 1).padEnd(6), waiting ? 'yes' : 'no ', ...columns, memory.toFixed(0)].join('\t'))
      await sleep(waiting ? 3_000 : 500)
    }
  }
  for (const name of ['p50', 'p99']) {
    const [without, beside] = [quiet, crowded].map((runs) => median(runs.map((each) => each[name])))
    const change = ((beside / without - 1) * 100).toFixed(1)
    console.log(`${name}: ${without.toFixed(2)} ms without, ${beside.toFixed(2)} ms with the crowd: ${change} %`)
  }
} finally {
  await stopEach(stops)
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

/** The child processes of the server. */
function hashers(server) {
  return readdirSync('/proc').filter((entry) => {
    try {
      return /^\d+$/.test(entry) && parentOf(entry) === server && readFileSync(`/proc/${entry}/cmdline`).length > 0
    } catch {
      return false
    }
  })
}
