// The load generator runs in a separate process, so that its CPU is not counted for a server. Its parent sends the
// server to load and receives the results. A wrong response is an error and not counted as a request.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { PEOPLE } from '../servers/people.mjs'
import { openConnection } from './connection.mjs'
import { authorize, signIn } from './flows.mjs'
import { scenarios } from './scenarios.mjs'

const MOST_ERRORS = 20
const MOST_REQUESTS = 2_000_000

let target
let jars
let prepared

const orders = {
  /** Signs the users in, a few at a time. */
  async open(order) {
    target = order.target
    jars = []
    const people = Array.from({ length: PEOPLE }, (_, index) => index)
    await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const connection = openConnection(target.url)
        for (let person = people.shift(); person !== undefined; person = people.shift()) {
          jars[person] = await signIn(connection, target, person)
          // One-time steps of a session, such as consent, are done before the measurement.
          for (const alg of ['ES256', 'RS256']) await authorize(connection, target, jars[person], alg)
        }
        await connection.close()
      }),
    )
  },

  /** Prepares a run and warms up both processes. */
  async prepare({ scenario: name, concurrency, seconds, warm }) {
    const scenario = scenarios[name]
    const workers = Array.from({ length: concurrency }, (_, index) => ({
      index,
      turn: 0,
      connection: openConnection(target.url),
      jar: jars[index % jars.length],
    }))
    const stage = { target, workers, seconds }
    const step = await scenario.prepare(stage)
    const run = { workers, step, errors: [], latencies: [] }
    if (scenario.supply === undefined) await work(run, warm)
    if (run.errors.length > 0) throw new Error(run.errors[0])
    run.latencies = []
    prepared = run
  },

  /** The measured part. */
  async run({ seconds, requests }) {
    const run = prepared
    const lag = monitorEventLoopDelay({ resolution: 5 })
    const cpu = process.cpuUsage()
    lag.enable()
    const elapsed = await work(run, seconds, requests)
    lag.disable()
    const { user, system } = process.cpuUsage(cpu)
    const sorted = Float64Array.from(run.latencies).sort()
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return {
      requests: sorted.length,
      elapsed,
      p50: at(0.5),
      p99: at(0.99),
      errors: run.errors,
      generator: { busy: (user + system) / 1000 / elapsed, lagP99: Math.max(0, lag.percentile(99) / 1e6 - 5) },
    }
  },

  /** Checks the state after the run and discards it. */
  async finish() {
    const { step, workers } = prepared
    if (step.verify) await Promise.all(workers.map((worker) => step.verify(worker)))
    await Promise.all(workers.map(({ connection }) => connection.close()))
    prepared = undefined
  },
}

/** Repeats the step on every connection until the time is over. Returns the milliseconds until the last response. */
async function work({ workers, step, latencies, errors }, seconds, requests = MOST_REQUESTS) {
  const began = performance.now()
  const until = began + seconds * 1000
  let left = requests
  await Promise.all(
    workers.map(async (worker) => {
      while (errors.length < MOST_ERRORS && left > 0) {
        const started = performance.now()
        if (started >= until) return
        left -= 1
        try {
          worker.turn += 1
          if ((await step(worker)) === false) return
          latencies.push(performance.now() - started)
        } catch (error) {
          errors.push(error.message)
          await sleep(10)
        }
      }
    }),
  )
  return performance.now() - began
}

process.on('message', ({ order, ...rest }) => {
  orders[order](rest).then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  )
})
process.on('disconnect', () => process.exit())
