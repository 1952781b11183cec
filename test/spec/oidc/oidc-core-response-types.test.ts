import { createHash } from 'node:crypto'
import { createLocalJWKSet, jwtVerify, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import { readForm, type Browser } from '../../support/browser.ts'
import { keySet } from '../../support/published-keys.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../support/relying-party.ts'

const FRONT = ['id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
const SETTINGS = {
  grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
  responseTypes: ['code', ...FRONT],
  requireConsent: false,
  clientType: 'confidential',
}
const words = (type: string) => type.split(' ')
const withWord = (word: string) => FRONT.filter((type) => words(type).includes(word))

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let signedIn: Browser

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient(SETTINGS)
  rp = relyingParty(test, client)
  signedIn = await test.signedInBrowser()
  await test.database.prisma.user.updateMany({
    data: { givenName: 'Olive', familyName: 'Owner', birthdate: '1980-01-02' },
  })
})
afterAll(() => test.close())

const plain = { nonce: 'n-0S6_WzA2Mj' }

/** The parameters of the response, and their place in the redirect. */
async function ask(more: Record<string, string | undefined>, { browser = signedIn, as = rp } = {}) {
  await browser.get(as.authorizeUrl({ ...plain, ...more }))
  const url = new URL(browser.url)
  return {
    answer: Object.fromEntries(browser.answer()),
    query: url.search,
    fragment: url.hash,
    to: url.origin + url.pathname,
  }
}

async function idToken(token: string | undefined, algorithm = 'RS256', of = client): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token ?? '', createLocalJWKSet(await keySet(test)), {
    issuer: ISSUER,
    audience: of.clientId,
    typ: 'JWT',
    algorithms: [algorithm],
    currentDate: test.clock.now(),
    requiredClaims: ['iat', 'exp', 'sub', 'nonce', 'auth_time'],
  })
  return payload
}

const half = (value: string | undefined, name: string) => {
  const digest = createHash(name)
    .update(value ?? '')
    .digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

describe.each(FRONT)('OpenID Connect Core §3.2, §3.3 response_type=%s', (type) => {
  it('returns in the fragment exactly what it names', async () => {
    const { answer, query, to } = await ask({ response_type: type })
    expect([to, query]).toEqual([REDIRECT_URI, ''])
    expect(Object.keys(answer).sort()).toEqual(
      [
        ...(words(type).includes('code') ? ['code'] : []),
        ...(words(type).includes('token') ? ['access_token', 'expires_in', 'scope', 'token_type'] : []),
        ...(words(type).includes('id_token') ? ['id_token'] : []),
        'iss',
        'session_state',
        'state',
      ].sort(),
    )
    expect(answer).toMatchObject({ iss: ISSUER, state: 'a-state' })
  })

  it('means the same in any order of words', async () => {
    const { answer } = await ask({ response_type: words(type).toReversed().join(' ') })
    expect(answer['error']).toBeUndefined()
  })

  it('works with form_post too', async () => {
    const { page } = await signedIn.get(rp.authorizeUrl({ ...plain, response_type: type, response_mode: 'form_post' }))
    const { action, hidden } = readForm(page.body)
    expect(action).toBe(REDIRECT_URI)
    expect(Object.keys(hidden)).toEqual(expect.arrayContaining(['iss', 'state']))
    expect(hidden['error']).toBeUndefined()
  })

  it('goes through sign-in and back', async () => {
    const browser = test.browser()
    await browser.get(rp.authorizeUrl({ ...plain, response_type: type }))
    await browser.submit(OWNER, 'sign-in')
    expect(browser.url).toMatch(/^https:\/\/app\.example\.com\/callback#/)
    expect(browser.answer().get('error')).toBeNull()
  })

  it.each([
    ['query as its mode', { response_mode: 'query' }, 'invalid_request'],
    ['an unknown mode', { response_mode: 'web_message' }, 'invalid_request'],
    ['a scope that is not registered', { scope: 'openid admin' }, 'invalid_scope'],
    ['prompt=none without a session', { prompt: 'none' }, 'login_required'],
  ])('with %s is rejected in the fragment', async (_, more, error) => {
    const { answer, query } = await ask({ response_type: type, ...more }, { browser: test.browser() })
    expect([answer['error'], answer['state'], answer['iss'], query]).toEqual([error, 'a-state', ISSUER, ''])
  })

  it('§3.2.2.1 requires nonce and openid only for an ID token in the front channel', async () => {
    const carried = words(type).includes('id_token')
    const { answer: bare } = await ask({ response_type: type, nonce: undefined })
    expect(bare['error']).toBe(carried ? 'invalid_request' : undefined)
    const { answer: unopened } = await ask({ response_type: type, scope: 'profile' })
    expect(unopened['error']).toBe(carried ? 'invalid_request' : undefined)
  })

  it('is rejected in the fragment for a client that did not register it', async () => {
    const plainClient = relyingParty(test, await test.registerClient())
    const { answer, query } = await ask({ response_type: type }, { as: plainClient })
    expect([answer['error'], query]).toEqual(['unauthorized_client', ''])
  })

  it('requires PKCE if there is a code', async () => {
    const { answer } = await ask({ response_type: type, code_challenge: undefined, code_challenge_method: undefined })
    expect(answer['error']).toBe(words(type).includes('code') ? 'invalid_request' : undefined)
  })
})

describe.each(withWord('id_token'))('the ID token of response_type=%s', (type) => {
  it('§3.2.2.10, §3.3.2.11 the ID token is bound to the request, the code and the access token', async () => {
    const { answer } = await ask({ response_type: type })
    const claims = await idToken(answer['id_token'])
    expect(claims).toMatchObject({ nonce: plain.nonce, sub: (await test.database.prisma.user.findFirstOrThrow()).id })
    expect(claims['at_hash']).toBe(words(type).includes('token') ? half(answer['access_token'], 'sha256') : undefined)
    expect(claims['c_hash']).toBe(words(type).includes('code') ? half(answer['code'], 'sha256') : undefined)
  })

  it('§5.4 the ID token contains the claims of scopes only without an access token', async () => {
    const { answer } = await ask({ response_type: type })
    const claims = await idToken(answer['id_token'])
    const person = { given_name: 'Olive', family_name: 'Owner', birthdate: '1980-01-02', email: OWNER.email }
    const names = Object.keys(claims).filter((name) => Object.hasOwn(person, name))
    expect(Object.fromEntries(names.map((name) => [name, claims[name]]))).toEqual(type === 'id_token' ? person : {})
  })

  it('the ID token contains them with an access token too, if the client is configured so', async () => {
    const wanting = await test.registerClient({ ...SETTINGS, includeClaimsInIdToken: true })
    const { answer } = await ask({ response_type: type }, { as: relyingParty(test, wanting) })
    expect(await idToken(answer['id_token'], 'RS256', wanting)).toMatchObject({
      given_name: 'Olive',
      birthdate: '1980-01-02',
      email: OWNER.email,
      nonce: plain.nonce,
    })
  })
})

describe.each(withWord('token'))('the access token of response_type=%s', (type) => {
  it('the access token is valid until the browser session ends', async () => {
    const browser = await test.signedInBrowser()
    const { answer } = await ask({ response_type: type, scope: 'openid profile email offline_access' }, { browser })
    const token = answer['access_token']
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3600' })
    expect((await rp.userinfo(token ?? '')).json()).toMatchObject({ given_name: 'Olive' })
    await test.app.inject({
      method: 'POST',
      url: '/v1/auth/logout',
      headers: { cookie: `cerb_sid=${browser.cookies.get('cerb_sid')}` },
    })
    // With a code, offline_access was granted and outlives the session. Without a code there is no refresh token.
    expect((await rp.userinfo(token ?? '')).statusCode).toBe(words(type).includes('code') ? 200 : 401)
  })
})

describe.each(withWord('code'))('the code of response_type=%s', (type) => {
  it('§3.3.3 the code yields tokens for the same user, and its replay revokes the front-channel tokens', async () => {
    const { answer } = await ask({ response_type: type })
    const { code = '' } = answer
    const tokens = (await rp.exchange(code)).json<Tokens>()
    const back = await idToken(tokens.id_token)
    const front = answer['id_token'] === undefined ? back : await idToken(answer['id_token'])
    for (const claim of ['iss', 'sub', 'aud', 'nonce', 'auth_time', 'sid']) expect(back[claim]).toEqual(front[claim])
    expect((await rp.exchange(code)).json()).toMatchObject({ error: 'invalid_grant' })
    for (const token of [tokens.access_token, answer['access_token'] ?? tokens.access_token]) {
      expect((await rp.userinfo(token)).statusCode).toBe(401)
    }
  })
})

describe('the hybrid flow', () => {
  it.each([
    ['EdDSA', 'sha512'],
    ['Ed25519', 'sha512'],
    ['ES384', 'sha384'],
    ['PS512', 'sha512'],
  ])('hashes by the algorithm of the ID token: %s by %s', async (alg, digest) => {
    const other = await test.registerClient({ ...SETTINGS, idTokenSignedResponseAlg: alg })
    const { answer } = await ask({ response_type: 'code id_token token' }, { as: relyingParty(test, other) })
    expect(await idToken(answer['id_token'], alg, other)).toMatchObject({
      at_hash: half(answer['access_token'], digest),
      c_hash: half(answer['code'], digest),
    })
  })

  it('records an audit event for a front-channel token if the organisation audits tokens', async () => {
    const { prisma } = test.database
    await prisma.organisation.updateMany({ data: { auditTokens: true } })
    const audited = await test.registerClient(SETTINGS)
    const before = await prisma.auditEvent.count({ where: { type: 'oauth2.token_issued' } })
    await ask({ response_type: 'id_token token' }, { as: relyingParty(test, audited) })
    await ask({ response_type: 'id_token' }, { as: relyingParty(test, audited) })
    const events = await prisma.auditEvent.findMany({ where: { type: 'oauth2.token_issued' }, orderBy: { id: 'asc' } })
    expect(events).toHaveLength(before + 1)
    expect(events.at(-1)).toMatchObject({ clientId: audited.id, metadata: { grant_type: 'implicit' } })
    await prisma.organisation.updateMany({ data: { auditTokens: false } })
  })

  it('is removed by the retention sweep, with or without a code', async () => {
    const { prisma } = test.database
    const browser = await test.signedInBrowser()
    test.clock.advance(1)
    const started = test.clock.now()
    await ask({ response_type: 'id_token token' }, { browser })
    const own = await prisma.grant.findFirstOrThrow({ where: { createdAt: { gte: started } }, orderBy: { id: 'desc' } })
    test.clock.advance(86_400)
    await test.repositories.sweep(test.clock.now())
    expect(await prisma.grant.count({ where: { id: own.id } })).toBe(1)
    test.clock.advance(1_000)
    await test.repositories.sweep(test.clock.now())
    expect(await prisma.grant.count({ where: { id: own.id } })).toBe(0)
  })
})
