import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import type { RegisteredTestClient } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

let api: Api
let client: RegisteredTestClient
let sealed: RegisteredTestClient
let signedIn: Browser
beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({ clientType: 'confidential' })
  sealed = await api.registerClient({ accessTokenFormat: 'opaque' })
  signedIn = await api.signedInBrowser()
  await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
})
afterAll(() => api.close())

const AWKWARD = 'quote" back\\slash line\nfeed tab\t ünï 🔑 <b> \u007f'
const credentials = () => `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`
const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  relyingParty(api, client).post(url, form, headers)
const proven = (url: string, form: Record<string, string>) => post(url, form, { authorization: credentials() })
const register = (payload: object) => api.app.inject({ method: 'POST', url: '/oauth2/register', payload })

/** An error of each kind at each endpoint, with unusual characters in the request. */
const REFUSALS: [string, () => Promise<LightMyRequestResponse>][] = [
  ['no client', () => post('/oauth2/token', { grant_type: AWKWARD })],
  ['an unknown client', () => post('/oauth2/token', { client_id: AWKWARD, grant_type: 'refresh_token' })],
  ['a wrong secret', () => post('/oauth2/token', { client_id: client.clientId, client_secret: AWKWARD })],
  ['a broken assertion', () => post('/oauth2/token', { client_assertion: AWKWARD, client_assertion_type: AWKWARD })],
  ['an unknown grant', () => proven('/oauth2/token', { grant_type: AWKWARD })],
  ['no grant', () => proven('/oauth2/token', {})],
  ['an unknown code', () => proven('/oauth2/token', { grant_type: 'authorization_code', code: AWKWARD })],
  ['an unknown refresh token', () => proven('/oauth2/token', { grant_type: 'refresh_token', refresh_token: AWKWARD })],
  ['no token to introspect', () => proven('/oauth2/introspect', { [AWKWARD]: '' })],
  ['no client to introspect for', () => post('/oauth2/introspect', { token: AWKWARD })],
  ['no token to revoke', () => proven('/oauth2/revoke', {})],
  ['no client to revoke for', () => post('/oauth2/revoke', { token: AWKWARD })],
  ['a broken token at userinfo', () => post('/oauth2/userinfo', { access_token: AWKWARD })],
  ['nothing at userinfo', () => api.app.inject({ method: 'GET', url: '/oauth2/userinfo' })],
  ['nothing to register', () => register({})],
  ['a name of redirect URI', () => register({ redirect_uris: [AWKWARD] })],
  ['awkward metadata', () => register({ redirect_uris: ['https://app.example.com/'], grant_types: [AWKWARD] })],
  ['a wrong registration token', () => api.app.inject({ method: 'GET', url: '/oauth2/register/client_unknown' })],
]

describe('RFC 6749 §5.2 errors', () => {
  it.each(REFUSALS)('%s: JSON with the allowed characters and a suitable status', async (_, send) => {
    const answer = await send()
    const { error, error_description: description, ...more } = answer.json<Record<string, string>>()
    expect(answer.headers['content-type']).toMatch(/^application\/json(;|$)/)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(error).toMatch(/^[a-z_]+$/)
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(more).toEqual({})
    const unknown = ['invalid_client', 'invalid_token'].includes(error ?? '')
    expect(answer.statusCode).toBe(unknown ? 401 : 400)
    expect(/^[\x20-\x7e]+$/.test(answer.headers['www-authenticate']?.toString() ?? '')).toBe(unknown)
  })
})

describe('RFC 6749 §10.10, appendix A: issued codes, tokens and secrets', () => {
  const MANY = 64
  const many = async (make: () => Promise<string>) => {
    const made: string[] = []
    for (let index = 0; index < MANY; index += 1) made.push(await make())
    return made
  }
  /** The random bits in the characters that differ. */
  function bitsOf(values: readonly string[]): number {
    const length = Math.min(...values.map((value) => value.length))
    const varying = Array.from({ length }, (_, at) => new Set(values.map((value) => value[at])).size)
    return varying.filter((different) => different > 8).length * 6
  }

  const tokensOf = async (of: RegisteredTestClient) => relyingParty(api, of).tokens(signedIn)
  const registered = async (member: string) =>
    (await register({ redirect_uris: ['https://app.example.com/'] })).json<Record<string, string>>()[member] ?? ''

  it.each<[string, () => Promise<string>]>([
    ['a code', () => relyingParty(api, client).code(signedIn)],
    ['a refresh token', async () => (await tokensOf(client)).refresh_token],
    ['an access token', async () => (await tokensOf(client)).access_token],
    ['an opaque access token', async () => (await tokensOf(sealed)).access_token],
    ['a client secret', () => registered('client_secret')],
    ['a registration access token', () => registered('registration_access_token')],
  ])('%s is visible ASCII, unique and unguessable', async (_, make) => {
    const values = await many(make)
    expect(new Set(values).size).toBe(MANY)
    for (const value of values) expect(value).toMatch(/^[\x21-\x7e]+$/)
    expect(bitsOf(values)).toBeGreaterThanOrEqual(160)
  })

  it('an access token has an expiry of less than a year', async () => {
    const { expires_in, token_type } = await tokensOf(client)
    expect([Number.isInteger(expires_in), expires_in > 0, expires_in <= 31_536_000]).toEqual([true, true, true])
    expect(token_type).toBe('Bearer')
    const refused = await api.send(api.owner, 'PATCH', `/v1/admin/clients/${client.id}`, {
      body: { accessTokenLifetime: 31_536_001 },
    })
    expect(refused.statusCode).toBe(400)
  })

  it('a token response must not be cached, and contains the scope', async () => {
    const rp = relyingParty(api, client)
    const first = await rp.exchange(await rp.code(signedIn, { scope: 'email openid' }))
    const answers = [first, await rp.refresh(first.json<Tokens>().refresh_token, { scope: 'openid' })]
    expect(answers.map((answer) => [answer.headers['cache-control'], answer.json<Tokens>().scope])).toEqual([
      ['no-store', 'email openid'],
      ['no-store', 'openid'],
    ])
  })
})
