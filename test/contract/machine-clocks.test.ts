import { decodeJwt } from 'jose'
import { Client } from 'pg'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSealer } from '../../src/lib/crypto/sealer.ts'
import { startScheduledJobs } from '../../src/server/scheduled-jobs.ts'
import { StartupError } from '../../src/server/startup/startup-error.ts'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/browser.ts'
import { createTestClock, openMachineClock, type MachineClock } from '../support/clock.ts'
import { createDatabase, createSeededDatabase, type TestDatabase } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { relyingParty, REDIRECT_URI } from '../support/relying-party.ts'
import { makeServerDirectory, spawnServer } from '../support/server-processes.ts'

const DAY = 86_400

/** Goes on in the same browser, which now reaches another process. */
function moveTo(app: TestApp, { cookies, page, url }: Browser): Browser {
  const moved = app.browser()
  for (const [name, value] of cookies) moved.cookies.set(name, value)
  return Object.assign(moved, { page, url })
}

describe('two processes on machines whose clocks differ', () => {
  let database: TestDatabase
  let ahead: TestApp
  let behind: TestApp
  let client: RegisteredTestClient
  beforeAll(async () => {
    database = await createSeededDatabase()
    const { connectionString } = database
    const open = async (aheadSeconds: number) =>
      createTestApp({ connectionString, clock: await openMachineClock(connectionString, { aheadSeconds }) })
    ahead = await open(50)
    behind = await open(-50)
    client = await ahead.registerClient({ refreshTokenReuseWindow: 10, authorizationCodeLifetime: 60 })
  })
  afterAll(async () => {
    await ahead.close()
    await behind.close()
    await database.drop()
  })

  it('date tokens alike, and agree on when a code expires', async () => {
    const dates = []
    for (const [issuer, redeemer] of [
      [ahead, behind],
      [behind, ahead],
    ] as const) {
      const party = relyingParty(issuer, client)
      const answer = await relyingParty(redeemer, client).post('/oauth2/token', {
        grant_type: 'authorization_code',
        code: await party.code(),
        redirect_uri: REDIRECT_URI,
        code_verifier: party.verifier,
        client_id: client.clientId,
      })
      expect(answer.statusCode).toBe(200)
      dates.push(decodeJwt(answer.json<{ id_token: string }>().id_token).iat ?? 0)
    }
    expect(Math.abs((dates[0] ?? 0) - (dates[1] ?? 0))).toBeLessThan(40)
  })

  it.each(['ahead', 'behind'])(
    'accept a repeated refresh within the grace period, first at the machine %s',
    async (at) => {
      const [first, second] = at === 'ahead' ? [ahead, behind] : [behind, ahead]
      const { refresh_token: token } = await relyingParty(first, client).tokens()
      const rotated = await relyingParty(first, client).refresh(token)
      const repeated = await relyingParty(second, client).refresh(token)
      expect([rotated.statusCode, repeated.statusCode]).toEqual([200, 200])
      expect(repeated.json()).toMatchObject({ refresh_token: rotated.json<{ refresh_token: string }>().refresh_token })
    },
  )
})

describe('the order of events', () => {
  let database: TestDatabase
  let ahead: TestApp
  let behind: TestApp
  beforeAll(async () => {
    database = await createSeededDatabase()
    const { connectionString } = database
    const now = Date.now()
    behind = await createTestApp({ connectionString, clock: createTestClock(new Date(now)) })
    ahead = await createTestApp({ connectionString, clock: createTestClock(new Date(now + 20_000)) })
  })
  afterAll(async () => {
    await ahead.close()
    await behind.close()
    await database.drop()
  })

  it.each([{ prompt: 'login' }, { max_age: '0' }, { prompt: 'login consent' }])(
    'of a request with %j and the sign-in for it does not depend on clocks',
    async (parameters) => {
      const party = relyingParty(ahead, await ahead.registerClient())
      const stored = await ahead.browser().get(party.authorizeUrl(parameters))
      const signedIn = await moveTo(behind, stored).submit(OWNER, 'sign-in')
      if (signedIn.page.statusCode === 200) await signedIn.submit({}, 'allow')
      expect(signedIn.answer().get('code')).toBeTruthy()
    },
  )

  it('of a sign-in before the request is known even if its clock was ahead', async () => {
    const party = relyingParty(ahead, await ahead.registerClient())
    const signedIn = await ahead.browser().get(party.authorizeUrl())
    await signedIn.submit(OWNER, 'sign-in')
    const asked = await moveTo(behind, signedIn).get(party.authorizeUrl({ prompt: 'select_account', max_age: '0' }))
    await asked.submit({}, 'continue')
    expect([asked.page.statusCode, asked.url]).toEqual([200, expect.stringContaining('/auth/login')])
  })

  it('of a consent and its revocation is that of their statements', async () => {
    const client = await ahead.registerClient({ requireConsent: true, clientType: 'confidential' })
    const party = relyingParty(ahead, client)
    const { refresh_token: token } = await party.tokens()
    const headers = { cookie: await behind.signIn(), 'x-org-domain': 'acme' }
    const url = `/v1/admin/clients/${client.id}/consents`
    const answer = await behind.app.inject({ method: 'DELETE', url, headers })
    expect(answer.statusCode).toBeLessThan(300)
    expect((await party.refresh(token)).statusCode).toBe(400)
  })
})

describe('a process whose clock is wrong', () => {
  let database: TestDatabase
  let clock: MachineClock
  let test: TestApp
  const logged: unknown[] = []
  beforeAll(async () => {
    database = await createSeededDatabase()
    const { connectionString } = database
    const log = { error: (...line: unknown[]) => void logged.push(line), info: () => {} }
    clock = await openMachineClock(connectionString, { log })
    test = await createTestApp({ connectionString, clock })
  })
  afterEach(() => void vi.useRealTimers())
  afterAll(async () => {
    await test.close()
    await database.drop()
  })

  it.each([
    [61, '61 seconds ahead of'],
    [-61, '61 seconds behind'],
    [30 * DAY, '2592000 seconds ahead of'],
  ])('does not start %i seconds away', async (aheadSeconds, text) => {
    const start = openMachineClock(database.connectionString, { aheadSeconds })
    await expect(start).rejects.toThrow(text)
    await expect(start).rejects.toBeInstanceOf(StartupError)
  })

  it('deletes nothing and is not ready when that happens later, and serves by the right time', async () => {
    const { prisma } = test.database
    await test.signIn()
    await prisma.session.updateMany({ data: { expiresAt: new Date(Date.now() + DAY * 1000) } })
    const ready = () => test.app.inject('/health/ready')
    expect((await ready()).statusCode).toBe(200)

    clock.advance(30 * DAY)
    const answer = await eventually(ready, ({ statusCode }) => statusCode === 503)
    expect(answer.json()).toEqual({ status: 'unavailable', reason: 'clock_skew' })
    expect(logged).toEqual([[expect.objectContaining({ skewSeconds: 30 * DAY }), expect.stringContaining('differ')]])
    const failures = await runJobs()
    expect(failures).toEqual([
      'failed to maintain the audit log',
      'failed to delete expired rows',
      'failed to chain audit events',
    ])
    expect(await prisma.session.count()).toBe(1)
    expect(await prisma.signingKey.count()).toBeGreaterThan(0)
    const { access_token } = await relyingParty(test, await test.registerClient()).tokens()
    expect(Math.abs((decodeJwt(access_token).iat ?? 0) * 1000 - Date.now())).toBeLessThan(DAY * 1000)

    clock.advance(-30 * DAY)
    await eventually(ready, ({ statusCode }) => statusCode === 200)
    await prisma.session.updateMany({ data: { expiresAt: new Date(0) } })
    await prisma.grant.deleteMany()
    expect(await runJobs()).toEqual([])
    expect(await prisma.session.count()).toBe(0)
  })

  /** Lets a minute pass for the jobs, and returns what they logged. */
  async function runJobs(): Promise<string[]> {
    const failures: string[] = []
    const swept: Promise<void>[] = []
    const { signer, repositories } = test
    const sweep = (...given: Parameters<typeof repositories.sweep>) => {
      const run = repositories.sweep(...given)
      swept.push(run)
      return run
    }
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const jobs = startScheduledJobs(
      { clock, signer, sealer: createSealer([Buffer.alloc(32)]), repositories: { ...repositories, sweep } },
      { auditRetentionDays: 1, issuer: 'https://auth.example.com', mail: undefined },
      pino(
        { level: 'error' },
        { write: (line: string) => void failures.push((JSON.parse(line) as { msg: string }).msg) },
      ),
    )
    vi.advanceTimersByTime(60_000)
    jobs.stop()
    vi.useRealTimers()
    await Promise.all(swept)
    return failures
  }
})

describe('a server on a machine that is 30 days ahead', () => {
  it.each(['1', '2'])('ends with one sentence and has stored nothing, with WORKERS=%s', async (workers) => {
    const database = await createDatabase()
    const directory = await makeServerDirectory()
    const shift = `const now=Date.now;Date.now=()=>now()+${30 * DAY * 1000}`
    const server = await spawnServer({
      databaseUrl: database.connectionString,
      dataDirectory: directory.path,
      environment: {
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}`,
        WORKERS: workers,
      },
    })
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.output().trim().split('\n')).toEqual([
      'The clock of this machine is 2592000 seconds ahead of the clock of the database. At most 60 are allowed. ' +
        'Synchronise both clocks, for example with NTP, and start again.',
    ])
    const client = new Client(database.connectionString)
    await client.connect()
    const { rows } = await client.query('SELECT FROM organisations UNION ALL SELECT FROM signing_keys')
    expect(rows).toEqual([])
    await client.end()
    await directory.remove()
    await database.drop()
  })
})
