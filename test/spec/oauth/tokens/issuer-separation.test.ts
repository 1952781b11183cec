import type { LightMyRequestResponse } from 'fastify'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedirect } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { readForm, type Browser } from '../../../support/browser.ts'
import { createTestClock } from '../../../support/clock.ts'
import { createSeededDatabase, type TestDatabase } from '../../../support/cluster.ts'
import { ASSERTION_TYPE } from '../../../support/credential-kinds.ts'
import { eventually } from '../../../support/eventually.ts'
import { startLogoutReceiver } from '../../../support/logout-receiver.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

const TYPES = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
const MODES = ['query', 'fragment', 'form_post', undefined]
const ANSWERS = TYPES.flatMap((type) => MODES.map((mode) => [type, mode] as const))
/** Two issuers with the same database, keys and secrets. */
const ISSUERS = ['https://auth.example.com', 'https://login.example.org'] as const

let database: TestDatabase
let receiver: Awaited<ReturnType<typeof startLogoutReceiver>>
let servers: Record<string, TestApp>
let client: RegisteredTestClient
let sealed: RegisteredTestClient
let machine: RegisteredTestClient
let prover: RegisteredTestClient
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }

beforeAll(async () => {
  database = await createSeededDatabase()
  receiver = await startLogoutReceiver()
  const shared = { connectionString: database.connectionString, clock: createTestClock(), allow: ['localhost'] }
  servers = {}
  for (const issuer of ISSUERS) servers[issuer] = await createTestApp({ ...shared, issuer })
  pair = await generateKeyPair('ES256', { extractable: true })
  const test = at(ISSUERS[0])
  const confidential = { clientType: 'confidential' }
  client = await test.registerClient({
    ...confidential,
    grantTypes: ['authorization_code', 'implicit', 'refresh_token'],
    responseTypes: TYPES,
    userinfoSignedResponseAlg: 'ES256',
    backchannelLogoutUri: `${receiver.base}/logout`,
    frontchannelLogoutUri: 'https://app.example.com/logout',
    frontchannelLogoutSessionRequired: true,
  })
  sealed = await test.registerClient({ ...confidential, accessTokenFormat: 'opaque' })
  machine = await test.registerClient({ ...confidential, grantTypes: ['client_credentials'], scopes: ['api'] })
  prover = await test.registerClient({
    ...confidential,
    grantTypes: ['authorization_code', 'client_credentials'],
    scopes: ['openid', 'profile', 'email', 'api'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys: [await exportJWK(pair.publicKey)] },
  })
})
afterAll(async () => {
  for (const server of Object.values(servers)) await server.close()
  await receiver.close()
  await database.drop()
})

function at(issuer: string): TestApp {
  const server = servers[issuer]
  if (!server) throw new Error(`There is no server of ${issuer}`)
  return server
}
const machineToken = async (of: TestApp) =>
  (await relyingParty(of, machine).exchange('', { grant_type: 'client_credentials' })).json<Tokens>().access_token
const bearer = (of: TestApp, token: string, url = '/oauth2/userinfo') =>
  of.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } })

/** The parameters of an authorization response, in any response mode. */
function received(browser: Browser): Record<string, string> {
  return browser.page.statusCode === 200 ? readForm(browser.page.body).hidden : Object.fromEntries(browser.answer())
}

describe.each(ISSUERS)('the server at %s identifies itself', (issuer) => {
  let test: TestApp
  let rp: ReturnType<typeof relyingParty>
  let browser: Browser
  beforeAll(async () => {
    test = at(issuer)
    rp = relyingParty(test, client)
    browser = await test.signedInBrowser()
  })

  it.each(ANSWERS)('RFC 9207 §2 in every response: response_type=%s, response_mode=%s', async (type, mode) => {
    const parameters = { response_type: type, response_mode: mode, nonce: 'n' }
    await browser.get(rp.authorizeUrl(parameters))
    const answer = received(browser)
    // Tokens in a query are an error, which also contains iss.
    expect([answer['iss'], answer['error']]).toEqual([
      issuer,
      mode === 'query' && type !== 'code' ? 'invalid_request' : undefined,
    ])
    const inside = [answer['id_token'], answer['access_token']].filter((token) => token !== undefined)
    expect(inside.map((token) => decodeJwt(token).iss)).toEqual(inside.map(() => issuer))
    for (const wrong of [{ scope: 'openid nonsense' }, { prompt: 'none', max_age: '0' }, { claims: '7' }]) {
      await browser.get(rp.authorizeUrl({ ...parameters, ...wrong }))
      const refused = received(browser)
      expect([refused['iss'], typeof refused['error']]).toEqual([issuer, 'string'])
    }
  })

  it('in tokens, in userinfo and at introspection', async () => {
    const tokens = await rp.tokens(browser)
    const opaque = await relyingParty(test, sealed).tokens(browser)
    for (const token of [tokens.id_token, opaque.id_token, tokens.access_token, await machineToken(test)]) {
      expect(decodeJwt(token).iss).toBe(issuer)
    }
    expect(decodeJwt((await rp.userinfo(tokens.access_token)).body).iss).toBe(issuer)
    const introspected = [tokens.access_token, tokens.refresh_token, opaque.access_token, await machineToken(test)]
    for (const token of introspected) {
      expect((await rp.introspect(token)).json()).toMatchObject({ active: true, iss: issuer })
    }
    const refreshed = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    for (const token of [refreshed.id_token, refreshed.access_token]) expect(decodeJwt(token).iss).toBe(issuer)
  })

  it('when a user signs out, by front and back channel', async () => {
    receiver.received.splice(0)
    const leaving = test.browser()
    const { id_token } = await rp.tokens(leaving)
    await leaving.get(`/oauth2/logout?id_token_hint=${id_token}`)
    expect(leaving.page.body).toContain(`https://app.example.com/logout?${new URLSearchParams({ iss: issuer })}`)
    const [request] = await eventually(
      () => receiver.received,
      ({ length }) => length > 0,
    )
    expect(decodeJwt(new URLSearchParams(request?.body).get('logout_token') ?? '').iss).toBe(issuer)
  })

  it('in both metadata documents, whose URLs are all its own', async () => {
    for (const name of ['openid-configuration', 'oauth-authorization-server']) {
      const answer = await test.app.inject({ method: 'GET', url: `/.well-known/${name}` })
      const metadata = answer.json<Record<string, unknown>>()
      expect(metadata['issuer']).toBe(issuer)
      const addresses = Object.entries(metadata).filter(([member]) => /(_endpoint|_uri|_iframe)$/.test(member))
      expect(addresses.length).toBeGreaterThan(7)
      for (const [, address] of addresses) expect(String(address).startsWith(`${issuer}/`)).toBe(true)
    }
  })
})

describe('RFC 8725 §3.8 tokens of one issuer are rejected by another with the same keys', () => {
  const [here, there] = [() => at(ISSUERS[0]), () => at(ISSUERS[1])]
  let tokens: Tokens
  let browser: Browser
  beforeAll(async () => {
    browser = await there().signedInBrowser()
    tokens = await relyingParty(here(), client).tokens(await here().signedInBrowser())
  })

  const accessTokens: [string, () => Promise<string>][] = [
    ['an access token', async () => tokens.access_token],
    [
      'an opaque access token',
      async () => (await relyingParty(here(), sealed).tokens(await here().signedInBrowser())).access_token,
    ],
    ['an access token of a machine', () => machineToken(here())],
  ]

  it.each(accessTokens)('%s', async (_, make) => {
    const token = await make()
    for (const url of ['/oauth2/userinfo', '/v1/me/profile']) {
      const answer = await bearer(there(), token, url)
      expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([
        401,
        expect.stringContaining('error="invalid_token"'),
      ])
    }
    expect((await relyingParty(there(), client).introspect(token)).body).toBe('{"active":false}')
    for (const holder of [client, sealed, machine]) {
      expect((await relyingParty(there(), holder).revoke(token)).statusCode).toBe(200)
    }
    expect((await relyingParty(here(), client).introspect(token)).json()).toMatchObject({ active: true })
  })

  it('an ID token, as a hint', async () => {
    const rp = relyingParty(there(), client)
    await browser.get(rp.authorizeUrl({ prompt: 'none', id_token_hint: tokens.id_token }))
    expect(browser.answer().get('error')).toBe('invalid_request')
    await browser.get(`/oauth2/logout?id_token_hint=${tokens.id_token}`)
    expect(browser.page.statusCode).toBe(400)
    await browser.get(rp.authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().has('code')).toBe(true)
  })

  const sign = (claims: Record<string, unknown>) => {
    const now = Math.floor(here().clock.now().getTime() / 1000)
    return new SignJWT({ iss: prover.clientId, exp: now + 60, iat: now, jti: crypto.randomUUID(), ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(pair.privateKey)
  }
  const prove = async (server: TestApp, aud: string): Promise<LightMyRequestResponse> =>
    relyingParty(server, prover).post('/oauth2/token', {
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await sign({ sub: prover.clientId, aud }),
    })

  it.each(['', '/oauth2/token'])('a client assertion for it, at %s', async (path) => {
    expect((await prove(here(), ISSUERS[0] + path)).statusCode).toBe(200)
    const refused = await prove(there(), ISSUERS[0] + path)
    expect([refused.statusCode, refused.json()]).toMatchObject([401, { error: 'invalid_client' }])
  })

  it('a request object', async () => {
    const request = await sign({ aud: ISSUERS[0] })
    const cookie = await there().signIn()
    const ask = async (server: TestApp) => {
      const url = relyingParty(server, prover).authorizeUrl({ prompt: 'none', request })
      return readRedirect(await server.app.inject({ method: 'GET', url, headers: { cookie } }))
    }
    expect(await ask(here())).toHaveProperty('code')
    expect(await ask(there())).toMatchObject({ error: 'invalid_request_object', iss: ISSUERS[1] })
  })
})
