import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded/index.ts'
import { childrenOf, makeDataDirectory, postmasterOf, until } from '../support/embedded.ts'
import { statusOf } from '../support/server-processes.ts'
import { startServerGroup, type ServerGroup, type RaceClient } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, printFigures, stopwatch } from './race-report.ts'
import { verifyTokens, NO_LOSSES, runRetryingClients } from './retrying-client.ts'

const KILLS = readCount('RACE_DATABASE_KILLS', 4)

describe('a PostgreSQL that is killed', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>
  let postgres: EmbeddedPostgres
  let bench: ServerGroup
  let client: RaceClient

  beforeAll(async () => {
    data = await makeDataDirectory()
    postgres = await startEmbeddedPostgres({ dataDirectory: data.path, log: () => undefined })
    const { host, user, password, database } = postgres.connection
    const databaseUrl = `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`
    bench = await startServerGroup({ databaseUrl })
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await bench?.close()
    await postgres?.stop()
    await data?.remove()
  })

  /**
   * Kills every process of PostgreSQL, so that none of them can put anything in order. The postmaster is stopped first: a
   * backend that it forked after its children were listed would survive, and keep the next postmaster from starting.
   */
  async function killPostgres(): Promise<number> {
    const postmaster = await postmasterOf(data.path)
    process.kill(postmaster, 'SIGSTOP')
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
      const wallets = runRetryingClients(bench, client, 8)
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
      const found = await verifyTokens(bench, client, ledger)
      const { histories: _holdings, violations, ...figures } = ledger
      const counts = { kills: KILLS, 'outages (s)': outages.join(' '), ...figures, wrongs: violations.length, ...found }
      printFigures('kill -9 of PostgreSQL', { ...counts, seconds: elapsed() })

      expect(violations).toEqual([])
      expect(found).toMatchObject(NO_LOSSES)
      expect(ledger.rejectedWith503).toBeGreaterThan(0)
      expect(published).toEqual(published.map(() => 200))
      expect(ledger.unanswered).toBe(0)
      expect(bench.servers.map(({ pid }) => pid)).toEqual(pids)
      expect(await ready()).toEqual([200, 200])
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'does not prevent notifications between the servers afterwards',
    async () => {
      const answer = await bench.administer(0, 'POST', `/${client.id}/revoke`)
      expect(answer.status).toBe(200)
      // Authentication fails: each process reads the client again, or was notified.
      for (const side of [0, 1]) await until(async () => (await bench.refresh(side, client, 'rt_')).status === 401)
    },
    RACE_TIMEOUT_MS,
  )
})
