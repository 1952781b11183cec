import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'

let test: TestApp
let cookie: string
let authorizeUrl: string

beforeAll(async () => {
  test = await createTestApp()
  cookie = await test.signIn()
  authorizeUrl = relyingParty(test, await test.registerClient()).authorizeUrl()
})
afterAll(() => test.close())

/** One answer of every kind. */
const answers: [string, number, () => InjectOptions][] = [
  ['JSON', 200, () => ({ method: 'GET', url: '/health' })],
  ['cacheable JSON', 200, () => ({ method: 'GET', url: '/oauth2/jwks.json' })],
  ['a page', 200, () => ({ method: 'GET', url: '/auth/login' })],
  ['a redirect to a page', 302, () => ({ method: 'GET', url: authorizeUrl })],
  ['a redirect to a client', 302, () => ({ method: 'GET', url: authorizeUrl, headers: { cookie } })],
  ['an error page', 400, () => ({ method: 'GET', url: '/oauth2/authorize' })],
  [
    'an OAuth error',
    401,
    () => ({
      method: 'POST',
      url: '/oauth2/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'a=b',
    }),
  ],
  ['a challenge', 401, () => ({ method: 'GET', url: '/oauth2/userinfo' })],
  ['a problem', 401, () => ({ method: 'GET', url: '/v1/me/profile' })],
  ['a list', 200, () => ({ method: 'GET', url: '/v1/admin/clients', headers: { cookie } })],
  ['no content', 204, () => ({ method: 'DELETE', url: '/v1/auth/session' })],
  ['a preflight', 204, () => ({ method: 'OPTIONS', url: '/oauth2/token' })],
  ['not found', 404, () => ({ method: 'GET', url: '/nothing' })],
  ['not allowed', 405, () => ({ method: 'PUT', url: '/oauth2/token' })],
  ['an unreadable path', 400, () => ({ method: 'GET', url: '/%E0%A4%A' })],
  ['a path that is too long', 414, () => ({ method: 'GET', url: `/v1/admin/clients/${'a'.repeat(300)}` })],
  ['a NUL', 400, () => ({ method: 'GET', url: '/nothing?%00' })],
  [
    'a body that is too large',
    413,
    () => ({
      method: 'POST',
      url: '/v1/auth/login',
      headers: { 'content-type': 'application/json' },
      payload: 'a'.repeat(200_000),
    }),
  ],
]

describe.each(answers)('%s', (kind, status, request) => {
  it('tells browsers to be careful with it', async () => {
    const { statusCode, headers } = await test.app.inject(request())
    expect(statusCode).toBe(status)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    })
    const policy = String(headers['content-security-policy'])
    for (const part of ["default-src 'none'", "frame-ancestors 'none'"]) expect(policy.split('; ')).toContain(part)
    expect(policy).not.toContain('unsafe-')
    expect(policy.split(/[ ;]+/)).not.toContain('*')
    expect(headers['server']).toBeUndefined()
    expect(headers['x-powered-by']).toBeUndefined()
    expect(headers['cache-control']).toMatch(kind === 'cacheable JSON' ? /^public, max-age=\d+$/ : /^no-store$/)
    const type = headers['content-type']
    expect(type === undefined).toBe(headers['content-length'] === '0' || headers['content-length'] === undefined)
  })

  it('has an id of its own, which begins with the one that was sent where that is sound', async () => {
    const options = request()
    const own = await test.app.inject(options)
    expect(own.headers['x-request-id']).toMatch(/^req_[\w-]{16}$/)
    const sent = await test.app.inject({ ...options, headers: { ...options.headers, 'x-request-id': 'abc-DEF_123' } })
    expect(sent.headers['x-request-id']).toMatch(/^abc-DEF_123_[\w-]{16}$/)
    for (const unsound of ['short', 'with space in', 'x'.repeat(65), 'quote"<script>', 'ünïcödé-id']) {
      const answer = await test.app.inject({ ...options, headers: { ...options.headers, 'x-request-id': unsound } })
      expect(answer.headers['x-request-id']).toMatch(/^req_[\w-]{16}$/)
    }
  })
})

describe('over plain http, in development', () => {
  it('nothing is said of https', async () => {
    const plain = await createTestApp({ issuer: 'http://localhost:4000' })
    const { headers } = await plain.app.inject({ method: 'GET', url: '/health' })
    await plain.close()
    expect(headers['strict-transport-security']).toBeUndefined()
    expect(headers['x-content-type-options']).toBe('nosniff')
  })
})
