import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RouteOptions } from 'fastify'
import { createApi, type Api } from '../../support/api.ts'
import type { Browser } from '../../support/browser.ts'
import { readForm } from '../../support/browser.ts'
import { recordRoutes } from '../../support/record-routes.ts'
import { relyingParty } from '../../support/relying-party.ts'

let api: Api
let routes: RouteOptions[]
let rp: ReturnType<typeof relyingParty>

beforeAll(async () => {
  const { made, routesOf } = await recordRoutes(() => createApi())
  api = made
  routes = routesOf(api.app)
  rp = relyingParty(api, await api.registerClient({ clientType: 'confidential', requireConsent: true }))
})
afterAll(() => api.close())

const cookieHeader = ({ cookies }: Browser) => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
const head = (browser: Browser, url: string) =>
  api.app.inject({ method: 'HEAD', url, headers: { cookie: cookieHeader(browser) } })
const prefetch = (browser: Browser, url: string, headers: Record<string, string>) =>
  api.app.inject({ method: 'GET', url, headers: { cookie: cookieHeader(browser), ...headers } })

async function isSignedIn(browser: Browser): Promise<boolean> {
  await browser.get(rp.authorizeUrl({ prompt: 'none' }))
  return browser.answer().has('code')
}

/** What the database holds, apart from counts of requests. */
async function contents(): Promise<unknown> {
  const { rows: tables } = await api.database.pool.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rate_limit_counters' ORDER BY 1`,
  )
  const digests = tables.map(
    ({ name }) => `(SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM "${name}" t) AS "${name}"`,
  )
  return (await api.database.pool.query(`SELECT ${digests.join(', ')}`)).rows[0]
}

const PREFETCHES: Record<string, string>[] = [
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { purpose: 'prefetch' },
  { 'x-moz': 'prefetch' },
]

describe('RFC 9110 §9.2.1: what only looks changes nothing', () => {
  it('HEAD changes no row, at any path that has GET', async () => {
    const browser = api.browser()
    const { id_token: hint } = await rp.tokens(browser)
    await browser.get(rp.authorizeUrl({ prompt: 'login' }))
    const { request = '' } = readForm(browser.page.body).hidden
    const pushed = await rp.pushedUrl()
    const before = await contents()
    const paths = routes
      .filter(({ method }) => [method].flat().includes('GET'))
      .map(({ url }) => url.replaceAll(/:\w+/g, 'x'))
    expect(paths.length).toBeGreaterThan(20)
    const queries = [
      `request=${request}`,
      `request=${request}&answer=cancel`,
      `id_token_hint=${hint}`,
      pushed.split('?')[1],
      rp.authorizeUrl().split('?')[1],
    ]
    for (const path of paths) {
      for (const query of queries) expect((await head(browser, `${path}?${query}`)).body).toBe('')
    }
    expect(await contents()).toEqual(before)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('HEAD gets no code, and leaves the pushed request for the browser that follows', async () => {
    const browser = api.browser()
    await rp.code(browser)
    const pushed = await rp.pushedUrl()
    for (const url of [pushed, rp.authorizeUrl()]) {
      const answer = await head(browser, url)
      expect([answer.statusCode, answer.headers.location]).toEqual([200, undefined])
    }
    await browser.get(pushed)
    expect(browser.answer().has('code')).toBe(true)
  })

  it.each(PREFETCHES)('a browser that only fetches ahead (%j) ends no session and uses nothing up', async (headers) => {
    const browser = api.browser()
    const { id_token: hint } = await rp.tokens(browser)
    const pushed = await rp.pushedUrl()
    for (const url of [`/oauth2/logout?id_token_hint=${hint}`, pushed]) {
      const answer = await prefetch(browser, url, headers)
      expect([answer.statusCode, answer.headers.location]).toEqual([403, undefined])
    }
    await browser.get(pushed)
    expect(browser.answer().has('code')).toBe(true)
  })
})
