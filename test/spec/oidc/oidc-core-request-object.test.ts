import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readErrorPage } from '../../support/read-response.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { startDocumentServer } from '../../support/document-server.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'

const OTHER_URI = 'https://app.example.com/other'

let test: TestApp
let web: Awaited<ReturnType<typeof startDocumentServer>>
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let signedIn: Browser
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let stranger: { privateKey: CryptoKey; publicKey: CryptoKey }

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  web = await startDocumentServer()
  pair = await generateKeyPair('RS256', { extractable: true })
  stranger = await generateKeyPair('RS256', { extractable: true })
  client = await test.registerClient({
    redirectUris: [REDIRECT_URI, OTHER_URI],
    requireConsent: false,
    jwks: { keys: [await exportJWK(pair.publicKey)] },
    requestUris: [`${web.base}/object#v1`],
  })
  rp = relyingParty(test, client)
  signedIn = await test.signedInBrowser()
})
afterAll(async () => {
  await web.close()
  await test.close()
})
beforeEach(() => web.documents.clear())

const signed = (claims: JWTPayload, key = pair.privateKey, alg = 'RS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
const unsigned = (claims: JWTPayload) => new UnsecuredJWT(claims).encode()
const seconds = () => Math.floor(test.clock.now().getTime() / 1000)

/** The response to the client, and its redirect URI. */
async function ask(more: Record<string, string | undefined>, as = rp) {
  await signedIn.get(as.authorizeUrl(more))
  const answer = Object.fromEntries(signedIn.answer())
  return { answer, to: signedIn.url.split('?')[0], result: answer['error'] ?? (answer['code'] ? 'code' : undefined) }
}

describe.each([
  ['unsigned', async (claims: JWTPayload) => unsigned(claims)],
  ['signed', async (claims: JWTPayload) => signed(claims)],
])('OpenID Connect Core §6.1 a request object by value, %s', (_, make) => {
  it('supplies parameters, which override those beside it', async () => {
    const request = await make({
      redirect_uri: OTHER_URI,
      state: 'inside',
      nonce: 'n',
      max_age: 10_000,
      iss: client.clientId,
      aud: ISSUER,
    })
    const { answer, to, result } = await ask({ request, state: 'outside' })
    expect([result, to, answer['state']]).toEqual(['code', OTHER_URI, 'inside'])
  })

  it('keeps the parameters beside it that it does not contain', async () => {
    const { answer, result } = await ask({ request: await make({ nonce: 'n' }) })
    expect([result, answer['state']]).toEqual(['code', 'a-state'])
  })

  it('may contain everything but client_id, response_type and scope', async () => {
    const request = await make({
      redirect_uri: REDIRECT_URI,
      state: 'all inside',
      code_challenge: rp.challenge,
      code_challenge_method: 'S256',
      claims: { userinfo: { name: null } },
    })
    const bare = {
      redirect_uri: undefined,
      state: undefined,
      code_challenge: undefined,
      code_challenge_method: undefined,
    }
    expect(await ask({ request, ...bare })).toMatchObject({ result: 'code', answer: { state: 'all inside' } })
  })

  it('goes through sign-in and back', async () => {
    const browser = test.browser()
    await browser.get(rp.authorizeUrl({ request: await make({ redirect_uri: OTHER_URI, state: 'kept' }) }))
    await browser.submit({ email: 'owner@acme.test', password: 'correct horse battery staple' }, 'sign-in')
    expect(browser.url.split('?')[0]).toBe(OTHER_URI)
    expect(browser.answer().get('state')).toBe('kept')
  })

  it('with a redirect URI that is not registered ends on a page', async () => {
    await signedIn.get(rp.authorizeUrl({ request: await make({ redirect_uri: 'https://evil.example/' }) }))
    expect(readErrorPage(signedIn.page)).toMatchObject({ code: 'redirect_uri_mismatch' })
  })

  it.each([
    ['another client', { client_id: 'client_other' }],
    ['another issuer', { iss: 'client_other' }],
    ['another audience', { aud: 'https://other.example.com' }],
    ['another response type', { response_type: 'id_token' }],
    ['a request object', { request: 'x' }],
    ['a reference', { request_uri: 'https://app.example.com/x' }],
    ['a time that has passed', { exp: 1_000 }],
    ['a time to come', { nbf: 99_999_999_999 }],
    ['invalid text', { state: 'a\0b' }],
  ])('that contains %s is rejected to the client', async (__, claims) => {
    expect((await ask({ request: await make(claims) })).result).toBe('invalid_request_object')
  })

  it('RFC 9101 §10.8 that could be used as a client assertion is rejected to the client', async () => {
    const result = (await ask({ request: await make({ sub: client.clientId }) })).result
    expect(result).toBe('invalid_request_object')
    expect((await ask({ request: await make({ sub: 'another-user' }) })).result).toBe('code')
  })

  it('tolerates a clock that is a little ahead', async () => {
    expect((await ask({ request: await make({ nbf: seconds() + 10, iat: seconds() + 10 }) })).result).toBe('code')
    expect((await ask({ request: await make({ nbf: seconds() + 61 }) })).result).toBe('invalid_request_object')
  })
})

describe('OpenID Connect Core §6.1 signatures', () => {
  it.each([
    ['of another key', () => signed({}, stranger.privateKey)],
    ['that was cut off', async () => (await signed({})).slice(0, -4)],
    ['that was taken away', async () => `${(await signed({})).split('.').slice(0, 2).join('.')}.`],
    [
      'by the public key as a secret',
      async () =>
        new SignJWT({})
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(JSON.stringify(await exportJWK(pair.publicKey)))),
    ],
    ['that are missing', async () => 'nonsense'],
  ])('%s are rejected', async (_, make) => {
    expect((await ask({ request: await make() })).result).toBe('invalid_request_object')
  })

  it.each([
    ['oauth-authz-req+jwt', 'code'],
    ['application/oauth-authz-req+jwt', 'code'],
    ['JWT', 'code'],
    ['client-authentication+jwt', 'invalid_request_object'],
    ['dpop+jwt', 'invalid_request_object'],
    ['JOSE', 'invalid_request_object'],
  ])('RFC 8725 §3.11 over a token of the kind %s: %s', async (typ, expected) => {
    const request = await new SignJWT({}).setProtectedHeader({ alg: 'RS256', typ }).sign(pair.privateKey)
    expect((await ask({ request })).result).toBe(expected)
  })

  it.each<[string, () => Record<string, unknown>]>([
    ['an iat in the future', () => ({ iat: seconds() + 61 })],
    ['an iat that is no number', () => ({ iat: '1' })],
    ['an exp that is no number', () => ({ exp: '9999999999' })],
    ['an nbf that is no number', () => ({ nbf: '1' })],
    ['an iss that is a list', () => ({ iss: [client.clientId] })],
    ['a sub that is a number', () => ({ sub: 7 })],
    ['a jti that is a number', () => ({ jti: 7 })],
    ['an aud of which one is no text', () => ({ aud: [ISSUER, 7] })],
  ])('RFC 7519 §4.1 over %s are rejected', async (_, claims) => {
    for (const request of [await signed(claims()), unsigned(claims())])
      expect((await ask({ request })).result).toBe('invalid_request_object')
  })

  it('must use the registered algorithm, if there is one', async () => {
    const ec = await generateKeyPair('ES256', { extractable: true })
    const keys = [await exportJWK(pair.publicKey), await exportJWK(ec.publicKey)]
    const strict = await test.registerClient({
      requireConsent: false,
      jwks: { keys },
      requestObjectSigningAlg: 'ES256',
    })
    const as = relyingParty(test, strict)
    expect((await ask({ request: await signed({}, ec.privateKey, 'ES256') }, as)).result).toBe('code')
    for (const request of [await signed({}), unsigned({})]) {
      expect((await ask({ request }, as)).result).toBe('invalid_request_object')
    }
    const open = await test.registerClient({ requireConsent: false, jwks: { keys }, requestObjectSigningAlg: 'none' })
    expect((await ask({ request: await signed({}) }, relyingParty(test, open))).result).toBe('invalid_request_object')
    expect((await ask({ request: unsigned({}) }, relyingParty(test, open))).result).toBe('code')
  })

  it('are verified by keys without a kid', async () => {
    const second = await generateKeyPair('RS256', { extractable: true })
    const keys = [await exportJWK(stranger.publicKey), await exportJWK(second.publicKey)]
    const as = relyingParty(test, await test.registerClient({ requireConsent: false, jwks: { keys } }))
    expect((await ask({ request: await signed({}, second.privateKey) }, as)).result).toBe('code')
    expect((await ask({ request: await signed({}) }, as)).result).toBe('invalid_request_object')
  })

  it('§10.1.1 cause one more fetch after the client changed its keys', async () => {
    const publish = async (key: CryptoKey, kid: string) =>
      web.documents.set('/jwks', { body: JSON.stringify({ keys: [{ ...(await exportJWK(key)), kid, alg: 'RS256' }] }) })
    const by = (key: CryptoKey, kid: string) => new SignJWT({}).setProtectedHeader({ alg: 'RS256', kid }).sign(key)
    const as = relyingParty(test, await test.registerClient({ requireConsent: false, jwksUri: `${web.base}/jwks` }))
    web.asked.length = 0
    await publish(pair.publicKey, 'one')
    expect((await ask({ request: await by(pair.privateKey, 'one') }, as)).result).toBe('code')
    expect((await ask({ request: await by(pair.privateKey, 'one') }, as)).result).toBe('code')
    expect(web.asked).toEqual(['/jwks'])
    await publish(stranger.publicKey, 'two')
    test.clock.advance(6)
    expect((await ask({ request: await by(stranger.privateKey, 'two') }, as)).result).toBe('code')
    expect((await ask({ request: await by(pair.privateKey, 'three') }, as)).result).toBe('invalid_request_object')
    expect((await ask({ request: await by(pair.privateKey, 'four') }, as)).result).toBe('invalid_request_object')
    expect(web.asked).toHaveLength(2)
    // Cached keys are used while the client cannot be reached.
    web.documents.clear()
    test.clock.advance(400)
    expect((await ask({ request: await by(stranger.privateKey, 'two') }, as)).result).toBe('code')
  })
})

describe('OpenID Connect Core §6.2 a request object by reference', () => {
  const at = () => ({ request_uri: `${web.base}/object#v1` })

  it.each([
    ['unsigned', async () => unsigned({ redirect_uri: OTHER_URI })],
    ['signed', () => signed({ redirect_uri: OTHER_URI })],
  ])('is fetched without its fragment, %s', async (_, make) => {
    web.asked.length = 0
    web.documents.set('/object', { body: `${await make()}\n` })
    expect(await ask(at())).toMatchObject({ result: 'code', to: OTHER_URI })
    expect(web.asked).toEqual(['/object'])
  })

  it.each([
    ['one that is not registered', () => ({ request_uri: `${web.base}/another` }), 'invalid_request_uri'],
    ['one without a document', at, 'invalid_request_uri'],
    ['both at once', () => ({ ...at(), request: unsigned({}) }), 'invalid_request'],
  ])('%s is rejected to the client, and only registered URLs are fetched', async (_, more, error) => {
    web.asked.length = 0
    expect((await ask(more())).result).toBe(error)
    expect(web.asked).not.toContain('/another')
  })

  it('follows no redirect and limits the size of the document', async () => {
    web.documents.set('/object', { status: 302, body: '', headers: { location: '/elsewhere' } })
    expect((await ask(at())).result).toBe('invalid_request_uri')
    expect(web.asked).not.toContain('/elsewhere')
    web.documents.set('/object', { body: 'x'.repeat(300_000) })
    expect((await ask(at())).result).toBe('invalid_request_uri')
  })

  it('shows the error on a page if the redirect URI is not valid', async () => {
    await signedIn.get(rp.authorizeUrl({ ...at(), redirect_uri: undefined }))
    expect(readErrorPage(signedIn.page)).toMatchObject({ code: 'invalid_request_uri' })
  })
})
