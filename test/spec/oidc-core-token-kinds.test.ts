import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedirect } from '../support/answers.ts'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../support/app.ts'
import { readForm, type Browser } from '../support/browser.ts'
import { REDIRECT_URI, relyingParty } from '../support/relying-party.ts'

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  // One algorithm, and so one key, for both: nothing but their type tells an access token from an ID token.
  client = await test.registerClient({
    clientType: 'confidential',
    idTokenSignedResponseAlg: 'ES256',
    accessTokenSigningAlg: 'ES256',
  })
  rp = relyingParty(test, client)
  browser = await test.signedInBrowser()
})
afterAll(() => test.close())

const silently = async (cookie: string, more: Record<string, string> = {}) => {
  const url = rp.authorizeUrl({ prompt: 'none', ...more })
  return (
    'code' in readRedirect(await test.app.inject({ method: 'GET', url, headers: { cookie: `cerb_sid=${cookie}` } }))
  )
}
const ofBrowser = () => browser.cookies.get('cerb_sid') ?? ''
let stranger: Browser
let machine: RegisteredTestClient

/** The format of access tokens from now on. Nothing but their form tells those of one from those of the other. */
async function give(accessTokenFormat: 'jwt' | 'opaque'): Promise<void> {
  const answer = await test.app.inject({
    method: 'PATCH',
    url: `/v1/admin/clients/${client.id}`,
    headers: { cookie: await test.signIn(), 'x-org-domain': 'acme' },
    payload: { accessTokenFormat },
  })
  expect(answer.statusCode).toBe(200)
}

/** How each kind of secret is come by. */
const kinds = {
  code: () => rp.code(browser),
  'access token': async () => (await rp.tokens(browser)).access_token,
  'opaque access token': async () => {
    await give('opaque')
    const { access_token } = await rp.tokens(browser)
    await give('jwt')
    return access_token
  },
  'refresh token': async () => (await rp.tokens(browser)).refresh_token,
  'ID token': async () => (await rp.tokens(browser)).id_token,
  'session cookie': async () => (await test.signIn()).slice('cerb_sid='.length),
  'client secret': async () => {
    machine = await test.registerClient({ clientType: 'confidential' })
    return machine.clientSecret ?? ''
  },
  'form token': async () => {
    stranger = await test.browser().get(rp.authorizeUrl())
    return readForm(stranger.page.body).hidden['csrf'] ?? ''
  },
}
type Kind = keyof typeof kinds

/** Whether a secret still does what it is for. */
const works: Record<Kind, (secret: string) => Promise<boolean>> = {
  code: async (code) => (await rp.exchange(code)).statusCode === 200,
  'access token': async (token) => (await rp.userinfo(token)).statusCode === 200,
  'opaque access token': async (token) => (await rp.userinfo(token)).statusCode === 200,
  'refresh token': async (token) => (await rp.refresh(token)).statusCode === 200,
  'ID token': (token) => silently(ofBrowser(), { id_token_hint: token }),
  'session cookie': (cookie) => silently(cookie),
  'client secret': async (secret) => {
    const authorization = `Basic ${Buffer.from(`${machine.clientId}:${secret}`).toString('base64')}`
    return (await rp.post('/oauth2/introspect', { token: 'x' }, { authorization })).statusCode === 200
  },
  'form token': async (csrf) => {
    await stranger.submit({ ...OWNER, csrf }, 'sign-in')
    return stranger.url.startsWith(REDIRECT_URI)
  },
}

/** Whether a place takes a secret for what it wants. */
const places = {
  'as code': async (secret: string) => (await rp.exchange(secret)).statusCode === 200,
  'as refresh_token': async (secret: string) => (await rp.refresh(secret)).statusCode === 200,
  'as bearer token of userinfo': async (secret: string) => (await rp.userinfo(secret)).statusCode === 200,
  'as bearer token of /v1/me': async (secret: string) => {
    const headers = { authorization: `Bearer ${secret}` }
    return (await test.app.inject({ method: 'GET', url: '/v1/me/profile', headers })).statusCode === 200
  },
  'for introspection': async (secret: string) => (await rp.introspect(secret)).json<{ active: boolean }>().active,
  'as id_token_hint': (secret: string) => silently(ofBrowser(), { id_token_hint: secret }),
  'as id_token_hint of logout': async (secret: string) => {
    const cookie = await test.signIn()
    const url = `/oauth2/logout?${new URLSearchParams({ id_token_hint: secret })}`
    return (await test.app.inject({ method: 'GET', url, headers: { cookie } })).statusCode === 200
  },
  'as cookie cerb_sid': (secret: string) => silently(secret),
  'as client secret': async (secret: string) => {
    const authorization = `Basic ${Buffer.from(`${client.clientId}:${secret}`).toString('base64')}`
    return (await rp.post('/oauth2/introspect', { token: 'x' }, { authorization })).statusCode === 200
  },
}
type Place = keyof typeof places

const ACCESS: Place[] = ['as bearer token of userinfo', 'as bearer token of /v1/me', 'for introspection']
const RIGHT: Record<Kind, Place[]> = {
  code: ['as code'],
  'access token': ACCESS,
  'opaque access token': ACCESS,
  'refresh token': ['as refresh_token', 'for introspection'],
  'ID token': ['as id_token_hint', 'as id_token_hint of logout'],
  'session cookie': ['as cookie cerb_sid'],
  'client secret': [],
  'form token': [],
}
const KINDS = Object.keys(kinds) as Kind[]
const PLACES = Object.keys(places) as Place[]
const cells = KINDS.flatMap((kind) =>
  PLACES.map((place): [Kind, Place, string] => [kind, place, RIGHT[kind].includes(place) ? 'taken' : 'refused']),
)

describe('RFC 8725 §3.12 what is of one kind is never taken for another', () => {
  it.each(cells.filter(([, , outcome]) => outcome === 'taken'))('a %s is taken %s', async (kind, place) => {
    expect(await places[place](await kinds[kind]())).toBe(true)
  })

  it.each(cells.filter(([, , outcome]) => outcome === 'refused'))(
    'a %s is refused %s, and stays what it is',
    async (kind, place) => {
      const secret = await kinds[kind]()
      expect(secret).not.toBe('')
      expect(await places[place](secret)).toBe(false)
      expect(await works[kind](secret)).toBe(true)
    },
  )

  it.each(KINDS)('a %s at revocation: only tokens of clients end there (RFC 7009 §2.1)', async (kind) => {
    const secret = await kinds[kind]()
    expect((await rp.revoke(secret)).statusCode).toBe(200)
    expect(await works[kind](secret)).toBe(!['access token', 'opaque access token', 'refresh token'].includes(kind))
  })
})
