import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childrenOf, until } from '../support/embedded.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, statusOf } from '../support/server-processes.ts'
import { startServerGroup, type ServerGroup, type RaceClient } from './server-group.ts'
import { RACE_TIMEOUT_MS, RACES, printFigures, repeat } from './race-report.ts'
import { stringMember, send, type HttpResult } from './http-client.ts'
import { ATTEMPTS, countActive, raceCodes, raceRefreshTokens } from './race-scenarios.ts'
import { verifyTokens, NO_LOSSES, runRetryingClients } from './retrying-client.ts'

describe('WORKERS=2: two processes behind one port', () => {
  let bench: ServerGroup
  let client: RaceClient
  let metricsPort: number
  const workers = () => childrenOf(bench.serverAt(0).pid)

  beforeAll(async () => {
    metricsPort = await freePort()
    const environment = { WORKERS: '2', LOG_LEVEL: 'info', METRICS_PORT: String(metricsPort) }
    bench = await startServerGroup({ processes: 1, environment })
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  /** The processes that answered requests for a path, by what they logged. */
  const answering = (path: string) =>
    new Set(
      bench
        .output()
        .split('\n')
        .filter((line) => line.includes('"request completed"') && line.includes(`"path":"${path}"`))
        .map((line) => Number(/"pid":(\d+)/.exec(line)?.[1])),
    )

  async function metric(pattern: RegExp): Promise<number> {
    const { body } = await send(`http://127.0.0.1:${metricsPort}/metrics`)
    const lines = body.split('\n').filter((line) => pattern.test(line))
    return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
  }
  const tokenRequests = () => metric(/^http_request_duration_seconds_count\{.*route="\/oauth2\/token"/)

  it(
    'a code is used once, and both take part',
    async () => {
      const { races, tally } = await raceCodes(bench, client, RACES)
      printFigures(`WORKERS=2, codes × ${ATTEMPTS}`, { ...tally })
      expect(tally).toMatchObject({ races: RACES, doubled: 0, unwon: 0, faults: 0, odd: 0 })
      expect(races.flatMap(({ lost }) => lost)).toHaveLength(RACES * (ATTEMPTS - 1))
      expect(answering('/oauth2/token')).toEqual(new Set(await workers()))
      expect(await tokenRequests()).toBe(RACES * ATTEMPTS)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'a refresh token has one successor',
    async () => {
      const { tokens, races, tally } = await raceRefreshTokens(bench, client, RACES)
      printFigures(`WORKERS=2, refresh tokens × ${ATTEMPTS}`, { ...tally })
      expect(tally).toMatchObject({ races: RACES, unwon: 0, forked: 0, faults: 0, odd: 0 })
      expect(races.flatMap(({ won }) => won)).toHaveLength(RACES * ATTEMPTS)
      expect(await countActive(bench, client, tokens)).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'a client that is deactivated through one is refused by all',
    async () => {
      const doomed = await bench.registerClient()
      const ask = () =>
        Promise.all(repeat(16).map(async () => (await send(bench.at(0, '/oauth2/token'), tokenRequest(doomed))).status))
      // Known to both, so that both have to forget it.
      expect(await ask()).toEqual(repeat(16).map(() => 400))
      expect((await bench.administer(0, 'POST', `/${doomed.id}/revoke`)).status).toBe(200)
      const refused = await eventually(ask, (statuses) => statuses.every((status) => status === 401))
      expect(refused).toHaveLength(16)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'one that is killed is replaced, and takes no acknowledged token with it',
    async () => {
      const [first = 0, second = 0] = await workers()
      const wallets = runRetryingClients(bench, client, 8)
      await wallets.progress(50)
      const counted = await tokenRequests()
      process.kill(first, 'SIGKILL')
      const replaced = async () => (await workers()).filter((pid) => pid !== first && pid !== second)
      await until(async () => (await replaced()).length === 1)
      const [newcomer = 0] = await replaced()
      await until(async () => {
        // What is connected stays where it is: only new connections come to the new one.
        await send(bench.at(0, '/oauth2/token'), tokenRequest(client))
        return answering('/oauth2/token').has(newcomer)
      })
      await wallets.progress(50)
      const ledger = await wallets.stop()
      const found = await verifyTokens(bench, client, ledger)
      const { histories: _holdings, violations, ...figures } = ledger
      printFigures('kill -9 of a worker', { ...figures, wrongs: violations.length, ...found })

      expect(violations).toEqual([])
      expect(found).toMatchObject(NO_LOSSES)
      expect(bench.output()).toMatch(new RegExp(`"worker":${first},.*"worker exited, restarting"`))
      expect(await workers()).toContain(second)
      // What the one that is gone had counted is still in the sum.
      expect(await tokenRequests()).toBeGreaterThan(counted)
      expect(await metric(/^cerberus_workers /)).toBe(2)
      expect(await metric(/^cerberus_worker_departures_total /)).toBe(1)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'keys that are rotated reach all',
    async () => {
      const sets = () =>
        Promise.all(repeat(8).map(async () => (await send(bench.at(0, '/oauth2/jwks.json'), fresh())).body))
      const [before = ''] = await sets()
      // What a rotation changes first is what is published.
      await bench.query(`DELETE FROM signing_keys WHERE kid = (
        SELECT kid FROM signing_keys WHERE alg = 'EdDSA' ORDER BY activates_at DESC LIMIT 1)`)
      const seen = await eventually(
        async () => [...new Set(await sets())],
        (bodies) => bodies.length === 1 && bodies[0] !== before,
      )
      expect(keysOf(seen[0])).toBe(keysOf(before) - 1)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'SIGTERM to the whole process group shuts each of them down once, and no request fails',
    async () => {
      await bench.close()
      bench = await startServerGroup({ processes: 1, environment: { WORKERS: '2', SHUTDOWN_DELAY_SEC: '1' } })
      client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const tokens = (await bench.tokens(client, 16)).map((answer) => stringMember(answer, 'refresh_token'))
      const seen: (number | undefined)[] = [200]
      const answers: HttpResult[] = []
      /** What a load balancer does: asks for readiness, and sends nothing more to who says no. */
      const balance = async () => {
        while (seen.at(-1) !== undefined) {
          const status = await statusOf(bench.at(0, '/health/ready'))
          if (status !== seen.at(-1)) seen.push(status)
          await sleep(10)
        }
      }
      const rotate = async (first: string) => {
        for (let token = first; seen.length === 1;) {
          const answer = await bench.refresh(0, client, token)
          answers.push(answer)
          if (answer.status !== 200) return
          token = stringMember(answer, 'refresh_token')
        }
      }
      const balancing = balance()
      const rotating = Promise.all(tokens.map(rotate))
      while (answers.length < 100) await sleep(10)
      const ended = bench.serverAt(0).ended
      for (const pid of [bench.serverAt(0).pid, ...(await workers())]) process.kill(pid, 'SIGTERM')
      await Promise.all([balancing, rotating])
      const failed = answers.filter(({ status }) => status !== 200)
      printFigures('WORKERS=2, SIGTERM under load', { requests: answers.length, failed: failed.length })

      expect(failed).toEqual([])
      expect(seen).toEqual([200, 503, undefined])
      expect(await ended).toEqual({ code: 0, signal: null })
    },
    RACE_TIMEOUT_MS,
  )
})

function tokenRequest({ authorization }: RaceClient) {
  return { ...fresh({ authorization }), form: { grant_type: 'refresh_token', refresh_token: 'rt_' } }
}

/** Over a connection of its own, so that it comes to either. */
function fresh(headers: Record<string, string> = {}) {
  return { headers: { connection: 'close', ...headers } }
}

function keysOf(body = ''): number {
  return (JSON.parse(body) as { keys: unknown[] }).keys.length
}
