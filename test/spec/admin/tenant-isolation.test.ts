import type { LightMyRequestResponse } from 'fastify'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readErrorPage } from '../../support/read-response.ts'
import { createApi, type Api } from '../../support/api.ts'
import { readForm } from '../../support/browser.ts'
import {
  createOrganisationFixture,
  snapshotOrganisation,
  issueCredentials,
  registerClient,
  type IssuedCredentials,
  type OrganisationFixture,
} from '../../support/issued-credentials.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'
import { recordRoutes } from '../../support/record-routes.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT'

let api: Api
let routes: { method: Method; url: string }[]
/** Has everything. */
let own: OrganisationFixture
/** Wants it. */
let other: OrganisationFixture
let has: IssuedCredentials

beforeAll(async () => {
  const { made, routesOf } = await recordRoutes(() => createApi())
  api = made
  routes = routesOf(api.app).flatMap(({ method, url }) => {
    const methods = [method].flat().filter((name) => ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'].includes(name))
    return methods.map((name) => ({ method: name as Method, url }))
  })
  own = await createOrganisationFixture(api)
  other = await createOrganisationFixture(api)
  has = await issueCredentials(api, own)
})
afterAll(() => api.close())

const everything = () => snapshotOrganisation(api, own)
const outcome = (answer: LightMyRequestResponse) => [
  answer.statusCode,
  String(answer.headers['content-type']).startsWith('text/html')
    ? readErrorPage(answer).code
    : answer.headers.location === undefined
      ? (answer.json<{ error?: string }>().error ?? null)
      : new URL(answer.headers.location, 'https://auth.example.com').searchParams.get('error'),
]
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const silently = (cookie: string, { rp }: OrganisationFixture, more: Record<string, string> = {}) =>
  api.app.inject({ method: 'GET', url: rp.authorizeUrl({ prompt: 'none', ...more }), headers: { cookie } })
const bringPushed = (clientId: string, cookie: string) => {
  const { searchParams } = new URL(has.pushedUrl, 'https://auth.example.com')
  searchParams.set('client_id', clientId)
  return api.app.inject({ url: `/oauth2/authorize?${searchParams}`, headers: { cookie } })
}
const access = () => [has.tokens.access_token, has.opaqueToken, has.machineToken]

/** Attempts of a client of the other organisation that proves itself as what it is. */
const ATTEMPTS: [string, () => Promise<LightMyRequestResponse>, unknown[]][] = [
  ['redeem a code', () => other.rp.exchange(has.code, { code_verifier: own.rp.verifier }), [400, 'invalid_grant']],
  [
    'redeem a code in the name of its client',
    () => other.rp.exchange(has.code, { code_verifier: own.rp.verifier, client_id: own.client.clientId }),
    [401, 'invalid_client'],
  ],
  ['refresh', () => other.rp.refresh(has.tokens.refresh_token), [400, 'invalid_grant']],
  [
    'refresh in the name of the client',
    () => other.rp.refresh(has.tokens.refresh_token, { client_id: own.client.clientId }),
    [401, 'invalid_client'],
  ],
  [
    'send a session of its person to authorize',
    () => silently(other.administrator.cookie, own),
    [302, 'login_required'],
  ],
  [
    'bring a request that its client pushed',
    () => bringPushed(other.client.clientId, other.tenant.person.cookie),
    [400, 'invalid_request_uri'],
  ],
  [
    'send a hint by an ID token of another organisation’s client',
    () => silently(other.tenant.person.cookie, other, { id_token_hint: has.tokens.id_token }),
    [302, 'invalid_request'],
  ],
  [
    'read a registration of its own by a token of another',
    () => configure('GET', has.registration.token, other.client.clientId),
    [401, 'invalid_token'],
  ],
  [
    'register with a token that is not an initial access token',
    () => registerClient(api, has.registration.token),
    [401, 'invalid_token'],
  ],
]
const configure = (method: 'GET' | 'DELETE', token: string, clientId: string) =>
  api.app.inject({ method, url: `/oauth2/register/${clientId}`, headers: bearer(token) })

describe('a client of another organisation', () => {
  it.each(ATTEMPTS)('cannot %s', async (_, attempt, expected) => {
    const before = await everything()
    expect(outcome(await attempt())).toEqual(expected)
    expect(await everything()).toEqual(before)
  })

  it('gets no information about any token', async () => {
    for (const token of [
      ...access(),
      has.tokens.refresh_token,
      has.tokens.id_token,
      has.code,
      has.initialAccessToken.token,
    ]) {
      expect((await other.rp.introspect(token)).body).toBe('{"active":false}')
    }
  })

  it('revokes nothing, and gets the same response', async () => {
    const before = await everything()
    for (const token of [...access(), has.tokens.refresh_token, has.tokens.id_token, has.code]) {
      const answer = await other.rp.revoke(token)
      expect([answer.statusCode, answer.body]).toEqual([200, '{}'])
    }
    expect(await everything()).toEqual(before)
    expect(await Promise.all(access().map(async (token) => (await own.rp.introspect(token)).json()))).toMatchObject(
      access().map(() => ({ active: true, org: own.tenant.organisation.slug })),
    )
  })

  it('registered with the token of an organisation belongs there, whichever it names', async () => {
    const answer = await registerClient(api, has.initialAccessToken.token, {
      'x-org-domain': other.tenant.organisation.slug,
    })
    expect(answer.statusCode).toBe(201)
    const { client_id: clientId } = answer.json<{ client_id: string }>()
    expect(await api.prisma.client.findUniqueOrThrow({ where: { clientId } })).toMatchObject({
      organisationId: own.tenant.organisation.id,
    })
  })
})

describe('a person of another organisation', () => {
  it('does not take over a request that waits in their browser', async () => {
    const { browser, id } = has.pendingRequest
    const before = await everything()
    browser.cookies.set('cerb_sid', other.tenant.person.cookie.slice('cerb_sid='.length))
    await browser.get(`/oauth2/authorize/resume?request=${id}`)
    expect(browser.page.body).toContain('name="password"')
    expect(browser.page.body).not.toContain(other.tenant.person.id)
    // Nor by the pages that would come next.
    for (const url of ['/oauth2/consent', '/auth/account']) {
      await browser.get(`${url}?request=${id}`)
      expect(browser.url).toContain('/auth/login')
    }
    browser.cookies.delete('cerb_sid')
    expect(await everything()).toEqual(before)
  })

  it('does not consent for another user, by a form that was shown to that user', async () => {
    const browser = own.tenant.browser()
    await browser.get(own.rp.authorizeUrl({ prompt: 'consent' }))
    const { action, hidden } = readForm(browser.page.body)
    browser.cookies.set('cerb_sid', other.tenant.person.cookie.slice('cerb_sid='.length))
    const before = await everything()
    await browser.post(action, { ...hidden, action: 'allow' }, { 'sec-fetch-site': 'same-origin' })
    expect(browser.url).toContain('/auth/login')
    expect(await everything()).toEqual(before)
  })

  it.each([
    ['an ID token', () => ({ id_token_hint: has.tokens.id_token })],
    ['an ID token and the client', () => ({ id_token_hint: has.tokens.id_token, client_id: own.client.clientId })],
    ['a client', () => ({ client_id: own.client.clientId, post_logout_redirect_uri: REDIRECT_URI })],
    ['an address', () => ({ logout_hint: 'user@example.test' })],
  ])('is not signed out by %s of it, and no user of it is', async (_, hints) => {
    const before = await everything()
    const { cookie } = other.tenant.person
    const url = `/oauth2/logout?${new URLSearchParams(hints())}`
    const answer = await api.app.inject({ method: 'GET', url, headers: { cookie } })
    expect([200, 400]).toContain(answer.statusCode)
    expect(answer.headers['set-cookie'] ?? '').not.toMatch(/cerb_sid=;/)
    expect(outcome(await silently(cookie, other))).not.toContain('login_required')
    expect(await everything()).toEqual(before)
  })

  it('ends no session there, by cookie or by token', async () => {
    const before = await everything()
    const { access_token } = await relyingParty(api, await other.tenant.registerClient({ isFirstParty: true })).tokens(
      other.tenant.browser(),
    )
    for (const headers of [{ cookie: other.administrator.cookie }, bearer(access_token)]) {
      const url = `/v1/me/sessions/${has.session.sessionId}`
      expect((await api.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(204)
    }
    expect(await everything()).toEqual(before)
  })

  it('is at /v1/me who the token says, whatever else is sent', async () => {
    const headers = {
      ...bearer(has.tokens.access_token),
      cookie: other.administrator.cookie,
      'x-org-domain': other.tenant.organisation.slug,
    }
    const answer = await api.app.inject({ method: 'GET', url: '/v1/me/profile', headers })
    expect(answer.json()).toMatchObject({ id: own.tenant.person.id })
  })
})

describe('an administrator of another organisation', () => {
  /** A body that would do, where one is wanted. */
  const bodies: Record<string, object> = {
    'POST /v1/admin/clients': { name: 'x', clientType: 'public', redirectUris: [REDIRECT_URI], scopes: ['openid'] },
    'PATCH /v1/admin/clients/:id': { name: 'Taken' },
    'POST /v1/admin/clients/:id/regenerate-secret': { overlapSeconds: 5 },
    'POST /v1/admin/roles': { name: 'x', slug: 'x' },
    'PATCH /v1/admin/roles/:id': { name: 'Taken', isDefault: true },
    'POST /v1/admin/roles/:id/permissions': { permission: 'teams:read' },
    'DELETE /v1/admin/roles/:id/permissions': { permission: 'users:read' },
    'PATCH /v1/admin/organisation': { name: 'Taken' },
    'POST /v1/organisations': { name: 'x', owner: { email: 'x@other.example' } },
    'POST /v1/system/onboarding-tokens': { email: 'x@other.example' },
    'PATCH /v1/system/organisations/:id': { name: 'Taken', status: 'suspended' },
    'POST /v1/admin/teams': { name: 'x', slug: 'x' },
    'PATCH /v1/admin/teams/:id': { name: 'Taken' },
    'POST /v1/admin/teams/:id/members': { userId: '0193a1c2-7b5e-7000-8000-000000000001' },
    'POST /v1/admin/teams/:id/roles': { roleId: '0193a1c2-7b5e-7000-8000-000000000001' },
    'POST /v1/admin/users/:id/roles': { roleId: '0193a1c2-7b5e-7000-8000-000000000001' },
    'POST /v1/admin/users/:id/suspend': { reason: 'Taken' },
    'PATCH /v1/admin/users/:id': { nickname: 'Taken' },
    'PUT /v1/admin/registration-policy': { policy: 'open' },
    'POST /v1/admin/initial-access-tokens': { name: 'x' },
  }
  const isOperatorRoute = ({ url }: { url: string }) => /^\/v1\/(?:organisations|system)(?:\/|$)/.test(url)
  const administration = () => routes.filter((route) => route.url.startsWith('/v1/admin/') || isOperatorRoute(route))
  /** Without `api.send`, by which the code of this organisation would grow old. */
  const attempt = (route: (typeof routes)[number], url: string, headers: Record<string, string> = {}) => {
    const payload = bodies[`${route.method} ${route.url}`]
    return api.app.inject({
      method: route.method,
      url,
      headers: { cookie: other.administrator.cookie, ...headers },
      ...(payload && { payload }),
    })
  }
  const withId = (url: string, id: string) =>
    url.replace(':id', id).replaceAll(/:(?:permission|role|user|delivery)Id/g, '0193a1c2-7b5e-7000-8000-000000000001')

  it('does nothing in the name of this one, at any route', async () => {
    expect(administration().length).toBeGreaterThan(12)
    const headers = { 'x-org-domain': own.tenant.organisation.slug }
    const before = await everything()
    for (const route of administration()) {
      const { id: organisationId } = own.tenant.organisation
      for (const id of [
        own.client.id,
        other.client.id,
        has.initialAccessToken.id,
        has.role.id,
        has.team.id,
        organisationId,
      ]) {
        const answer = await attempt(route, withId(route.url, id), headers)
        expect([route, [403, 405].includes(answer.statusCode)]).toEqual([route, true])
      }
    }
    expect(await everything()).toEqual(before)
  })

  it('finds none of its objects by id, at any route', async () => {
    const named = administration().filter(({ url }) => url.includes(':id'))
    expect(named.length).toBeGreaterThan(6)
    const before = await everything()
    for (const route of named) {
      for (const id of [
        own.client.id,
        own.client.clientId,
        has.initialAccessToken.id,
        has.registration.clientId,
        has.role.id,
        own.tenant.organisation.id,
        has.team.id,
        own.tenant.person.id,
      ]) {
        const answer = await attempt(route, withId(route.url, id))
        const rejections = isOperatorRoute(route) ? [403, 405] : [400, 404, 405]
        expect([route, id, rejections.includes(answer.statusCode)]).toEqual([route, id, true])
      }
    }
    expect(await everything()).toEqual(before)
  })

  it('sees none of its objects in any list', async () => {
    const lists = administration().filter(({ method, url }) => method === 'GET' && !url.includes(':id'))
    expect(lists.length).toBeGreaterThan(2)
    for (const { url } of lists) {
      const { body } = await api.send(other.administrator, 'GET', url)
      for (const secret of [
        own.client.id,
        own.client.clientId,
        has.initialAccessToken.id,
        has.role.id,
        has.team.id,
        own.tenant.person.id,
        own.tenant.organisation.id,
      ]) {
        expect(body).not.toContain(secret)
      }
    }
  })
})

describe('after all of that, at home', () => {
  it('the code is redeemed, the tokens work, and name their organisation', async () => {
    const { browser } = has.pendingRequest
    await browser.get(`/auth/login?request=${has.pendingRequest.id}`)
    expect(browser.page.statusCode).toBe(200)
    const exchanged = await own.rp.exchange(has.code)
    expect(exchanged.statusCode).toBe(200)
    expect(decodeJwt(exchanged.json<{ access_token: string }>().access_token)).toMatchObject({
      org: own.tenant.organisation.slug,
      org_id: own.tenant.organisation.id,
    })
    expect((await own.rp.refresh(has.tokens.refresh_token)).statusCode).toBe(200)
    for (const token of [has.tokens.access_token, has.opaqueToken]) {
      expect((await own.rp.userinfo(token)).json()).toMatchObject({ sub: own.tenant.person.id })
    }
    expect(outcome(await silently(has.session.cookie, own, { id_token_hint: has.tokens.id_token }))).toEqual([
      302,
      null,
    ])
    expect((await configure('GET', has.registration.token, has.registration.clientId)).statusCode).toBe(200)
  })
})

describe('an organisation that is closed', () => {
  it('gets no clients, and those that it has change nothing', async () => {
    const closing = await createOrganisationFixture(api)
    const held = await issueCredentials(api, closing)
    const { id, slug } = closing.tenant.organisation
    await api.send(closing.administrator, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    await api.prisma.organisation.update({ where: { id }, data: { status: 'suspended' } })
    const before = await snapshotOrganisation(api, closing)
    const { token, clientId } = held.registration
    for (const answer of [
      await registerClient(api, held.initialAccessToken.token),
      await configure('GET', token, clientId),
      await configure('DELETE', token, clientId),
    ]) {
      expect(outcome(answer)).toEqual([401, 'invalid_token'])
    }
    const open = { method: 'POST', url: '/oauth2/register', headers: { 'x-org-domain': slug } } as const
    expect((await api.app.inject({ ...open, payload: { redirect_uris: [REDIRECT_URI] } })).statusCode).toBe(403)
    expect(await snapshotOrganisation(api, closing)).toEqual(before)
    await api.prisma.organisation.update({ where: { id }, data: { status: 'active' } })
    expect((await configure('GET', token, clientId)).statusCode).toBe(200)
    expect((await registerClient(api, held.initialAccessToken.token)).statusCode).toBe(201)
  })
})
