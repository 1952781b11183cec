import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import { readForm, type Browser } from '../../support/browser.ts'
import { ASSERTION_TYPE } from '../../support/credential-kinds.ts'
import { startDocumentServer } from '../../support/document-server.ts'
import { keySet } from '../../support/published-keys.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../support/relying-party.ts'

const TYPES = ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token']
const METHODS = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt']
const OTHER_URI = 'https://app.example.com/other?tenant=1'
const STATE = 'state'.padEnd(128, '-0123456789')
const NONCE = 'nonce'.padEnd(64, '-0123456789')

interface Registered {
  client_id: string
  client_secret?: string
  registration_access_token: string
  registration_client_uri: string
  token_endpoint_auth_method: string
  [member: string]: unknown
}

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let pair: Awaited<ReturnType<typeof generateKeyPair>>
let jwks: { keys: object[] }
let browser: Browser

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  web = await startDocumentServer()
  pair = await generateKeyPair('RS256', { extractable: true })
  // Without a kid, which a key set with one key does not need.
  jwks = { keys: [await exportJWK(pair.publicKey)] }
  browser = await test.signedInBrowser()
  const headers = { cookie: await test.signIn() }
  const payload = { policy: 'open' }
  await test.app.inject({ method: 'PUT', url: '/v1/admin/registration-policy', headers, payload })
})
afterAll(async () => {
  await web.close()
  await test.close()
})

async function register(more: Record<string, unknown> = {}, headers = {}): Promise<Registered> {
  const payload = { redirect_uris: [REDIRECT_URI], ...more }
  const answer = await test.app.inject({ method: 'POST', url: '/oauth2/register', payload, headers })
  if (answer.statusCode !== 201) throw new Error(`Registration answered ${answer.statusCode}: ${answer.body}`)
  return answer.json()
}
const grantsOf = (type: string) => [
  ...(type.includes('code') ? ['authorization_code', 'refresh_token'] : []),
  ...(type === 'code' ? [] : ['implicit']),
]
const partyOf = ({ client_id, client_secret }: Registered) =>
  relyingParty(test, { id: '', clientId: client_id, clientSecret: client_secret ?? null })
const seconds = () => Math.floor(test.clock.now().getTime() / 1000)

/** The response parameters after the user gave consent. */
async function ask(client: Registered, more: Record<string, string | undefined> = {}): Promise<Record<string, string>> {
  const plain = { code_challenge: undefined, code_challenge_method: undefined, state: STATE, nonce: NONCE }
  await browser.get(partyOf(client).authorizeUrl({ ...plain, ...more }))
  if (browser.page.statusCode === 200 && 'csrf' in readForm(browser.page.body).hidden) await browser.submit({}, 'allow')
  return browser.page.statusCode === 200 ? readForm(browser.page.body).hidden : Object.fromEntries(browser.answer())
}

/** Authenticates the client by its registered method. */
async function proofOf(client: Registered): Promise<{ form: Record<string, string>; headers: Record<string, string> }> {
  const { client_id, client_secret = '', token_endpoint_auth_method: method } = client
  if (method === 'none') return { form: { client_id }, headers: {} }
  if (method === 'client_secret_post') return { form: { client_id, client_secret }, headers: {} }
  if (method === 'client_secret_basic') {
    return { form: {}, headers: { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` } }
  }
  const secretly = method === 'client_secret_jwt'
  const alg = secretly ? 'HS256' : 'RS256'
  const key = secretly ? new TextEncoder().encode(client_secret) : pair.privateKey
  const claims = { iss: client_id, sub: client_id, aud: `${ISSUER}/oauth2/token`, jti: crypto.randomUUID() }
  const client_assertion = await new SignJWT({ ...claims, exp: seconds() + 60 }).setProtectedHeader({ alg }).sign(key)
  return { form: { client_assertion_type: ASSERTION_TYPE, client_assertion }, headers: {} }
}
async function token(client: Registered, more: Record<string, string>) {
  const { form, headers } = await proofOf(client)
  return partyOf(client).post('/oauth2/token', { ...form, ...more }, headers)
}
const exchange = (client: Registered, code: string, redirect_uri = REDIRECT_URI) =>
  token(client, { grant_type: 'authorization_code', code, redirect_uri })
async function idTokenOf(client: Registered, idToken: string) {
  const { payload } = await jwtVerify(idToken, createLocalJWKSet(await keySet(test)), {
    issuer: ISSUER,
    audience: client.client_id,
    currentDate: test.clock.now(),
  })
  return payload
}

describe.each(METHODS)('OpenID Connect Registration §3: a client that registers itself with %s', (method) => {
  it.each(TYPES)('signs a user in with response_type=%s, and deletes its registration', async (type) => {
    const client = await register({
      token_endpoint_auth_method: method,
      response_types: [type],
      grant_types: grantsOf(type),
      ...(method === 'private_key_jwt' && { jwks }),
    })
    expect(client.registration_client_uri).toBe(`${ISSUER}/oauth2/register/${client.client_id}`)
    expect('client_secret' in client).toBe(method !== 'private_key_jwt')
    const answer = await ask(client, { response_type: type })
    expect(answer).toMatchObject({ state: STATE, iss: ISSUER })
    for (const [word, member] of [
      ['code', 'code'],
      ['token', 'access_token'],
      ['id_token', 'id_token'],
    ] as const) {
      expect([member, member in answer]).toEqual([member, type.split(' ').includes(word)])
    }
    const found = [answer['id_token'], answer['access_token']]
    if (answer['code'] !== undefined) {
      const exchanged = await exchange(client, answer['code'])
      const tokens = exchanged.json<Tokens>()
      const refreshed = await token(client, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
      found.push(tokens.id_token, tokens.access_token, refreshed.json<Tokens>().access_token)
    }
    const subjects = await Promise.all(
      found
        .filter((one) => one !== undefined)
        .map(async (one) =>
          one === found[0] || one === found[2]
            ? (await idTokenOf(client, one)).sub
            : (await partyOf(client).userinfo(one)).json<{ sub: string }>().sub,
        ),
    )
    expect(new Set(subjects).size).toBe(1)
    const authorization = `Bearer ${client.registration_access_token}`
    const url = client.registration_client_uri.slice(ISSUER.length)
    expect((await test.app.inject({ method: 'DELETE', url, headers: { authorization } })).statusCode).toBe(204)
  })
})

describe('OpenID Connect Registration §2: registered settings take effect', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'none'])('id_token_signed_response_alg=%s', async (alg) => {
    const client = await register({ id_token_signed_response_alg: alg })
    const { id_token } = (await exchange(client, (await ask(client))['code'] ?? '')).json<Tokens>()
    expect(decodeProtectedHeader(id_token).alg).toBe(alg)
    expect(decodeJwt(id_token)).toMatchObject({ aud: client.client_id, nonce: NONCE })
  })

  it('userinfo_signed_response_alg', async () => {
    const client = await register({ userinfo_signed_response_alg: 'RS256' })
    const { access_token } = (await exchange(client, (await ask(client))['code'] ?? '')).json<Tokens>()
    const answer = await partyOf(client).userinfo(access_token)
    expect(answer.headers['content-type']).toMatch(/^application\/jwt/)
    expect(await idTokenOf(client, answer.body)).toMatchObject({ sub: expect.any(String) })
  })

  it('subject_type', async () => {
    const subjectOf = async (client: Registered) =>
      decodeJwt((await exchange(client, (await ask(client))['code'] ?? '')).json<Tokens>().id_token).sub
    const [pairwise, open] = [await register({ subject_type: 'pairwise' }), await register()]
    expect(await subjectOf(pairwise)).not.toBe(await subjectOf(open))
  })

  it('redirect_uris: exactly these, each with its query', async () => {
    const client = await register({ redirect_uris: [REDIRECT_URI, OTHER_URI] })
    const { code = '' } = await ask(client, { redirect_uri: OTHER_URI })
    expect(browser.url.startsWith(`${OTHER_URI}&code=`)).toBe(true)
    expect((await exchange(client, code, OTHER_URI)).statusCode).toBe(200)
    for (const redirect_uri of [undefined, `${REDIRECT_URI}?a=b`, OTHER_URI.split('?')[0], `${OTHER_URI}&b=2`]) {
      await browser.get(partyOf(client).authorizeUrl({ redirect_uri }))
      expect([browser.page.statusCode, browser.page.headers.location]).toEqual([400, undefined])
    }
  })

  it('jwks_uri, fetched again when the client has changed its keys', async () => {
    web.documents.set('/keys', { body: JSON.stringify(jwks) })
    const client = await register({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${web.base}/keys` })
    expect((await exchange(client, (await ask(client))['code'] ?? '')).statusCode).toBe(200)
    const before = pair
    pair = await generateKeyPair('RS256', { extractable: true })
    web.documents.set('/keys', { body: JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }) })
    test.clock.advance(60)
    expect((await exchange(client, (await ask(client))['code'] ?? '')).statusCode).toBe(200)
    pair = before
  })

  it.each(['none', 'RS256'])('request_uris with a fragment, for objects by %s', async (alg) => {
    const claims = { state: 'inside', redirect_uri: OTHER_URI }
    const object =
      alg === 'none'
        ? `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`
        : await new SignJWT(claims).setProtectedHeader({ alg }).sign(pair.privateKey)
    web.documents.set(`/object-${alg}`, { body: object })
    const request_uri = `${web.base}/object-${alg}#version`
    const client = await register({
      redirect_uris: [REDIRECT_URI, OTHER_URI],
      jwks,
      request_uris: [request_uri],
      request_object_signing_alg: alg,
    })
    expect(client['request_uris']).toEqual([request_uri])
    expect(await ask(client, { request_uri })).toMatchObject({ code: expect.any(String), state: 'inside' })
    expect(browser.url.startsWith(OTHER_URI)).toBe(true)
  })

  it('logo, policy and terms are on the sign-in page', async () => {
    const shown = {
      logo_uri: 'https://app.example.com/logo.png',
      policy_uri: 'https://app.example.com/privacy',
      tos_uri: 'https://app.example.com/terms',
    }
    // The logo of a client that anyone could have registered is not loaded.
    const headers = { cookie: await test.signIn() }
    const payload = { name: 'Test', uses: 1, expiresIn: 60, scopes: ['openid', 'profile', 'email'] }
    const url = '/v1/admin/initial-access-tokens'
    const made = await test.app.inject({ method: 'POST', url, headers, payload })
    const client = await register(shown, { authorization: `Bearer ${made.json<{ token: string }>().token}` })
    const stranger = await test.browser().get(partyOf(client).authorizeUrl())
    for (const address of Object.values(shown)) expect(stranger.page.body).toContain(`"${address}"`)
    expect(stranger.page.headers['content-security-policy']).toMatch(/img-src [^;]*https:/)
  })

  it('post_logout_redirect_uris', async () => {
    const uri = 'https://app.example.com/bye'
    const client = await register({ post_logout_redirect_uris: [uri] })
    const { id_token } = (await exchange(client, (await ask(client))['code'] ?? '')).json<Tokens>()
    const leave = { id_token_hint: id_token, post_logout_redirect_uri: uri, state: 'bye' }
    await browser.get(`/oauth2/logout?${new URLSearchParams(leave)}`)
    expect(browser.url).toBe(`${uri}?state=bye`)
    await browser.get(partyOf(client).authorizeUrl({ prompt: 'none' }))
    expect(browser.answer().get('error')).toBe('login_required')
    browser = await test.signedInBrowser()
  })
})

describe('OpenID Connect Core §5.5 without an access token', () => {
  it('single claims are in the front-channel ID token', async () => {
    const client = await register({ response_types: ['id_token'], grant_types: ['implicit'] })
    const claims = JSON.stringify({ id_token: { name: { essential: true } } })
    const { id_token = '' } = await ask(client, { response_type: 'id_token', scope: 'openid', claims })
    expect(decodeJwt(id_token)).toMatchObject({ name: 'Owner' })
  })
})
