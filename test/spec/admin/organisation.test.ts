import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api } from '../../support/api.ts'
import { createTestApp } from '../../support/app.ts'
import { createTenant, type Tenant } from '../../support/tenant.ts'

const ORGANISATION = '/v1/admin/organisation'
const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' }
const JSON_PATCH = { 'content-type': 'application/json-patch+json' }

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const get = () => api.send(api.owner, 'GET', ORGANISATION)
const patch = (body: unknown, headers: Record<string, string> = {}, query = '') =>
  api.send(api.owner, 'PATCH', `${ORGANISATION}${query}`, { body, headers })
const read = async () => (await get()).json<Record<string, unknown>>()
const lastEvent = async () => (await api.events()).at(-1)

describe('GET /v1/admin/organisation', () => {
  it('returns the settings with their defaults', async () => {
    const answer = await get()
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toEqual({
      id: api.owner.organisation.id,
      slug: 'acme',
      name: 'Acme',
      status: 'active',
      isOperator: true,
      ownerId: api.owner.id,
      email: null,
      phone: null,
      website: null,
      allowedCallbackUrls: [],
      allowedLogoutUrls: [],
      allowedOrigins: [],
      sessionLifetime: 43_200,
      sessionIdleTimeout: 7_200,
      staySignedInLifetime: null,
      auditTokens: false,
      requireMfa: false,
      offerPasskeys: false,
      allowedMfaMethods: ['totp'],
      authenticationPolicy: {
        minimumAcr: 'pwd',
        pwdMaxAge: null,
        mfaMaxAge: null,
        phrMaxAge: null,
        phrhMaxAge: null,
      },
      passwordPolicy: {
        minLength: 8,
        requireUppercase: false,
        requireLowercase: false,
        requireNumbers: false,
        requireSymbols: false,
      },
      auditRetentionDays: null,
      tokenLifetimePolicy: { accessToken: null, refreshToken: null, idToken: null },
      branding: { logoUrl: null, primaryColor: null, faviconUrl: null },
      metadata: {},
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
    })
    const headers = { 'if-none-match': String(answer.headers.etag) }
    expect((await api.send(api.owner, 'GET', ORGANISATION, { headers })).statusCode).toBe(304)
  })

  it('needs organisation:read, and a change organisation:update', async () => {
    const reader = await api.addPerson(['organisation:read'])
    const other = await api.addPerson(['clients:*'])
    expect((await api.send(reader, 'GET', ORGANISATION)).statusCode).toBe(200)
    expect((await api.send(other, 'GET', ORGANISATION)).statusCode).toBe(403)
    const rejected = await api.send(reader, 'PATCH', ORGANISATION, { body: { name: 'Taken' } })
    expect(rejected.statusCode).toBe(403)
    expect(rejected.json<{ detail: string }>().detail).toContain('organisation:update')
  })
})

describe('PATCH /v1/admin/organisation', () => {
  it('changes what is sent, also within objects, and records what was before', async () => {
    await patch({ passwordPolicy: { requireNumbers: true } })
    const answer = await patch({
      name: 'Acme Corporation',
      phone: '+49 30 1234567',
      website: 'https://acme.example',
      passwordPolicy: { minLength: 10 },
      branding: { primaryColor: '#1f6feb' },
      metadata: { plan: { name: 'gold', seats: 5 } },
    })
    expect(answer.statusCode).toBe(200)
    const changed = {
      name: 'Acme Corporation',
      phone: '+49301234567',
      passwordPolicy: { minLength: 10, requireNumbers: true, requireSymbols: false },
      branding: { primaryColor: '#1f6feb', logoUrl: null },
      metadata: { plan: { name: 'gold', seats: 5 } },
    }
    expect(answer.json()).toMatchObject(changed)
    expect(await read()).toMatchObject(changed)
    expect(await lastEvent()).toMatchObject({
      type: 'organisation.updated',
      userId: api.owner.id,
      resourceType: 'organisation',
      resourceId: api.owner.organisation.id,
      changes: expect.arrayContaining([
        { field: 'name', from: 'Acme', to: 'Acme Corporation' },
        {
          field: 'passwordPolicy',
          from: expect.objectContaining({ minLength: 8 }),
          to: expect.objectContaining({ minLength: 10 }),
        },
      ]),
    })
  })

  it('resets a member to its default by null', async () => {
    const answer = await patch(
      { website: null, metadata: { plan: { seats: null } }, passwordPolicy: null },
      MERGE_PATCH,
    )
    expect(answer.json()).toMatchObject({
      website: null,
      phone: '+49301234567',
      metadata: { plan: { name: 'gold' } },
      passwordPolicy: { minLength: 8, requireNumbers: false },
    })
  })

  it('applies a JSON Patch whole or not at all', async () => {
    const steps = [{ op: 'add', path: '/allowedOrigins/-', value: 'https://app.acme.example' }]
    expect((await patch(steps, JSON_PATCH)).json()).toMatchObject({ allowedOrigins: ['https://app.acme.example'] })
    const failing = [
      { op: 'replace', path: '/name', value: 'Taken' },
      { op: 'test', path: '/slug', value: 'other' },
    ]
    expect((await patch(failing, JSON_PATCH)).statusCode).toBe(409)
    const removing = [{ op: 'remove', path: '/allowedOrigins' }]
    expect((await patch(removing, JSON_PATCH)).json()).toMatchObject({ name: 'Acme Corporation', allowedOrigins: [] })
  })

  it.each([
    [{ slug: 'other' }, 'slug'],
    [{ status: 'trial' }, 'status'],
    [{ ownerId: null }, 'ownerId'],
    [{ name: '' }, 'name'],
    [{ name: null }, 'name'],
    [{ passwordPolicy: { minLength: 7 } }, 'minLength'],
    [{ passwordPolicy: { maxLength: 7 } }, 'maxLength'],
    [{ sessionLifetime: 59 }, 'sessionLifetime'],
    [{ branding: { logoUrl: 'http://acme.example/logo.png' } }, 'logoUrl'],
    [{ branding: { primaryColor: 'red;}' } }, 'primaryColor'],
    [{ branding: { faviconUrl: 'javascript:alert(1)' } }, 'faviconUrl'],
    [{ allowedOrigins: ['https://acme.example/path'] }, 'allowedOrigins'],
    [{ metadata: 'text' }, 'metadata'],
    [{ metadata: { text: 'x'.repeat(16_400) } }, 'metadata'],
    [{ metadata: { a: { b: { c: { d: { e: { f: { g: { h: { i: 1 } } } } } } } } } }, 'metadata'],
  ])('rejects %j and writes nothing', async (body, member) => {
    const before = await get()
    const answer = await patch(body)
    expect(answer.statusCode).toBe(400)
    expect(JSON.stringify(answer.json<{ errors: unknown }>().errors)).toContain(member)
    expect((await get()).headers.etag).toBe(before.headers.etag)
  })

  it('accepts the result of GET and then changes nothing', async () => {
    const before = await get()
    const events = (await api.events()).length
    expect((await patch(before.json())).statusCode).toBe(200)
    expect((await get()).headers.etag).toBe(before.headers.etag)
    expect(await api.events()).toHaveLength(events)
  })

  it('shows with dryRun what would change', async () => {
    const answer = await patch({ name: 'Would be' }, {}, '?dryRun=true')
    expect(answer.json()).toEqual({
      dryRun: true,
      changes: [{ member: 'name', from: 'Acme Corporation', to: 'Would be' }],
      warnings: [],
    })
    expect(await read()).toMatchObject({ name: 'Acme Corporation' })
    expect((await patch({ name: '' }, {}, '?dryRun=true')).statusCode).toBe(400)
  })

  it('changes only the version that If-Match names', async () => {
    const { etag } = (await get()).headers
    expect((await patch({ email: 'it@acme.example' }, { 'if-match': String(etag) })).statusCode).toBe(200)
    expect((await patch({ email: 'other@acme.example' }, { 'if-match': String(etag) })).statusCode).toBe(412)
    expect(await read()).toMatchObject({ email: 'it@acme.example' })
  })

  it('keeps both of two changes that arrive together', async () => {
    const answers = await Promise.all([patch({ email: 'one@acme.example' }), patch({ phone: '+49 30 7654321' })])
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200])
    expect(await read()).toMatchObject({ email: 'one@acme.example', phone: '+49307654321' })
  })
})

describe('the lifetimes of sessions', () => {
  it('bind new sessions, and follow the server again after a reset', async () => {
    await patch({ sessionLifetime: 600, sessionIdleTimeout: 300 })
    const response = await api.app.inject({ method: 'POST', url: '/v1/auth/login', payload: owner })
    expect(response.headers['set-cookie']?.toString()).toContain('Max-Age=600')
    // As at the next start of the server.
    await api.repositories.organisations.setSessionLifetimes({ idle: 1_000, max: 2_000 })
    expect(await read()).toMatchObject({ sessionLifetime: 600, sessionIdleTimeout: 300 })
    await patch({ sessionLifetime: null, sessionIdleTimeout: null })
    expect(await read()).toMatchObject({ sessionLifetime: 43_200, sessionIdleTimeout: 7_200 })
    await api.repositories.organisations.setSessionLifetimes({ idle: 7_200, max: 40_000 })
    expect(await read()).toMatchObject({ sessionLifetime: 40_000, sessionIdleTimeout: 7_200 })
  })
})

const owner = { email: 'owner@acme.test', password: 'correct horse battery staple' }

describe('staying signed in', () => {
  const LOGIN = '/v1/auth/login'
  const signIn = (more: object = {}) => api.app.inject({ method: 'POST', url: LOGIN, payload: { ...owner, ...more } })
  const cookieOf = (answer: LightMyRequestResponse) => {
    const { name, value, maxAge } = answer.cookies.find((cookie) => cookie.name === 'cerb_sid') ?? {}
    return { cookie: `${name}=${value}`, maxAge }
  }
  const worksAfter = async (cookie: string, seconds: number) => {
    api.clock.advance(seconds)
    return (await api.app.inject({ url: '/v1/me/profile', headers: { cookie } })).statusCode === 200
  }
  const YEAR = 31_536_000

  it('is not possible where the organisation does not offer it', async () => {
    const plain = await signIn({ staySignedIn: true })
    expect(cookieOf(plain).maxAge).toBe(40_000)
  })

  it('is a choice: such a session has its own lifetime and no idle timeout, and others do not change', async () => {
    const page = async () => {
      const { clientId } = await api.registerClient()
      const parameters = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: 'https://app.example.com/callback',
      }
      const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
      const browser = api.browser()
      await browser.get(`/oauth2/authorize?${new URLSearchParams({ ...parameters, ...pkce, scope: 'openid' })}`)
      return browser
    }
    expect((await page()).page.body).not.toContain('Stay signed in')
    expect((await patch({ staySignedInLifetime: YEAR })).json()).toMatchObject({ staySignedInLifetime: YEAR })

    const browser = await page()
    expect(browser.page.body).toContain('Stay signed in')
    await browser.submit({ ...owner, stay_signed_in: 'true' }, 'sign-in')
    const remembered = cookieOf(await signIn({ staySignedIn: true }))
    const plain = cookieOf(await signIn())
    expect([remembered.maxAge, plain.maxAge]).toEqual([YEAR, 40_000])
    expect(await api.prisma.session.count({ where: { remembered: true } })).toBe(2)
    expect(await worksAfter(plain.cookie, 7_201)).toBe(false)
    expect(await worksAfter(remembered.cookie, 60 * 86_400)).toBe(true)
    const sessions = await api.app.inject({ url: '/v1/me/sessions', headers: { cookie: remembered.cookie } })
    expect(sessions.json<{ data: object[] }>().data).toHaveLength(2)
    expect(await worksAfter(remembered.cookie, YEAR)).toBe(false)
    api.owner.cookie = cookieOf(await signIn()).cookie
    expect((await patch({ staySignedInLifetime: null })).statusCode).toBe(200)
  })
})

describe('the lifetimes of tokens', () => {
  interface Lifetimes {
    id: string
    clientId: string
    accessTokenLifetime: number
    refreshTokenLifetime: number
    idTokenLifetime: number
  }
  const MACHINE = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }
  const register = (settings: object = {}) => api.registerClient({ ...MACHINE, ...settings })
  const clientOf = async (id: string) => (await api.send(api.owner, 'GET', `/v1/admin/clients/${id}`)).json<Lifetimes>()
  const expiresIn = async (client: { clientId: string; clientSecret: string | null }, app = api.app) => {
    const answer = await app.inject({
      method: 'POST',
      url: '/oauth2/token',
      headers: {
        authorization: `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      payload: new URLSearchParams({ grant_type: 'client_credentials' }).toString(),
    })
    return answer.json<{ expires_in: number }>().expires_in
  }

  it('hold for clients without their own, at once and in other processes', async () => {
    const second = await createTestApp({ connectionString: api.connectionString, clock: api.clock })
    const follows = await register()
    const own = await register({ accessTokenLifetime: 1_200 })
    expect(await expiresIn(follows)).toBe(3_600)
    expect(await expiresIn(follows, second.app)).toBe(3_600)
    const policy = { accessToken: 900, refreshToken: 86_400 }
    expect((await patch({ tokenLifetimePolicy: policy })).json()).toMatchObject({
      tokenLifetimePolicy: { ...policy, idToken: null },
    })
    expect(await expiresIn(follows)).toBe(900)
    expect(await expiresIn(own)).toBe(1_200)
    await second.changesRead()
    expect(await expiresIn(follows, second.app)).toBe(900)
    await second.close()
    expect(await clientOf(follows.id)).toMatchObject({
      accessTokenLifetime: 900,
      refreshTokenLifetime: 86_400,
      idTokenLifetime: 3_600,
    })
    expect(await clientOf(own.id)).toMatchObject({ accessTokenLifetime: 1_200, refreshTokenLifetime: 86_400 })
  })

  it('hold for new clients, and for those whose lifetime is reset', async () => {
    const follows = await register()
    expect(follows).toMatchObject({ accessTokenLifetime: 900 })
    const own = await register({ accessTokenLifetime: 3_600 })
    const url = `/v1/admin/clients/${own.id}`
    await api.send(api.owner, 'PATCH', url, { body: { accessTokenLifetime: null }, headers: MERGE_PATCH })
    await patch({ tokenLifetimePolicy: { accessToken: 7_200 } })
    expect(await clientOf(own.id)).toMatchObject({ accessTokenLifetime: 7_200 })
    await api.send(api.owner, 'PATCH', url, { body: { accessTokenLifetime: 60 } })
    await patch({ tokenLifetimePolicy: null })
    expect(await clientOf(own.id)).toMatchObject({ accessTokenLifetime: 60, refreshTokenLifetime: 2_592_000 })
    expect(await clientOf(follows.id)).toMatchObject({ accessTokenLifetime: 3_600 })
  })

  it('are no longer than the profile of a client allows', async () => {
    await patch({ tokenLifetimePolicy: { accessToken: 7_200 } })
    const strict = await register({
      profile: 'oauth2.1',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: 'https://app.example.com/jwks',
    })
    expect(strict).toMatchObject({ accessTokenLifetime: 3_600 })
    await patch({ tokenLifetimePolicy: null })
  })
})

describe('the password policy', () => {
  let tenant: Tenant
  const LONG = 'Correct horse battery 9!'
  const policy = {
    minLength: 12,
    requireUppercase: true,
    requireLowercase: true,
    requireNumbers: true,
    requireSymbols: true,
  }
  beforeAll(async () => {
    tenant = await createTenant(api)
    const administrator = await api.addPerson(['organisation:update', 'organisation:read'], tenant.organisation)
    await api.send(administrator, 'PATCH', ORGANISATION, { body: { passwordPolicy: policy } })
  })

  const errorsOf = (answer: LightMyRequestResponse) =>
    answer.json<{ errors: { message: string }[] }>().errors.map(({ message }) => message)

  it('holds for the users that administrators create, and the passwords that they set', async () => {
    const administrator = await api.addPerson(['*'], tenant.organisation)
    const create = (password: string) =>
      api.send(administrator, 'POST', '/v1/admin/users', { body: { email: 'ada@tenant.example', password } })
    expect((await create('short Aa1!')).statusCode).toBe(400)
    const rejected = await create('only lower case letters')
    expect(errorsOf(rejected).join()).toMatch(/upper-case letter.*digit.*symbol/)
    const created = await create(LONG)
    expect(created.statusCode).toBe(201)
    const set = (password: string) =>
      api.send(administrator, 'POST', `/v1/admin/users/${created.json<{ id: string }>().id}/password`, {
        body: { password },
      })
    expect((await set('correct horse battery')).statusCode).toBe(400)
    expect((await set(`${LONG}!`)).statusCode).toBe(200)
  })

  it('holds for users who change their own', async () => {
    const change = (newPassword: string) =>
      api.send(tenant.person, 'POST', '/v1/me/password', { body: { currentPassword: PASSWORD, newPassword } })
    const rejected = await change('correct horse battery')
    expect(rejected.statusCode).toBe(400)
    expect(errorsOf(rejected).join()).toContain('upper-case letter')
    expect((await change(LONG)).statusCode).toBe(204)
  })

  it('does not hold in another organisation', async () => {
    const body = { email: 'grace@acme.example', password: 'correct horse battery' }
    expect((await api.send(api.owner, 'POST', '/v1/admin/users', { body })).statusCode).toBe(201)
  })
})
