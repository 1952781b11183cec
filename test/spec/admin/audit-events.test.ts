import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { OWNER, type RegisteredTestClient } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { eventually } from '../../support/eventually.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

const AGENT = 'Browser of the audit tests'

let api: Api
let client: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({
    clientType: 'confidential',
    requireConsent: true,
    // So that its ID tokens name the session.
    postLogoutRedirectUris: ['https://app.example.com/bye'],
  })
})
afterAll(() => api.close())
beforeEach(() => forget())

const forget = () => api.prisma.auditEvent.deleteMany()

/** What the trail holds since it was emptied, without what is different each time. */
async function trail() {
  const events = await api.prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })
  for (const { id, occurredAt, ipAddress, requestId, organisationId } of events) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
    expect(occurredAt).toEqual(api.clock.now())
    expect([ipAddress, requestId]).toEqual(['127.0.0.1', expect.stringMatching(/^req_/)])
    expect([null, api.owner.organisation.id]).toContain(organisationId)
  }
  return events.map(({ type, success, userId, clientId, resourceType, resourceId, metadata }) => ({
    type,
    success,
    userId,
    clientId,
    resource: resourceType === null ? null : `${resourceType} ${resourceId}`,
    metadata,
  }))
}

function claim(token: string, name: string): string {
  const [, payload = ''] = token.split('.')
  return String((JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>)[name])
}

const nothing = { success: true, userId: null, clientId: null, resource: null, metadata: {} }

const login = (email: string, password: string) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/auth/login',
    headers: { 'user-agent': AGENT },
    payload: { email, password },
  })

async function signedIn(): Promise<{ browser: Browser; tokens: Tokens; sessionId: string }> {
  const browser = api.browser()
  const tokens = await relyingParty(api, client).tokens(browser)
  await forget()
  return { browser, tokens, sessionId: claim(tokens.id_token, 'sid') }
}

const cookieOf = (browser: Browser) => ({ cookie: `cerb_sid=${browser.cookies.get('cerb_sid')}` })

describe('signing in and out', () => {
  it('is recorded with user, address and user agent', async () => {
    await login(OWNER.email, OWNER.password)
    expect(await trail()).toEqual([{ ...nothing, type: 'user.login.success', userId: api.owner.id }])
    expect(await api.prisma.auditEvent.findFirst()).toMatchObject({
      category: 'auth',
      action: 'login',
      userAgent: AGENT,
      organisationId: api.owner.organisation.id,
    })
  })

  it('is recorded for failures, with the reason that is not returned to the caller', async () => {
    const blocked = await api.addPerson([])
    await api.prisma.user.update({ where: { id: blocked.id }, data: { blockedAt: api.clock.now() } })
    await forget()
    const failed = { ...nothing, type: 'user.login.failed', success: false }
    for (const [email, password, event] of [
      [OWNER.email, 'wrong', { ...failed, userId: api.owner.id, metadata: { reason: 'wrong_password' } }],
      ['unknown@acme.test', 'wrong', { ...failed, metadata: { reason: 'unknown_account' } }],
      [
        `${blocked.id}@example.test`,
        'a password of everybody',
        { ...failed, userId: blocked.id, metadata: { reason: 'blocked' } },
      ],
    ] as const) {
      expect((await login(email, password)).statusCode).toBe(401)
      expect(await trail()).toEqual([event])
      await forget()
    }
  })

  it.each<[string, (browser: Browser) => Promise<unknown>]>([
    [
      'POST /v1/auth/logout',
      (browser) => api.app.inject({ method: 'POST', url: '/v1/auth/logout', headers: cookieOf(browser) }),
    ],
    [
      'DELETE /v1/auth/session',
      (browser) => api.app.inject({ method: 'DELETE', url: '/v1/auth/session', headers: cookieOf(browser) }),
    ],
    ['the page', async (browser) => (await browser.get('/oauth2/logout')).submit({}, 'sign-out')],
  ])('is recorded once by %s, however often it is repeated', async (_, end) => {
    const { browser, sessionId } = await signedIn()
    const again = cookieOf(browser)
    await end(browser)
    await api.app.inject({ method: 'DELETE', url: '/v1/auth/session', headers: again })
    const event = { ...nothing, type: 'user.logout', userId: api.owner.id, resource: `session ${sessionId}` }
    expect(await trail()).toEqual([event])
  })

  it('names the client that asked for it', async () => {
    const { browser, tokens, sessionId } = await signedIn()
    await browser.get(`/oauth2/logout?id_token_hint=${tokens.id_token}`)
    expect(await trail()).toEqual([
      { ...nothing, type: 'user.logout', userId: api.owner.id, clientId: client.id, resource: `session ${sessionId}` },
    ])
  })

  it('is recorded for a session that its user ends from another device', async () => {
    const there = await signedIn()
    const here = await signedIn()
    const url = `/v1/me/sessions/${there.sessionId}`
    for (const count of [1, 2]) {
      const answer = await api.app.inject({ method: 'DELETE', url, headers: cookieOf(here.browser) })
      expect([count, answer.statusCode]).toEqual([count, 204])
    }
    expect(await trail()).toEqual([
      { ...nothing, type: 'user.session_ended', userId: api.owner.id, resource: `session ${there.sessionId}` },
    ])
  })
})

describe('consent', () => {
  it.each([
    ['allow', 'oauth2.consent.granted', true],
    ['deny', 'oauth2.consent.denied', false],
  ] as const)('%s is recorded once, with the requested scopes', async (answer, type, success) => {
    const { browser } = await signedIn()
    await browser.get(relyingParty(api, client).authorizeUrl({ prompt: 'consent', scope: 'openid email' }))
    expect(await trail()).toEqual([])
    await browser.submit({}, answer)
    expect(await trail()).toEqual([
      {
        ...nothing,
        type,
        success,
        userId: api.owner.id,
        clientId: client.id,
        metadata: { scopes: ['openid', 'email'] },
      },
    ])
  })

  it('is not recorded without a consent page', async () => {
    const { browser } = await signedIn()
    await browser.get(relyingParty(api, client).authorizeUrl())
    expect(browser.answer().has('code')).toBe(true)
    expect(await trail()).toEqual([])
  })
})

describe('tokens', () => {
  const grantOf = (token: string) => claim(token, 'grant_id')

  it('that are issued leave a metric, not a row, unless the organisation asks for rows', async () => {
    const rp = relyingParty(api, client)
    const { browser } = await signedIn()
    const first = await rp.tokens(browser)
    expect((await rp.refresh(first.refresh_token)).statusCode).toBe(200)
    expect(await trail()).toEqual([])
    const where = { id: api.owner.organisation.id }
    await api.prisma.organisation.update({ where, data: { auditTokens: true } })
    // The process is notified of the change; it does not query each time.
    const { clientCache } = api.repositories
    await eventually(
      async () => (await clientCache.find(client.clientId))?.organisation.auditTokens,
      (asks) => asks === true,
    )
    const second = await rp.tokens(browser)
    expect((await rp.refresh(second.refresh_token)).statusCode).toBe(200)
    await api.prisma.organisation.update({ where, data: { auditTokens: false } })
    const events = await api.prisma.auditEvent.findMany({ orderBy: { type: 'asc' } })
    expect(events.map(({ type, userId, clientId, resourceId }) => [type, userId, clientId, resourceId])).toEqual([
      ['oauth2.token_issued', api.owner.id, client.id, grantOf(second.access_token)],
      ['oauth2.token_refreshed', api.owner.id, client.id, grantOf(second.access_token)],
    ])
  })

  it.each<[string, string, () => Promise<{ grant: string; again: () => Promise<LightMyRequestResponse> }>]>([
    [
      'code',
      'oauth2.code_replayed',
      async () => {
        const rp = relyingParty(api, client)
        const code = await rp.code()
        const tokens = (await rp.exchange(code)).json<Tokens>()
        return { grant: grantOf(tokens.access_token), again: () => rp.exchange(code) }
      },
    ],
    [
      'refresh token',
      'oauth2.refresh_token_reused',
      async () => {
        const rp = relyingParty(api, client)
        const tokens = await rp.tokens()
        await rp.refresh(tokens.refresh_token)
        api.clock.advance(11)
        return { grant: grantOf(tokens.access_token), again: () => rp.refresh(tokens.refresh_token) }
      },
    ],
  ])('a replayed %s is recorded once', async (_, type, use) => {
    const { grant, again } = await use()
    await forget()
    for (const answer of [...(await Promise.all([again(), again(), again()])), await again()]) {
      expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
    }
    expect(await trail()).toEqual([
      { ...nothing, type, userId: api.owner.id, clientId: client.id, resource: `grant ${grant}` },
    ])
  })
})

describe('administration', () => {
  it('is recorded per change, with the acting user and the client', async () => {
    const person = await api.addPerson(['clients:*'])
    await forget()
    const body = { name: 'Audited', clientType: 'confidential', redirectUris: ['https://app.example.com/callback'] }
    const created = await api.send(person, 'POST', '/v1/admin/clients', { body })
    const { id } = created.json<{ id: string }>()
    const expected = {
      ...nothing,
      userId: person.id,
      clientId: id,
      resource: `client ${id}`,
      metadata: expect.anything(),
    }
    const url = `/v1/admin/clients/${id}`
    expect(await trail()).toEqual([{ ...expected, type: 'client.created' }])
    for (const [type, act] of [
      ['client.updated', () => api.send(person, 'PATCH', url, { body: { name: 'Renamed' } })],
      ['client.secret_regenerated', () => api.send(person, 'POST', `${url}/rotate-secret`)],
      ['client.revoked', () => api.send(person, 'POST', `${url}/revoke`)],
      ['client.deleted', () => api.send(person, 'DELETE', url)],
    ] as const) {
      await forget()
      expect((await act()).statusCode).toBeLessThan(300)
      expect(await trail()).toEqual([{ ...expected, type }])
    }
  })
})
