import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import type { Browser } from '../../../support/browser.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const POLICY = '/v1/admin/registration-policy'
const APP = 'https://app.example.com'

interface Registered {
  client_id: string
  client_secret: string
  [member: string]: unknown
}

let api: Api
beforeAll(async () => {
  api = await createApi({ limits: { general: { max: 40, window: 60 } } })
  await setPolicy('open')
})
afterAll(() => api.close())
// The rate limit begins anew.
beforeEach(() => api.clock.advance(60))

const setPolicy = (policy: string) => api.send(api.owner, 'PUT', POLICY, { body: { policy } })
const send = (body: object, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/oauth2/register',
    payload: { redirect_uris: [REDIRECT_URI], ...body },
    headers,
  })

async function register(body: object = {}, headers: Record<string, string> = {}) {
  const answer = await send(body, headers)
  expect([answer.statusCode, answer.json<{ error?: string }>().error]).toEqual([201, undefined])
  return answer.json<Registered>()
}
async function initialAccess(): Promise<Record<string, string>> {
  const body = { name: 'Developer', uses: 10, expiresIn: 3600, scopes: ['openid', 'profile', 'email'] }
  const made = await api.send(api.owner, 'POST', '/v1/admin/initial-access-tokens', { body })
  return { authorization: `Bearer ${made.json<{ token: string }>().token}` }
}
const partyOf = ({ client_id, client_secret }: Registered) =>
  relyingParty(api, { id: '', clientId: client_id, clientSecret: client_secret })
const policyOf = (browser: Browser) => String(browser.page.headers['content-security-policy'])

describe('the URLs of a client', () => {
  const hosts = [
    'evil.example,frame-src',
    'evil.example;sandbox',
    "evil.example'self'",
    'a_b.example',
    'evil.example=1',
    'a..b',
    '[::1',
    '!x',
  ]

  it.each(hosts)('have no host such as %s', async (host) => {
    const url = `https://${host}/x`
    for (const [member, value] of [
      ['redirect_uris', [url]],
      ['redirect_uris', [`https://evil.example%2cframe-src/`]],
      ['post_logout_redirect_uris', [url]],
      ['frontchannel_logout_uri', url],
      ['backchannel_logout_uri', url],
      ['initiate_login_uri', url],
      ['logo_uri', url],
      ['client_uri', url],
      ['policy_uri#de', url],
      ['tos_uri', url],
      ['jwks_uri', url],
      ['sector_identifier_uri', url],
      ['request_uris', [url]],
    ] as const) {
      const answer = await send({ [member]: value })
      expect([member, answer.statusCode]).toEqual([member, 400])
    }
    const body = {
      name: 'Web',
      clientType: 'public',
      redirectUris: [REDIRECT_URI],
      allowedOrigins: [`https://${host}`],
    }
    expect((await api.send(api.owner, 'POST', '/v1/admin/clients', { body })).statusCode).toBe(400)
  })

  it.each([
    'https://app-1.example.com:8443/cb',
    'https://192.0.2.1/cb',
    'https://[2001:db8::1]:8443/cb',
    'https://xn--bcher-kva.example/cb',
  ])('may be %s', async (uri) => {
    expect((await register({ redirect_uris: [uri] }))['redirect_uris']).toEqual([uri])
  })

  it.each([
    'code',
    'state',
    'iss',
    'error',
    'error_description',
    'response',
    'id_token',
    'access_token',
    'session_state',
    '%73tate',
  ])('have no parameter %s of a response in the query of a redirect URI', async (name) => {
    for (const member of ['redirect_uris', 'post_logout_redirect_uris']) {
      const answer = await send({ [member]: [`${APP}/cb?tenant=1&${name}=x`] })
      expect(answer.json()).toMatchObject({ error_description: expect.stringMatching(/must not have the parameter/) })
    }
    expect((await send({ redirect_uris: [`${APP}/cb?my_${name}=x&tenant=1`] })).statusCode).toBe(201)
  })

  it('do not get into the policy of a page, even if they were stored before', async () => {
    const good = await api.registerClient({ frontchannelLogoutUri: `${APP}/end` })
    const bad = await api.registerClient({ frontchannelLogoutUri: `${APP}/end` })
    await api.prisma.client.update({
      where: { id: bad.id },
      data: { frontchannelLogoutUri: 'https://evil.example;sandbox/end', name: 'Bad' },
    })
    const browser = api.browser()
    const { id_token } = await relyingParty(api, good).tokens(browser)
    await relyingParty(api, bad).tokens(browser)
    await browser.get(`/oauth2/logout?${new URLSearchParams({ id_token_hint: id_token })}`)
    expect(browser.page.statusCode).toBe(200)
    expect(policyOf(browser)).toContain(`frame-src ${APP};`)
    expect(policyOf(browser)).not.toContain('sandbox')
  })
})

describe('the logo of a client', () => {
  const logo_uri = `${APP}/logo.png`

  it('is not loaded if anyone could have registered the client: a letter stands for it', async () => {
    const client = await register({ logo_uri, client_name: ' „Ärger“ Ltd' })
    const browser = await api.browser().get(partyOf(client).authorizeUrl())
    expect(browser.page.body).not.toContain('<img')
    expect(browser.page.body).toMatch(/<span class="logo monogram" aria-hidden="true">\s*Ä\s*<\/span>/)
    expect(policyOf(browser)).toContain("img-src 'self';")
  })

  it('is loaded if an initial access token stands behind the registration', async () => {
    const client = await register({ logo_uri }, await initialAccess())
    const browser = await api.browser().get(partyOf(client).authorizeUrl())
    expect(browser.page.body).toContain(`src="${logo_uri}"`)
    expect(policyOf(browser)).toContain("img-src 'self' https:;")
  })

  it.each([
    'http://localhost:3000/x.png',
    'http://127.0.0.1/x.png',
    'https://localhost/x.png',
    'https://[::1]/x.png',
    'https://10.0.0.1/x.png',
  ])('is never loaded from the device or network of the user: %s', async (logoUri) => {
    const client = await api.registerClient({ logoUri })
    const browser = await api.browser().get(relyingParty(api, client).authorizeUrl())
    expect(browser.page.statusCode).toBe(200)
    expect(browser.page.body).not.toContain('<img')
    expect(policyOf(browser)).toContain("img-src 'self';")
  })
})

describe('RFC 9700 §4.11.2: an error for an anonymous client before a user has signed in', () => {
  const badScope = { scope: 'openid everything' }

  it('is a page, from which the user may continue to the client', async () => {
    const client = await register()
    const browser = await api.browser().get(partyOf(client).authorizeUrl(badScope))
    expect(browser.page.statusCode).toBe(400)
    expect(browser.page.headers['location']).toBeUndefined()
    expect(browser.page.body).toContain('>invalid_scope<')
    const href = /id="continue"[^>]* href="([^"]*)"/.exec(browser.page.body)?.[1]?.replaceAll('&amp;', '&')
    const answer = new URL(href ?? '')
    expect(`${answer.origin}${answer.pathname}`).toBe(REDIRECT_URI)
    expect(Object.fromEntries(answer.searchParams)).toMatchObject({ error: 'invalid_scope', state: 'a-state' })
    expect(browser.page.body).toContain('Continue to app.example.com')
  })

  it('is a form on that page for response_mode=form_post, and nothing submits it', async () => {
    const client = await register()
    const browser = await api.browser().get(partyOf(client).authorizeUrl({ ...badScope, response_mode: 'form_post' }))
    expect(browser.page.statusCode).toBe(400)
    expect(browser.page.body).toContain(`action="${REDIRECT_URI}"`)
    expect(browser.page.body).toContain('name="error" value="invalid_scope"')
    expect(browser.page.body).not.toContain('<script')
  })

  it('is a page for an invalid request object, too', async () => {
    const client = await register()
    const browser = await api.browser().get(partyOf(client).authorizeUrl({ request: 'x.y.z' }))
    expect([browser.page.statusCode, browser.page.headers['location']]).toEqual([400, undefined])
  })

  it('is sent to the client if the request was silent and only lacks a session', async () => {
    const client = await register()
    const browser = await api.browser().get(partyOf(client).authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('login_required')
  })

  it('is sent to the client after the user has signed in, or when the user cancels', async () => {
    const client = await register()
    const signedIn = await (await api.signedInBrowser()).get(partyOf(client).authorizeUrl(badScope))
    expect(signedIn.answer().get('error')).toBe('invalid_scope')
    const leaving = await api.browser().get(partyOf(client).authorizeUrl())
    await leaving.submit({}, 'cancel')
    expect(leaving.answer().get('error')).toBe('access_denied')
  })

  it('is sent to clients of administrators and of holders of initial access tokens', async () => {
    const parties = [relyingParty(api, await api.registerClient()), partyOf(await register({}, await initialAccess()))]
    for (const party of parties) {
      const browser = await api.browser().get(party.authorizeUrl(badScope))
      expect(browser.answer().get('error')).toBe('invalid_scope')
    }
  })
})

describe('RFC 7591 §3: an Authorization header that is no bearer token', () => {
  it.each(['Basic dXNlcjpwYXNz', 'Bearer', 'Bearer ', 'Bearer a b', 'iat_token', 'Bearer tökén'])(
    'is rejected: %s',
    async (authorization) => {
      const before = await api.prisma.client.count()
      const answer = await send({}, { authorization: Buffer.from(authorization).toString('latin1') })
      expect([answer.statusCode, answer.json()]).toMatchObject([400, { error: 'invalid_request' }])
      expect(answer.headers['www-authenticate']).toContain('error="invalid_request"')
      expect(await api.prisma.client.count()).toBe(before)
    },
  )
})

describe('RFC 9126 §2.1: a pushed request', () => {
  it('counts for the address of an anonymous client, confidential or not', async () => {
    const [anonymous, known] = [await register(), await register({}, await initialAccess())]
    const push = async (client: Registered) => (await partyOf(client).push()).statusCode
    api.clock.advance(60)
    const statuses: number[] = []
    for (let count = 0; count <= 40; count += 1) statuses.push(await push(anonymous))
    expect([statuses[0], statuses.at(-1)]).toEqual([201, 429])
    expect(await push(known)).toBe(201)
  })

  it('is stored without unknown parameters and without the ID token of the hint, like a pending request', async () => {
    const client = await api.registerClient()
    const party = relyingParty(api, client)
    const { id_token } = await party.tokens(api.browser())
    const more = { unknown: 'x'.repeat(5_000), id_token_hint: id_token, login_hint: 'a@b.example' }
    expect((await party.push(more)).statusCode).toBe(201)
    const browser = await api.browser().get(party.authorizeUrl({ ...more, prompt: 'login' }))
    expect(browser.page.statusCode).toBe(200)
    const pushed = await api.prisma.pushedAuthorizationRequest.findFirstOrThrow({ where: { clientId: client.id } })
    const pending = await api.prisma.pendingAuthorizationRequest.findFirstOrThrow({ where: { clientId: client.id } })
    for (const { parameters, hintedSubject } of [pushed, pending]) {
      expect(parameters).not.toHaveProperty('unknown')
      expect(parameters).not.toHaveProperty('id_token_hint')
      expect(parameters).toHaveProperty('login_hint')
      expect(hintedSubject).toMatch(/./)
    }
  })

  it('is still about the user of the hint when another user signs in', async () => {
    const party = relyingParty(api, await api.registerClient())
    const { id_token } = await party.tokens(api.browser())
    const other = await api.addPerson([])
    const email = `${other.id}@example.test`
    const pushed = (await party.push({ id_token_hint: id_token })).json<{ request_uri: string }>()
    for (const url of [
      party.authorizeUrl({ id_token_hint: id_token }),
      `/oauth2/authorize?${new URLSearchParams({ client_id: party.request()['client_id'] ?? '', ...pushed })}`,
    ]) {
      const browser = await api.browser().get(url)
      await browser.submit({ email, password: 'a password of everybody' }, 'sign-in')
      expect(browser.answer().get('error')).toBe('login_required')
    }
  })
})

describe('open registration', () => {
  it('has a ceiling for clients that are not used yet, also for registrations at the same time', async () => {
    const limited = await createApi({ maxOpenRegistrations: 3 })
    await limited.send(limited.owner, 'PUT', POLICY, { body: { policy: 'open' } })
    const body = { name: 'Developer', uses: 10, expiresIn: 3600, scopes: ['openid'] }
    const made = await limited.send(limited.owner, 'POST', '/v1/admin/initial-access-tokens', { body })
    const { token } = made.json<{ token: string }>()
    const attempt = (headers = {}) =>
      limited.app.inject({
        method: 'POST',
        url: '/oauth2/register',
        payload: { redirect_uris: [REDIRECT_URI] },
        headers,
      })
    const answers = await Promise.all(Array.from({ length: 8 }, () => attempt()))
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(3)
    for (const answer of answers.filter(({ statusCode }) => statusCode !== 201)) {
      expect([answer.statusCode, answer.json()]).toMatchObject([
        403,
        { error: 'access_denied', error_description: expect.stringMatching(/reached its limit/) },
      ])
    }
    // Holders of tokens are not concerned, and a client that was used makes room.
    expect((await attempt({ authorization: `Bearer ${token}` })).statusCode).toBe(201)
    expect((await attempt()).statusCode).toBe(403)
    const [first] = await limited.prisma.clientRegistration.findMany({ where: { expiresAt: { not: null } } })
    await limited.prisma.clientRegistration.update({
      where: { clientId: first?.clientId ?? '' },
      data: { expiresAt: null },
    })
    expect((await attempt()).statusCode).toBe(201)
    await limited.close()
  })
})
