import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readErrorPage, readOAuthError, readRedirect } from '../../../support/read-response.ts'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, OWNER, type RegisteredTestClient } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const PREFIX = 'urn:ietf:params:oauth:request_uri:'
const OTHER_URI = 'https://app.example.com/other'
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

let api: Api
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let cookie: string
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }

beforeAll(async () => {
  api = await createApi()
  pair = await generateKeyPair('ES256', { extractable: true })
})
afterAll(() => api.close())
beforeEach(async () => {
  client = await api.registerClient({ clientType: 'confidential', redirectUris: [REDIRECT_URI, OTHER_URI] })
  rp = relyingParty(api, client)
  cookie = await api.signIn()
})

const seconds = () => Math.floor(api.clock.now().getTime() / 1000)
const sign = (claims: JWTPayload, key = pair.privateKey) =>
  new SignJWT({ exp: seconds() + 60, ...claims }).setProtectedHeader({ alg: 'ES256' }).sign(key)
const keyed = async (settings: Record<string, unknown> = {}) =>
  api.registerClient({
    clientType: 'confidential',
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [await exportJWK(pair.publicKey)] },
    ...settings,
  })
const assertion = async ({ clientId }: RegisteredTestClient, aud: string | string[] = ISSUER) => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: await sign({ iss: clientId, sub: clientId, aud, jti: crypto.randomUUID() }),
})
/** A request of a browser with a session, without a page. */
const visit = (url: string, headers: Record<string, string> = { cookie }) => api.app.inject({ url, headers })
const rowsOf = (id: string) => api.prisma.pushedAuthorizationRequest.findMany({ where: { clientId: id } })

describe('RFC 9126 §2.1, §2.2: a client pushes its request', () => {
  it('and receives an unguessable reference', async () => {
    const answer = await rp.push()
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store'])
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    const pushed = answer.json<{ request_uri: string; expires_in: number }>()
    expect(pushed).toEqual({
      request_uri: expect.stringMatching(/^urn:ietf:params:oauth:request_uri:[\w-]{43}$/),
      expires_in: 60,
    })
    const [row] = await rowsOf(client.id)
    expect(row).toMatchObject({ organisationId: api.owner.organisation.id, parameters: rp.request() })
    const reference = pushed.request_uri.slice(PREFIX.length)
    const [{ text } = { text: '' }] = await api.prisma.$queryRawUnsafe<{ text: string }[]>(
      `SELECT p::text AS text FROM pushed_authorization_requests p WHERE client_id = '${client.id}'`,
    )
    for (const form of [
      reference,
      Buffer.from(reference).toString('hex'),
      Buffer.from(reference, 'base64url').toString('hex'),
    ]) {
      expect(text).not.toContain(form)
    }
  })

  it("is stored without the client's credentials", async () => {
    const posting = await api.registerClient({
      clientType: 'confidential',
      tokenEndpointAuthMethod: 'client_secret_post',
    })
    const secret = { client_id: posting.clientId, client_secret: posting.clientSecret ?? '' }
    const byKey = await keyed()
    for (const [of, proof] of [
      [posting, secret],
      [byKey, await assertion(byKey)],
    ] as const) {
      const as = relyingParty(api, of)
      expect((await rp.post('/oauth2/par', { ...as.request(), ...proof })).statusCode).toBe(201)
      const [row] = await rowsOf(of.id)
      expect(Object.keys(row?.parameters as object).filter((name) => /secret|assertion/.test(name))).toEqual([])
    }
  })

  it('need not send its client_id twice', async () => {
    const answer = await rp.push({ client_id: undefined })
    expect(answer.statusCode).toBe(201)
    const [row] = await rowsOf(client.id)
    expect(row?.parameters).toMatchObject({ client_id: client.clientId })
  })

  it('authenticates by its registered method, as the client that it names', async () => {
    const other = await api.registerClient({ clientType: 'confidential' })
    const byKey = await keyed()
    const refused = [
      await rp.post('/oauth2/par', rp.request()),
      await rp.push({}, { authorization: `Basic ${Buffer.from(`${client.clientId}:wrong`).toString('base64')}` }),
      await rp.push({ client_id: other.clientId }),
      await rp.push({ client_secret: client.clientSecret ?? '' }),
      await rp.post('/oauth2/par', relyingParty(api, byKey).request()),
      await rp.post('/oauth2/par', { ...rp.request(), ...(await assertion(byKey)) }),
    ]
    expect(refused.map(readOAuthError)).toEqual(
      refused.map(() => ({ status: 401, error: 'invalid_client', cache: 'no-store' })),
    )
    const open = await api.registerClient()
    expect((await relyingParty(api, open).push()).statusCode).toBe(201)
  })

  it.each([
    ['the issuer', ISSUER],
    ['the token endpoint', `${ISSUER}/oauth2/token`],
    ['this endpoint', `${ISSUER}/oauth2/par`],
  ])('§2 authenticates by an assertion for %s', async (_, aud) => {
    const byKey = await keyed()
    const once = { ...relyingParty(api, byKey).request(), ...(await assertion(byKey, aud)) }
    expect((await rp.post('/oauth2/par', once)).statusCode).toBe(201)
    expect((await rp.post('/oauth2/par', once)).statusCode).toBe(401)
  })

  it('§2 and under the profile oauth2.1 only by one for the issuer', async () => {
    const byKey = await keyed({ profile: 'oauth2.1', scopes: ['openid'] })
    const as = relyingParty(api, byKey)
    const status = async (aud: string | string[]) =>
      (await rp.post('/oauth2/par', { ...as.request({ scope: 'openid' }), ...(await assertion(byKey, aud)) }))
        .statusCode
    expect(await Promise.all([ISSUER, [ISSUER], `${ISSUER}/oauth2/par`].map(status))).toEqual([201, 401, 401])
  })
})

describe('RFC 9126 §2.1, §2.3: errors of the authorization endpoint are returned immediately', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ['a reference', { request_uri: `${PREFIX}x` }, 'invalid_request'],
    ['an address of a request object', { request_uri: 'https://app.example.com/object' }, 'invalid_request'],
    ['no redirect URI', { redirect_uri: undefined }, 'invalid_request'],
    [
      'a redirect URI that is not registered (§2.4)',
      { redirect_uri: 'https://app.example.com/new' },
      'invalid_request',
    ],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['an unknown response type', { response_type: 'cookie' }, 'unsupported_response_type'],
    ['a response type that is not its own', { response_type: 'id_token', nonce: 'n' }, 'unauthorized_client'],
    ['a scope that is not its own', { scope: 'openid admin' }, 'invalid_scope'],
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge that is the verifier', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown response mode', { response_mode: 'pigeon' }, 'invalid_request'],
    ['a prompt that contradicts itself', { prompt: 'none login' }, 'invalid_request'],
    ['an invalid hint', { id_token_hint: 'x' }, 'invalid_request'],
    ['a state without end', { state: 's'.repeat(8_193) }, 'invalid_request'],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['an invalid request object', { request: 'x' }, 'invalid_request_object'],
  ])('%s', async (_, more, error) => {
    const answer = await rp.push(more)
    expect(readOAuthError(answer)).toEqual({ status: 400, error, cache: 'no-store' })
    expect(answer.headers.location).toBeUndefined()
    expect(await rowsOf(client.id)).toEqual([])
  })

  it('a parameter that is sent twice', async () => {
    const form = `${new URLSearchParams({ ...rp.request(), client_id: client.clientId })}&scope=openid`
    const authorization = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`
    const answer = await api.app.inject({
      method: 'POST',
      url: '/oauth2/par',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      payload: form,
    })
    expect(readOAuthError(answer)).toMatchObject({ status: 400, error: 'invalid_request' })
  })

  it('a body that is too large, is not a form, or is missing', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const send = (method: 'POST' | 'GET' | 'PUT' | 'DELETE', payload?: string, type = headers) =>
      api.app.inject({ method, url: '/oauth2/par', headers: type, ...(payload !== undefined && { payload }) })
    const answers = [
      await send('POST', 'a'.repeat(40_000)),
      await send('POST', '{}', { 'content-type': 'application/json' }),
      await send('GET'),
      await send('PUT', 'a=b'),
      await send('DELETE'),
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([413, 400, 405, 405, 405])
    expect(answers.map((answer) => readOAuthError(answer).error)).toEqual(answers.map(() => 'invalid_request'))
    expect(answers[2]?.headers['allow']).toBe('POST')
  })

  it('and administrators can read why, by the id of the request', async () => {
    const answer = await rp.push({ scope: 'openid admin', state: 'very-secret' })
    const reference = String(answer.headers['x-request-id'])
    const read = () => visit(`/v1/admin/traces/${reference}`)
    await expect.poll(async () => (await read()).statusCode).toBe(200)
    const { checks } = (await read()).json<{ checks: { name: string; outcome: string }[] }>()
    expect(checks.find(({ outcome }) => outcome === 'failed')).toMatchObject({ name: 'scope' })
    expect((await read()).body).not.toContain('very-secret')
  })
})

describe('RFC 9126 §3: a client pushes a request object', () => {
  it('and the whole request is in it', async () => {
    const byKey = await keyed({ redirectUris: [REDIRECT_URI, OTHER_URI] })
    const as = relyingParty(api, byKey)
    const claims = { ...as.request({ redirect_uri: OTHER_URI, state: 'inside' }), iss: byKey.clientId, aud: ISSUER }
    const push = async (request: string, more: Record<string, string> = {}) =>
      rp.post('/oauth2/par', { client_id: byKey.clientId, ...more, request, ...(await assertion(byKey)) })
    const answer = await push(await sign(claims), { state: 'outside', nonce: 'outside' })
    expect(answer.statusCode).toBe(201)
    const [row] = await rowsOf(byKey.id)
    expect(row?.parameters).toEqual(as.request({ redirect_uri: OTHER_URI, state: 'inside' }))
    const { request_uri } = answer.json<{ request_uri: string }>()
    const at = `/oauth2/authorize?${new URLSearchParams({ client_id: byKey.clientId, request_uri })}`
    expect(readRedirect(await visit(at))).toMatchObject({ code: expect.any(String), state: 'inside' })

    const stranger = await generateKeyPair('ES256')
    const refused = [
      await push(await sign({ ...claims, client_id: client.clientId })),
      await push(await sign({ ...claims, request_uri: `${PREFIX}x` })),
      await push(await sign(claims, stranger.privateKey)),
      await push(await sign({ ...claims, exp: seconds() - 120 })),
    ]
    expect(refused.map((each) => readOAuthError(each).error)).toEqual(refused.map(() => 'invalid_request_object'))
    expect(
      readOAuthError(await push(await sign({ ...claims, redirect_uri: undefined }), { redirect_uri: REDIRECT_URI })),
    ).toMatchObject({ error: 'invalid_request' })
  })

  it('if the client must sign its requests, and parameters are rejected', async () => {
    const byKey = await keyed({ requireSignedRequestObject: true })
    const as = relyingParty(api, byKey)
    const plain = await rp.post('/oauth2/par', { ...as.request(), ...(await assertion(byKey)) })
    expect(readOAuthError(plain)).toMatchObject({ status: 400, error: 'invalid_request' })
    const request = await sign(as.request())
    const signed = await rp.post('/oauth2/par', { client_id: byKey.clientId, request, ...(await assertion(byKey)) })
    const { request_uri } = signed.json<{ request_uri: string }>()
    const at = `/oauth2/authorize?${new URLSearchParams({ client_id: byKey.clientId, request_uri })}`
    expect(readRedirect(await visit(at))).toHaveProperty('code')
  })
})

describe('RFC 9126 §4: the browser presents the reference', () => {
  it('and the client receives its tokens', async () => {
    const url = await rp.pushedUrl({ nonce: 'the-nonce' })
    const { code = '', state, iss, ...more } = readRedirect(await visit(url))
    expect([state, iss, Object.keys(more)]).toEqual(['a-state', ISSUER, ['session_state']])
    const answer = await rp.exchange(code)
    expect(answer.statusCode).toBe(200)
  })

  it('also by a form', async () => {
    const url = new URL(await rp.pushedUrl(), ISSUER)
    const answer = await rp.post('/oauth2/authorize', Object.fromEntries(url.searchParams), { cookie })
    expect(readRedirect(answer)).toHaveProperty('code')
  })

  it('parameters beside it are ignored', async () => {
    const beside = {
      redirect_uri: OTHER_URI,
      state: 'outside',
      scope: 'openid',
      response_type: 'id_token',
      response_mode: 'fragment',
      prompt: 'login',
      code_challenge: 'x'.repeat(43),
      nonce: 'outside',
      response_uri: 'https://elsewhere.example.com',
    }
    const answer = await visit(`${await rp.pushedUrl()}&${new URLSearchParams(beside)}`)
    expect(answer.headers.location).toMatch(`${REDIRECT_URI}?`)
    const { code = '', state } = readRedirect(answer)
    expect(state).toBe('a-state')
    expect((await rp.exchange(code)).json()).toMatchObject({ scope: 'openid profile email' })
  })

  it('and its parameters do not appear in URLs or cookies', async () => {
    const url = await rp.pushedUrl({ state: 'very-secret-state', login_hint: 'very-secret-hint@example.com' })
    const browser = api.browser()
    await browser.get(url)
    const seen = [browser.url, ...browser.cookies.values(), ...[browser.page.headers['set-cookie']].flat()].join(' ')
    expect(browser.url).toMatch(/\/auth\/login\?request=/)
    expect(seen).not.toMatch(/very-secret|code_challenge|redirect_uri/)
    await browser.submit(OWNER, 'sign-in')
    expect(browser.answer().get('state')).toBe('very-secret-state')
  })

  it('any number of times, in any browser, until the first response', async () => {
    const url = await rp.pushedUrl()
    const [one, two] = [api.browser(), api.browser()]
    for (const browser of [one, two, one]) {
      await browser.get(url)
      expect(browser.page.statusCode).toBe(200)
    }
    await one.submit(OWNER, 'sign-in')
    expect(one.answer().get('code')).not.toBeNull()
    // The second browser has a request that was already answered.
    await two.submit(OWNER, 'sign-in')
    expect([two.answer().get('error'), two.answer().get('code')]).toEqual(['invalid_request', null])
    await one.get(url)
    expect(readErrorPage(one.page)).toEqual({ status: 400, code: 'invalid_request_uri', location: undefined })
    expect(await rowsOf(client.id)).toEqual([])
  })

  it.each([
    ['with a session and without a page', {}, {}],
    ['silently', { prompt: 'none' }, {}],
    ['silently, in vain', { prompt: 'none' }, { cookie: '' }],
  ])('§7.3 and has one response: %s', async (_, more, headers) => {
    const url = await rp.pushedUrl(more)
    const first = await visit(url, { cookie, ...headers })
    expect(first.headers.location).toMatch(/[?&](code|error)=/)
    expect(readErrorPage(await visit(url))).toMatchObject({ code: 'invalid_request_uri', location: undefined })
  })

  it('§7.3 one response also if the user denies or cancels', async () => {
    const asking = await api.registerClient({ requireConsent: true })
    for (const [of, way] of [
      [asking, 'deny'],
      [client, 'cancel'],
    ] as const) {
      const url = await relyingParty(api, of).pushedUrl()
      const browser = api.browser()
      await browser.get(url)
      if (way === 'deny') await browser.submit(OWNER, 'sign-in')
      await browser.submit({}, way)
      expect(browser.answer().get('error')).toBe('access_denied')
      await browser.get(url)
      expect(readErrorPage(browser.page)).toMatchObject({ code: 'invalid_request_uri' })
    }
  })

  it('§7.3 and one response under concurrency, too', async () => {
    const url = await rp.pushedUrl()
    const answers = await Promise.all(Array.from({ length: 8 }, () => visit(url)))
    expect(answers.filter(({ headers }) => headers.location?.includes('code='))).toHaveLength(1)
    expect(answers.every(({ statusCode }) => statusCode < 500)).toBe(true)
    expect(await api.prisma.grant.count({ where: { clientId: client.id } })).toBe(1)
  })

  it('before it expires; a user who came in time may finish', async () => {
    const brief = await api.registerClient({ pushedAuthorizationRequestLifetime: 5 })
    const as = relyingParty(api, brief)
    expect((await as.push()).json()).toMatchObject({ expires_in: 5 })
    const url = await as.pushedUrl()
    const browser = api.browser()
    await browser.get(url)
    api.clock.advance(5)
    expect(readErrorPage(await visit(url))).toMatchObject({ status: 400, code: 'invalid_request_uri' })
    api.clock.advance(1_700)
    await api.repositories.sweep(api.clock.now())
    await browser.submit(OWNER, 'sign-in')
    expect(browser.answer().get('code')).not.toBeNull()
  })

  it('of its own client only', async () => {
    const other = await api.registerClient({ clientType: 'confidential' })
    const strangers = await api.addOrganisation('strangers-of-par')
    const { clientId } = await api.prisma.client.update({
      where: { id: (await api.registerClient()).id },
      data: { organisationId: strangers.id },
    })
    const url = new URL(await rp.pushedUrl(), ISSUER)
    for (const foreign of [other.clientId, clientId]) {
      url.searchParams.set('client_id', foreign)
      const answer = await visit(url.pathname + url.search)
      expect(readErrorPage(answer)).toMatchObject({
        location: undefined,
        code: expect.stringMatching(/^(invalid_request_uri|unknown_client)$/),
      })
    }
    url.searchParams.delete('client_id')
    expect(readErrorPage(await visit(url.pathname + url.search))).toMatchObject({ code: 'invalid_request' })
    url.searchParams.set('client_id', client.clientId)
    expect(readRedirect(await visit(url.pathname + url.search))).toHaveProperty('code')
  })

  it.each([
    ['one that was made up', `${PREFIX}${'x'.repeat(43)}`, '', 'invalid_request_uri'],
    ['one that is empty', PREFIX, '', 'invalid_request_uri'],
    ['one that is endless', `${PREFIX}${'x'.repeat(9_000)}`, '', 'invalid_request_uri'],
    ['one beside a request object', undefined, '&request=x', 'invalid_request'],
    ['one twice', undefined, `&request_uri=${PREFIX}x`, 'invalid_request'],
    ['one and another way back twice', undefined, '&state=a&state=b', 'invalid_request'],
  ])('and never redirects for %s', async (_, made, more, code) => {
    const url =
      made === undefined
        ? await rp.pushedUrl()
        : `/oauth2/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri: made, redirect_uri: REDIRECT_URI })}`
    expect(readErrorPage(await visit(url + more))).toEqual({ status: 400, code, location: undefined })
  })

  it('§7.4 and is validated again, because the client may have changed', async () => {
    const [first, second] = [await rp.pushedUrl(), await rp.pushedUrl()]
    const change = (body: object) => api.send(api.owner, 'PATCH', `/v1/admin/clients/${client.id}`, { body })
    await change({ scopes: ['openid'] })
    expect(readRedirect(await visit(first))).toMatchObject({ error: 'invalid_scope', state: 'a-state' })
    await change({ isActive: false })
    expect(readErrorPage(await visit(second))).toMatchObject({ code: 'unknown_client', location: undefined })
  })
})

describe('RFC 9126 §5, §6: clients that must push', () => {
  it('is published in the metadata', async () => {
    const metadata = (await api.app.inject('/.well-known/oauth-authorization-server')).json<Record<string, unknown>>()
    expect(metadata).toMatchObject({
      pushed_authorization_request_endpoint: `${ISSUER}/oauth2/par`,
      require_pushed_authorization_requests: false,
    })
  })

  it('cannot send other requests', async () => {
    const jwks = { keys: [await exportJWK(pair.publicKey)] }
    const bound = await api.registerClient({ requirePushedAuthorizationRequests: true, jwks })
    const as = relyingParty(api, bound)
    const request = await sign({ ...as.request(), iss: bound.clientId })
    for (const url of [as.authorizeUrl(), as.authorizeUrl({ request })]) {
      const refused = readRedirect(await visit(url))
      expect(refused).toMatchObject({
        error: 'invalid_request',
        state: 'a-state',
        error_description: expect.stringContaining('RFC 9126'),
      })
    }
    const elsewhere = as.authorizeUrl({ redirect_uri: 'https://evil.example' })
    expect(readErrorPage(await visit(elsewhere))).toMatchObject({ code: 'invalid_request', location: undefined })
    expect(readRedirect(await visit(await as.pushedUrl()))).toHaveProperty('code')
  })

  it('registers it itself, and gets it in the response', async () => {
    await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    const register = (metadata: object) =>
      api.app.inject({
        method: 'POST',
        url: '/oauth2/register',
        payload: { redirect_uris: [REDIRECT_URI], ...metadata },
      })
    const registered = await register({ require_pushed_authorization_requests: true })
    expect(registered.json()).toMatchObject({ require_pushed_authorization_requests: true })
    expect((await register({})).json()).toMatchObject({ require_pushed_authorization_requests: false })
    expect((await register({ require_pushed_authorization_requests: 'yes' })).json()).toMatchObject({
      error: 'invalid_client_metadata',
      error_description: expect.stringContaining('require_pushed_authorization_requests'),
    })
  })

  it.each([
    [5, 201],
    [600, 201],
    [4, 400],
    [601, 400],
  ])('has %i seconds to use it; status %i', async (pushedAuthorizationRequestLifetime, status) => {
    const body = { name: 'A', clientType: 'public', redirectUris: [REDIRECT_URI], pushedAuthorizationRequestLifetime }
    expect((await api.send(api.owner, 'POST', '/v1/admin/clients', { body })).statusCode).toBe(status)
  })

  it('is tested with a pushed request, and gets advice for one that is not pushed', async () => {
    const { id } = await api.registerClient({ requirePushedAuthorizationRequests: true })
    const test = async (body: object) =>
      (await api.send(api.owner, 'POST', `/v1/admin/clients/${id}/test`, { body })).json<{
        request: { name: string; outcome: string; advice: string | null }[]
      }>().request
    expect((await test({})).map(({ outcome }) => outcome)).not.toContain('failed')
    const failed = (checks: Awaited<ReturnType<typeof test>>) => checks.filter(({ outcome }) => outcome === 'failed')
    const parameters = { response_type: 'code', redirect_uri: REDIRECT_URI }
    expect(failed(await test({ parameters }))).toMatchObject([
      { name: 'pushed_request', advice: expect.stringContaining('RFC 9126') },
    ])
    const unknown = { request_uri: `${PREFIX}${'x'.repeat(43)}` }
    expect(failed(await test({ parameters: unknown }))).toMatchObject([{ name: 'pushed_request' }])
  })
})

describe('RFC 9126 §7: stored requests', () => {
  it('is swept after its expiry', async () => {
    const before = (await rp.push()).statusCode
    const count = async () => (await rowsOf(client.id)).length
    const afterSweep = async (advance: number) => {
      api.clock.advance(advance)
      await api.repositories.sweep(api.clock.now())
      return count()
    }
    expect([before, await afterSweep(59), await afterSweep(2)]).toEqual([201, 1, 0])
  })

  it('is rate-limited for unauthenticated clients', async () => {
    const limited = await createApi({ limits: { general: { max: 5, window: 60 } } })
    const open = relyingParty(limited, await limited.registerClient())
    const proven = relyingParty(limited, await limited.registerClient({ clientType: 'confidential' }))
    const statuses = async (as: typeof open) => {
      const answers = []
      for (let count = 0; count < 8; count += 1) answers.push((await as.push()).statusCode)
      return answers
    }
    expect(new Set(await statuses(proven))).toEqual(new Set([201]))
    expect((await statuses(open)).at(-1)).toBe(429)
    await limited.close()
  })
})
