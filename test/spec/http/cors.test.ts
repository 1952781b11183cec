import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import type { RegisteredTestClient } from '../../support/app.ts'
import { eventually } from '../../support/eventually.ts'
import { relyingParty } from '../../support/relying-party.ts'

const ORIGIN = 'https://app.example.com'
const ANOTHER = 'https://another.example.com:8443'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS'

let api: Api
let client: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({ allowedOrigins: [ORIGIN] })
  await api.registerClient({ name: 'Another', allowedOrigins: [ANOTHER] })
})
afterAll(() => api.close())

/** What scripts of any origin may read: it is the same for everyone and needs no registration. */
const PUBLIC = [
  '/openapi.json',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/oauth2/jwks.json',
  '/.well-known/jwks.json',
]

/** What scripts may call for one client, and how its own script does. */
const CALLS: [Method, string, (token: string, refresh: string) => { headers?: object; payload?: string }][] = [
  ['POST', '/oauth2/token', (_, refresh) => form({ grant_type: 'refresh_token', refresh_token: refresh })],
  ['POST', '/oauth2/revoke', (token) => form({ token })],
  ['POST', '/oauth2/par', () => form({ ...relyingParty(api, client).request() })],
  ['GET', '/oauth2/userinfo', bearer],
  ['POST', '/oauth2/userinfo', bearer],
  ['GET', '/v1/me/profile', bearer],
]

function bearer(token: string) {
  return { headers: { authorization: `Bearer ${token}` } }
}

function form(fields: Record<string, string>) {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ ...fields, client_id: client.clientId }).toString(),
  }
}

async function call(
  method: Method,
  url: string,
  origin: string | undefined,
  message: { headers?: object; payload?: string } = {},
) {
  const answer = await api.app.inject({
    method,
    url,
    headers: { ...message.headers, ...(origin !== undefined && { origin }) },
    ...(message.payload !== undefined && { payload: message.payload }),
  })
  // Whatever is asked, by whomever: no answer of ours is for scripts with cookies.
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
  expect(answer.headers['access-control-allow-origin'] === '*').toBe(PUBLIC.includes(url))
  return answer
}

const preflight = (url: string, method: string, origin: string) =>
  call('OPTIONS', url, origin, {
    headers: {
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type',
    },
  })

const allowed = (answer: { headers: Record<string, unknown> }) => answer.headers['access-control-allow-origin']

describe('Fetch §3.3: scripts of every origin', () => {
  it.each(PUBLIC)('read %s', async (url) => {
    for (const origin of [ORIGIN, 'https://unknown.example', 'null', undefined]) {
      const answer = await call('GET', url, origin)
      expect([answer.statusCode, allowed(answer)]).toEqual([200, '*'])
    }
    const asked = await preflight(url, 'GET', 'https://unknown.example')
    expect([asked.statusCode, allowed(asked)]).toEqual([204, '*'])
    const { etag } = (await call('GET', url, ORIGIN)).headers
    const cached = await call('GET', url, ORIGIN, { headers: { 'if-none-match': etag } })
    expect([cached.statusCode, allowed(cached)]).toEqual([304, '*'])
  })
})

describe('Fetch §3.3: scripts of a registered origin', () => {
  it.each(CALLS)('call %s %s', async (method, url, message) => {
    const tokens = await relyingParty(api, client).tokens()
    const asked = await preflight(url, method, ORIGIN)
    expect([asked.statusCode, allowed(asked)]).toEqual([204, ORIGIN])
    expect(asked.headers['access-control-allow-methods']).toContain(method)
    expect(String(asked.headers['access-control-allow-headers']).split(', ')).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'dpop']),
    )
    expect(asked.headers['vary']).toMatch(/\borigin\b/i)
    const answer = await call(method, url, ORIGIN, message(tokens.access_token, tokens.refresh_token))
    expect([answer.statusCode, allowed(answer)]).toEqual([url === '/oauth2/par' ? 201 : 200, ORIGIN])
    expect(answer.headers['vary']).toMatch(/\borigin\b/i)
  })

  it.each(CALLS)('may not read the answer of %s %s where another client registered the origin', async (...of) => {
    const [method, url, message] = of
    const tokens = await relyingParty(api, client).tokens()
    const answer = await call(method, url, ANOTHER, message(tokens.access_token, tokens.refresh_token))
    expect(allowed(answer)).toBeUndefined()
    expect(answer.headers['vary']).toMatch(/\borigin\b/i)
  })

  it('read refusals too, with what they need of the headers', async () => {
    const answer = await call('GET', '/oauth2/userinfo', ORIGIN)
    expect([answer.statusCode, allowed(answer)]).toEqual([401, ORIGIN])
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['www-authenticate', 'dpop-nonce']))
    const refused = await call(
      'POST',
      '/oauth2/token',
      ORIGIN,
      form({ grant_type: 'refresh_token', refresh_token: 'x' }),
    )
    expect([refused.statusCode, allowed(refused)]).toEqual([400, ORIGIN])
  })

  it('have `Vary: Origin`, also without an origin in the request', async () => {
    expect((await call('GET', '/oauth2/userinfo', undefined)).headers['vary']).toMatch(/\borigin\b/i)
  })
})

describe('Fetch §3.3: an origin is registered as a whole', () => {
  it.each([
    'null',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.test',
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'https://example.com',
    'https://app.example.co',
    'https://app.example.com/',
    'https://app.example.com,https://evil.test',
    '',
    '*',
  ])('not %j', async (origin) => {
    const tokens = await relyingParty(api, client).tokens()
    for (const [method, url, message] of CALLS) {
      expect(allowed(await preflight(url, method, origin))).toBeUndefined()
      expect(
        allowed(await call(method, url, origin, message(tokens.access_token, tokens.refresh_token))),
      ).toBeUndefined()
    }
  })

  it('and is no longer once no client wants it', async () => {
    const passing = 'https://passing.example.com'
    const gone = await api.registerClient({ allowedOrigins: [passing] })
    expect(allowed(await preflight('/oauth2/token', 'POST', passing))).toBe(passing)
    await api.send(api.owner, 'PATCH', `/v1/admin/clients/${gone.id}`, { body: { allowedOrigins: [] } })
    await eventually(
      async () => allowed(await preflight('/oauth2/token', 'POST', passing)),
      (seen) => seen === undefined,
    )
  })
})

describe('RFC 9700 §2.6: what a person sees, and what a cookie opens, is never for scripts of other origins', () => {
  it.each<[Method, string]>([
    ['GET', '/oauth2/authorize'],
    ['POST', '/oauth2/authorize'],
    ['GET', '/oauth2/authorize/resume?request=x'],
    ['GET', '/auth/login'],
    ['POST', '/auth/login'],
    ['GET', '/auth/account?request=x'],
    ['GET', '/oauth2/consent?request=x'],
    ['POST', '/oauth2/consent'],
    ['GET', '/oauth2/logout'],
    ['POST', '/oauth2/logout'],
    ['POST', '/oauth2/introspect'],
    ['POST', '/v1/auth/login'],
    ['POST', '/v1/auth/logout'],
    ['DELETE', '/v1/auth/session'],
    ['GET', '/v1/admin/clients'],
    ['POST', '/v1/admin/clients'],
    ['GET', '/nothing'],
  ])('%s %s', async (method, url) => {
    const answers = [
      await preflight(url, method, ORIGIN),
      await call(method, url, ORIGIN),
      await call(method, url, ORIGIN, { headers: { cookie: api.owner.cookie } }),
    ]
    for (const answer of answers) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  it('nor is what the cookie opens of /v1/me', async () => {
    const answer = await call('GET', '/v1/me/profile', ORIGIN, { headers: { cookie: api.owner.cookie } })
    expect(allowed(answer)).toBeUndefined()
  })
})
