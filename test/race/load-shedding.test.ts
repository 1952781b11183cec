import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/server-processes.ts'
import { startServerGroup, type ServerGroup, type RaceClient } from './server-group.ts'
import { RACE_TIMEOUT_MS, repeat } from './race-report.ts'
import { stringMember, send } from './http-client.ts'

/** More than are let in at once. */
const PILE = 1_200
const PAGES = ['/oauth2/authorize?client_id=x', '/oauth2/logout', '/auth/account', '/device', '/docs']

describe('more than can be done', () => {
  let bench: ServerGroup
  let client: RaceClient
  let metricsPort: number
  let held: Awaited<ReturnType<ServerGroup['holdUp']>> | undefined
  beforeAll(async () => {
    metricsPort = await freePort()
    bench = await startServerGroup({
      processes: 1,
      environment: { METRICS_PORT: String(metricsPort), DB_STATEMENT_TIMEOUT_MS: '60000' },
    })
    client = await bench.registerClient()
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await held?.release()
    await bench?.close()
  })

  const shed = async () => {
    const { body } = await send(`http://127.0.0.1:${metricsPort}/metrics`)
    return Number(/^cerberus_requests_shed_total (\d+)$/m.exec(body)?.[1])
  }

  it(
    'is turned away at once, in the dialect of each endpoint; what was let in is done, and then everybody is welcome',
    async () => {
      const [tokens] = await bench.tokens(client, 1)
      if (!tokens) throw new Error('There are no tokens.')
      const token = stringMember(tokens, 'access_token')
      const introspect = () =>
        send(bench.at(0, '/oauth2/introspect'), { form: { token }, headers: { authorization: client.authorization } })
      expect(await shed()).toBe(0)

      held = await bench.holdUp('grants')
      let refused = 0
      const pile = repeat(PILE).map(async () => {
        const answer = await introspect()
        if (answer.status === 503) refused += 1
        return answer
      })
      // Nothing is done, so only these can have been answered.
      await eventually(
        () => refused,
        (count) => count > 0,
      )

      const oauth = await introspect()
      expect(oauth.status).toBe(503)
      expect(JSON.parse(oauth.body)).toMatchObject({ error: 'temporarily_unavailable' })
      expect(oauth.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })

      const problem = await send(bench.at(0, '/v1/me/profile'), { headers: { 'x-request-id': 'a-request-of-ours' } })
      expect(problem.status).toBe(503)
      expect(JSON.parse(problem.body)).toMatchObject({
        title: 'Unavailable',
        instance: problem.headers['x-request-id'],
      })
      expect(problem.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'x-request-id': expect.stringMatching(/^a-request-of-ours_[\w-]{16}$/),
        'x-content-type-options': 'nosniff',
      })

      const pages = await Promise.all(
        PAGES.map((path) => send(bench.at(0, path), { headers: { 'accept-language': 'de-AT' } })),
      )
      for (const page of pages) {
        expect(page.status).toBe(503)
        expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8' })
        expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/)
        expect(page.body).toContain('<html lang="de"')
        expect(page.body).toContain(page.headers['x-request-id'])
      }

      for (const { headers } of [oauth, problem, ...pages]) expect(headers['retry-after']).toMatch(/^[1-5]$/)
      for (const path of ['/health', '/health/live', '/health/ready']) {
        expect((await send(bench.at(0, path))).status).toBe(200)
      }

      await held.release()
      const answers = await Promise.all(pile)
      const done = answers.filter(({ status }) => status === 200)
      expect(done.length).toBe(PILE - refused)
      expect(done.length).toBeGreaterThanOrEqual(256)
      expect(new Set(done.map(({ body }) => (JSON.parse(body) as { active: boolean }).active))).toEqual(new Set([true]))
      expect((await introspect()).status).toBe(200)
      expect((await bench.authorize(0, client)).status).toBe(302)
      expect(await shed()).toBe(refused + 2 + PAGES.length)
      expect(bench.output()).toContain('requests rejected: server overloaded')
    },
    RACE_TIMEOUT_MS,
  )
})
