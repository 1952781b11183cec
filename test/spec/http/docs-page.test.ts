import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type TestApp } from '../../support/app.ts'

let test: TestApp
let html: string

beforeAll(async () => {
  test = await createTestApp()
  html = (await test.app.inject('/docs')).body
})
afterAll(() => test.close())

describe('/openapi.json and /docs are cached', () => {
  it.each(['/openapi.json', '/docs'])('%s has an ETag and returns 304 for it', async (url) => {
    const first = await test.app.inject(url)
    expect(first.statusCode).toBe(200)
    const etag = String(first.headers.etag)
    expect(first.headers['cache-control']).toBe('public, max-age=300')
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await test.app.inject({ url, headers: { 'if-none-match': tag } })
      expect([tag, again.statusCode, again.body]).toEqual([tag, 304, ''])
    }
    expect((await test.app.inject({ url, headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200)
  })

  it('lets scripts of every origin read the document', async () => {
    const answer = await test.app.inject({ url: '/openapi.json', headers: { origin: 'https://console.example.com' } })
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })
})

describe('/docs', () => {
  const assets = () => [...html.matchAll(/(?:src|href)="(\/docs\/assets\/[^"]*)"/g)].map(([, url = '']) => url)

  it('has no link to a missing fragment, and no id twice', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id)
    expect(targets.length).toBeGreaterThan(0)
    expect(targets.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('has an entry for the type of every problem that the server returns', async () => {
    const cookie = await test.signIn()
    const answers = await Promise.all([
      test.app.inject('/nowhere'),
      test.app.inject('/v1/me/profile'),
      test.app.inject({ method: 'PUT', url: '/v1/me/profile' }),
      test.app.inject({ method: 'POST', url: '/v1/auth/login', payload: {} }),
      test.app.inject({
        method: 'POST',
        url: '/v1/auth/login',
        payload: '{',
        headers: { 'content-type': 'application/json' },
      }),
      test.app.inject({
        method: 'POST',
        url: '/v1/auth/login',
        payload: '<a/>',
        headers: { 'content-type': 'text/xml' },
      }),
      test.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email: 'x'.repeat(140_000) } }),
      test.app.inject({
        method: 'POST',
        url: '/v1/auth/login',
        payload: OWNER,
        headers: { 'sec-fetch-site': 'cross-site' },
      }),
      test.app.inject({ url: '/v1/admin/clients', headers: { cookie, 'x-org-domain': 'other' } }),
    ])
    const types = new Set(answers.map((answer) => answer.json<{ type: string }>().type))
    expect(types.size).toBe(8)
    for (const type of types) {
      expect(type).toMatch(`${ISSUER}/docs#problem-`)
      expect(html).toContain(` id="${new URL(type).hash.slice(1)}"`)
    }
  })

  it('allows scripts of this origin only, no inline script and no eval', async () => {
    const policy = String((await test.app.inject('/docs')).headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(html).not.toMatch(/<script(?![^>]* src="\/docs\/assets\/)| on[a-z]+=| style=/)
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? ''
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    expect(policy).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`)
  })

  it('serves its files compressed, to be cached forever', async () => {
    expect(assets()).toEqual([
      expect.stringMatching(/\/swagger-ui\.\w{16}\.css$/),
      expect.stringMatching(/\/swagger-ui-bundle\.\w{16}\.js$/),
      expect.stringMatching(/\/api-reference\.\w{16}\.js$/),
    ])
    for (const url of assets()) {
      const plain = await test.app.inject(url)
      expect(plain.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': url.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
        vary: 'accept-encoding',
      })
      expect(plain.headers['content-encoding']).toBeUndefined()
      const gzip = await test.app.inject({ url, headers: { 'accept-encoding': 'gzip, br;q=0' } })
      expect(gzip.headers['content-encoding']).toBe('gzip')
      expect(gunzipSync(gzip.rawPayload).equals(plain.rawPayload)).toBe(true)
      const brotli = await test.app.inject({ url, headers: { 'accept-encoding': 'gzip, deflate, br' } })
      expect(brotli.headers['content-encoding']).toBe('br')
      expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload)).toBe(true)
    }
  })

  it('returns 404 for a file that it does not refer to', async () => {
    for (const name of ['swagger-ui-bundle.js', 'package.json', '..%2Fpackage.json', '%2Fetc%2Fpasswd']) {
      expect([name, (await test.app.inject(`/docs/assets/${name}`)).statusCode]).toEqual([name, 404])
    }
  })
})
