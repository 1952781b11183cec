import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded/index.ts'
import { childrenOf, makeDataDirectory, postmasterOf, until } from '../support/embedded.ts'
import { statusOf } from '../support/processes.ts'
import { openBench, type Bench, type BenchClient } from './bench.ts'
import { amount, PATIENCE, report, stopwatch } from './figures.ts'
import { audit, NOTHING_LOST, workWallets } from './wallet.ts'

const KILLS = amount('RACE_DATABASE_KILLS', 4)

describe('a PostgreSQL that is killed', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>
  let postgres: EmbeddedPostgres
  let bench: Bench
  let client: BenchClient

  beforeAll(async () => {
    data = await makeDataDirectory()
    postgres = await startEmbeddedPostgres({ dataDirectory: data.path, log: () => undefined })
    const { host, user, password, database } = postgres.connection
    const databaseUrl = `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`
    bench = await openBench({ databaseUrl })
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, PATIENCE)
  afterAll(async () => {
    await bench?.close()
    await postgres?.stop()
    await data?.remove()
  })

  /** Every process at once, so that none of them can put anything in order. */
  async function killPostgres(): Promise<number> {
    const postmaster = await postmasterOf(data.path)
    for (const pid of [postmaster, ...(await childrenOf(postmaster))]) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // A backend that ended in the meantime.
      }
    }
    return postmaster
  }

  const ready = () => Promise.all(bench.servers.map(({ url }) => statusOf(`${url}/health/ready`)))

  it(
    'takes no acknowledged token with it; the servers say 503 meanwhile, and recover by themselves',
    async () => {
      const elapsed = stopwatch()
      const pids = bench.servers.map(({ pid }) => pid)
      const wallets = workWallets(bench, client, 8)
      const outages: number[] = []
      const published: (number | undefined)[] = []
      for (let kill = 0; kill < KILLS; kill += 1) {
        await wallets.progress(50)
        await sleep(Math.random() * 300)
        const outage = stopwatch()
        const before = await killPostgres()
        published.push(await statusOf(bench.at(0, '/oauth2/jwks.json')))
        published.push(await statusOf(bench.at(1, '/.well-known/openid-configuration')))
        await until(async () => (await postmasterOf(data.path).catch(() => before)) !== before)
        await until(async () => (await ready()).every((status) => status === 200))
        outages.push(outage())
      }
      await wallets.progress(50)
      const ledger = await wallets.stop()
      const found = await audit(bench, client, ledger)
      const { holdings: _holdings, wrongs, ...figures } = ledger
      const counts = { kills: KILLS, 'outages (s)': outages.join(' '), ...figures, wrongs: wrongs.length, ...found }
      report('kill -9 of PostgreSQL', { ...counts, seconds: elapsed() })

      expect(wrongs).toEqual([])
      expect(found).toMatchObject(NOTHING_LOST)
      expect(ledger.putOff).toBeGreaterThan(0)
      expect(published).toEqual(published.map(() => 200))
      expect(ledger.unanswered).toBe(0)
      expect(bench.servers.map(({ pid }) => pid)).toEqual(pids)
      expect(await ready()).toEqual([200, 200])
    },
    PATIENCE,
  )

  it(
    'still lets the servers hear of one another afterwards',
    async () => {
      const answer = await bench.administer(0, 'POST', `/${client.id}/revoke`)
      expect(answer.status).toBe(200)
      // Authenticated no more: each process reads the client anew, or has heard of it.
      for (const side of [0, 1]) await until(async () => (await bench.refresh(side, client, 'rt_')).status === 401)
    },
    PATIENCE,
  )
})
