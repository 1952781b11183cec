import type { OpenAPIV3_1 } from 'openapi-types'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type TestApp } from '../../support/app.ts'

let test: TestApp
let document: OpenAPIV3_1.Document
let operations: OpenAPIV3_1.OperationObject[]
let html: string

beforeAll(async () => {
  test = await createTestApp()
  document = (await test.app.inject('/openapi.json')).json()
  operations = Object.values(document.paths ?? {}).flatMap((item) => Object.values(item as object))
  html = (await test.app.inject('/docs')).body
})
afterAll(() => test.close())

describe('the description is served from memory', () => {
  it.each(['/openapi.json', '/docs'])('%s has an entity tag that answers 304', async (url) => {
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

  it('lets the scripts of registered clients read the document', async () => {
    await test.registerClient({ allowedOrigins: ['https://console.example.com'] })
    const answer = await test.app.inject({ url: '/openapi.json', headers: { origin: 'https://console.example.com' } })
    expect(answer.headers['access-control-allow-origin']).toBe('https://console.example.com')
  })
})

describe('/docs', () => {
  it('has a place for everything in the document, and no link that leads nowhere', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(operations.map(({ operationId }) => `operation-${operationId}`)))
    const schemas = Object.keys(document.components?.schemas ?? {})
    expect(ids).toEqual(expect.arrayContaining(schemas.map((name) => `schema-${name}`)))
    const targets = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id)
    expect(targets.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('has a place for the type of every problem that the server answers with', async () => {
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

  it('runs no script and loads nothing', async () => {
    const policy = String((await test.app.inject('/docs')).headers['content-security-policy'])
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; /)
    expect(policy).not.toContain('script-src')
    expect(html).not.toMatch(/<script|<link|<img|<iframe| on[a-z]+=| style=/)
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? ''
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))
    expect(policy).toContain(`'sha256-${Buffer.from(digest).toString('base64')}'`)
  })
})
