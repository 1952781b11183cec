import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCluster, stopEach } from '../cluster.mjs'
import { openMeter } from '../measure.mjs'
import { cpuBelow, cpuBetween, cpuOf, parentOf } from '../processes.mjs'
import { createActs } from './acts.mjs'
import { createFastClock } from './clock.mjs'
import { openSampler } from './samples.mjs'
import { setStage } from './stage.mjs'
import { drive, openTraffic } from './traffic.mjs'
import { judge } from './verdict.mjs'

const DAYS = 30
const SAMPLES = 60

/** Simulates thirty days in `minutes`. Returns exit status 0 if nothing grew and every response was correct. */
export async function soak({ minutes, rate, json }) {
  const speed = (DAYS * 1440) / minutes
  const stops = []
  let stopping
  const stopAll = () => (stopping ??= stopEach(stops))
  process.once('SIGINT', () => void stopAll().finally(() => process.exit(130)))
  try {
    const { cluster, createDatabase } = await startCluster(stops, {
      shared_preload_libraries: 'pg_stat_statements',
      // Dead rows accumulate as many times faster as the clock runs, so autovacuum runs more often.
      autovacuum_naptime: '1s',
      autovacuum_vacuum_cost_delay: '0',
    })
    const meter = await openMeter(cluster.maintenance)
    stops.push(meter.close)
    const postmaster = parentOf(await meter.backend())
    const { connectionString: databaseUrl } = await createDatabase()
    const began = Date.now()
    const clock = createFastClock({ began, speed })
    const stage = await setStage({ databaseUrl, began, speed })
    const { server } = stage
    stops.push(server.stop)
    const sampler = await openSampler(databaseUrl, { meter, server, postmaster })
    stops.push(sampler.close)
    const traffic = openTraffic(stage.machine.url)
    stops.push(traffic.close)

    console.log(`Thirty days in ${minutes} minutes: the clock runs ${speed} times as fast. ${SAMPLES} looks.`)
    const now = () => clock.now().getTime() / 1000
    const driven = drive(createActs(stage, { connection: traffic.connection, now }), { now, rate })
    const first = { day: now(), at: Date.now(), server: cpuOf(server.pid), postgres: cpuBelow(postmaster) }
    const samples = []
    for (let number = 1; number <= SAMPLES; number += 1) {
      await sleep(first.at + (number * minutes * 60_000) / SAMPLES - Date.now())
      samples.push({ day: (now() - first.day) / 86_400, ...(await sampler.take(traffic.latencies)) })
      if (json !== undefined) writeFileSync(json, `${JSON.stringify(samples)}\n`)
      if (process.stderr.isTTY) process.stderr.write(`day ${samples.at(-1).day.toFixed(1)}\n`)
      if (driven.wrong.length > MOST_WRONG) break
    }
    await driven.stop()
    const elapsed = Date.now() - first.at
    const serverCpu = (cpuOf(server.pid) - first.server) / elapsed
    const postgresCpu = cpuBetween(first.postgres, cpuBelow(postmaster)) / elapsed
    const { flat, text } = judge(samples)
    const { counts, wrong } = driven
    const requests = samples.reduce((sum, sample) => sum + sample.requests, 0)
    console.log(
      `\n${text}\n\n${requests.toLocaleString('en')} requests, ${counts.done.toLocaleString('en')} acts; ${wrong.length} wrong answers, ` +
        `${counts.late} too late for a code, ${counts.skipped} left out. ` +
        `Server ${(serverCpu * 100).toFixed(0)} %, PostgreSQL ${(postgresCpu * 100).toFixed(0)} % of a core.`,
    )
    for (const message of new Set(wrong.slice(0, 5))) console.error(`wrong: ${message}`)
    if (server.output() !== '') console.error(`The server said:\n${server.output().slice(-2000)}`)
    console.log(flat && wrong.length === 0 ? 'Flat.' : 'NOT flat, or wrong answers.')
    return flat && wrong.length === 0 ? 0 : 1
  } finally {
    await stopAll()
  }
}

const MOST_WRONG = 100
