import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { createTestApp, OWNER } from '../../support/app.ts'
import { createTenant } from '../../support/tenant.ts'

const LOGIN = '/v1/auth/login'
const PROFILE = '/v1/me/profile'

let api: Api
let email: string
let person: Person
/** What `addPerson` gives everybody. */
const PASSWORD = 'a password of everybody'

beforeAll(async () => {
  api = await createApi()
  person = await api.addPerson([])
  ;({ email } = await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } }))
})
afterAll(() => api.close())

const login = (body: unknown, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: LOGIN,
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  })

/** Who a session cookie belongs to, if anybody. */
async function whoIs(cookie: string): Promise<string | undefined> {
  const answer = await api.app.inject({ method: 'GET', url: PROFILE, headers: { cookie } })
  return answer.statusCode === 200 ? answer.json<{ id: string }>().id : undefined
}

async function signIn(credentials: { email: string; password: string }, headers: Record<string, string> = {}) {
  const answer = await login(credentials, headers)
  expect(answer.statusCode).toBe(200)
  return `cerb_sid=${answer.cookies.find(({ name }) => name === 'cerb_sid')?.value}`
}

const HOUR = 3_600

describe('signing in and out by JSON', () => {
  it('answers who signed in, and where', async () => {
    const answer = await login({ email, password: PASSWORD })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        message: expect.any(String),
        user: { id: person.id, email, name: expect.any(String) },
        organisation: { id: person.organisation.id, slug: 'acme', name: 'Acme' },
      },
    ])
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it.each([
    ['POST', '/v1/auth/logout', 200, /^\{"message":"[^"]+"\}$/],
    ['DELETE', '/v1/auth/session', 204, /^$/],
  ] as const)('%s %s ends the session, clears the cookie, and succeeds without a session', async (...of) => {
    const [method, url, status, body] = of
    const cookie = await signIn({ email, password: PASSWORD })
    for (const headers of [{ cookie }, { cookie }, {}]) {
      const answer = await api.app.inject({ method, url, headers })
      expect(answer.statusCode).toBe(status)
      expect(answer.body).toMatch(body)
      expect(answer.cookies).toContainEqual(expect.objectContaining({ name: 'cerb_sid', value: '', path: '/' }))
      expect(await whoIs(cookie)).toBeUndefined()
    }
  })

  it.each([
    ['GET', LOGIN, 'POST'],
    ['GET', '/v1/auth/logout', 'POST'],
    ['GET', '/v1/auth/session', 'DELETE'],
  ] as const)('%s %s is not allowed', async (method, url, allow) => {
    const answer = await api.app.inject({ method, url })
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, allow])
  })

  it.each([
    [{}, ['email', 'password']],
    [{ email: '', password: '' }, ['email', 'password']],
    [{ email: 1, password: ['x'] }, ['email', 'password']],
    [{ email: `${'a'.repeat(320)}@b.c`, password: 'x' }, ['email']],
    [{ email: 'a@b.c', password: 'x', admin: true }, ['']],
  ])('%j is refused, every problem with its path', async (body, paths) => {
    const answer = await login(body)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
    const { errors } = answer.json<{ errors: { path: string[] }[] }>()
    expect(errors.map(({ path }) => path.join('.')).sort()).toEqual(paths)
  })
})

describe('the cookie of a session', () => {
  it('is random, for this host alone, and out of reach of scripts, plain http and other sites', async () => {
    const answer = await login({ email, password: PASSWORD })
    const [cookie] = answer.cookies
    // The second is the browser state, which is no secret: oidc-session-management.test.ts. The third is the known device.
    expect(answer.cookies.map(({ name }) => name)).toEqual(['cerb_sid', '__Host-cerb_state', '__Host-cerb_device'])
    expect(cookie).toMatchObject({ name: 'cerb_sid', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' })
    expect(cookie?.value).toMatch(/^[\w-]{43}$/)
    expect(cookie?.domain).toBeUndefined()
    expect(cookie?.maxAge).toBe(12 * HOUR)
  })

  it('may travel by http where the issuer does', async () => {
    const plain = await createTestApp({ issuer: 'http://localhost:4000' })
    const answer = await plain.app.inject({ method: 'POST', url: LOGIN, payload: OWNER })
    await plain.close()
    expect(answer.cookies[0]).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
    expect(answer.cookies[0]?.secure).toBeUndefined()
  })

  it('is another one at each sign-in, and the one before is dead (session fixation)', async () => {
    const first = await signIn({ email, password: PASSWORD })
    const second = await signIn({ email, password: PASSWORD }, { cookie: first })
    expect(second).not.toBe(first)
    expect(await whoIs(first)).toBeUndefined()
    expect(await whoIs(second)).toBe(person.id)
  })

  it('is never one that the browser brought along', async () => {
    const planted = `cerb_sid=${'A'.repeat(43)}`
    expect(await signIn({ email, password: PASSWORD }, { cookie: planted })).not.toBe(planted)
    expect(await whoIs(planted)).toBeUndefined()
  })

  it('belongs to the user who signed in last in the browser', async () => {
    const first = await signIn({ email, password: PASSWORD })
    const second = await signIn(OWNER, { cookie: first })
    expect(await whoIs(first)).toBeUndefined()
    expect(await whoIs(second)).toBe(api.owner.id)
  })

  it('leaves the sessions of other browsers alone', async () => {
    const [here, there] = [await signIn({ email, password: PASSWORD }), await signIn({ email, password: PASSWORD })]
    await api.app.inject({ method: 'POST', url: '/v1/auth/logout', headers: { cookie: here } })
    expect(await whoIs(there)).toBe(person.id)
  })

  it('works for two hours without use', async () => {
    const cookie = await signIn({ email, password: PASSWORD })
    for (let count = 0; count < 2; count += 1) {
      api.clock.advance(2 * HOUR - 1)
      expect(await whoIs(cookie)).toBe(person.id)
    }
    const idle = await signIn({ email, password: PASSWORD })
    api.clock.advance(2 * HOUR)
    expect(await whoIs(idle)).toBeUndefined()
  })

  it('works for twelve hours, however much it is used', async () => {
    const cookie = await signIn({ email, password: PASSWORD })
    for (let hours = 0; hours < 11; hours += 1) {
      api.clock.advance(HOUR)
      expect(await whoIs(cookie)).toBe(person.id)
    }
    api.clock.advance(HOUR)
    expect(await whoIs(cookie)).toBeUndefined()
  })

  it('records its use once in a sixtieth of the idle time, and no more', async () => {
    const cookie = await signIn({ email, password: PASSWORD })
    const lastActivity = async () =>
      (await api.prisma.session.findFirstOrThrow({ where: { userId: person.id }, orderBy: { id: 'desc' } }))
        .lastActivityAt
    const signedInAt = await lastActivity()
    for (const [seconds, recorded] of [
      [119, false],
      [1, true],
      [60, false],
    ] as const) {
      const before = await lastActivity()
      api.clock.advance(seconds)
      await whoIs(cookie)
      expect((await lastActivity()).getTime() > before.getTime()).toBe(recorded)
    }
    expect((await lastActivity()).getTime() - signedInAt.getTime()).toBe(120_000)
  })

  it('has the lifetimes that the server was started with, from the next sign-in and the next use', async () => {
    const { organisations } = api.repositories
    await organisations.setSessionLifetimes({ idle: 60, max: 300 })
    const answer = await login({ email, password: PASSWORD })
    expect(answer.cookies[0]?.maxAge).toBe(300)
    const cookie = `cerb_sid=${answer.cookies[0]?.value}`
    for (let count = 0; count < 5; count += 1) {
      expect(await whoIs(cookie)).toBe(person.id)
      api.clock.advance(59)
    }
    api.clock.advance(5)
    expect(await whoIs(cookie)).toBeUndefined()
    const idle = await signIn({ email, password: PASSWORD })
    api.clock.advance(60)
    expect(await whoIs(idle)).toBeUndefined()
    await organisations.setSessionLifetimes({ idle: 2 * HOUR, max: 12 * HOUR })
  })

  it.each(['', 'x', 'A'.repeat(44), '%00', "' OR 1=1 --", '💥', 'A'.repeat(8_000)])('is not %s', async (value) => {
    expect(await whoIs(`cerb_sid=${encodeURIComponent(value)}`)).toBeUndefined()
  })
})

describe('cross-site requests', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['curl', {}, true],
    ['our own page', { 'sec-fetch-site': 'same-origin', origin: 'https://auth.example.com' }, true],
    ['the address bar', { 'sec-fetch-site': 'none' }, true],
    ['an older browser on our own page', { origin: 'https://auth.example.com' }, true],
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example.com' }, false],
    ['a sibling of ours', { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' }, false],
    ['an older browser elsewhere', { origin: 'https://evil.example.com' }, false],
    ['a sandboxed frame', { origin: 'null' }, false],
    ['our host by http', { origin: 'http://auth.example.com' }, false],
    ['a page that only says it is ours', { 'sec-fetch-site': 'cross-site', origin: 'https://auth.example.com' }, false],
  ])('from %s', async (_, headers, genuine) => {
    const answer = await login({ email, password: PASSWORD }, headers)
    expect([answer.statusCode, answer.cookies.length]).toEqual(genuine ? [200, 3] : [403, 0])
    for (const [method, url] of [
      ['POST', '/v1/auth/logout'],
      ['DELETE', '/v1/auth/session'],
    ] as const) {
      const cookie = await signIn({ email, password: PASSWORD })
      const ended = await api.app.inject({ method, url, headers: { ...headers, cookie } })
      expect(ended.statusCode < 400).toBe(genuine)
      expect((await whoIs(cookie)) === undefined).toBe(genuine)
    }
  })

  it('cannot be a form: what is posted must be JSON', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await login({ email, password: PASSWORD }, { 'content-type': type })
      expect([answer.statusCode, answer.cookies.length]).toEqual([415, 0])
    }
  })
})

describe('an account that ends takes its sessions along', () => {
  it.each<[string, (of: Person) => Promise<unknown>]>([
    ['blocked', (of) => api.prisma.user.update({ where: { id: of.id }, data: { blockedAt: api.clock.now() } })],
    ['deleted', (of) => api.prisma.user.update({ where: { id: of.id }, data: { deletedAt: api.clock.now() } })],
    [
      'of an organisation that is suspended',
      (of) => api.prisma.organisation.update({ where: { id: of.organisation.id }, data: { status: 'suspended' } }),
    ],
  ])('%s', async (_, end) => {
    const { person: doomed } = await createTenant(api)
    expect(await whoIs(doomed.cookie)).toBe(doomed.id)
    await end(doomed)
    expect(await whoIs(doomed.cookie)).toBeUndefined()
  })
})
