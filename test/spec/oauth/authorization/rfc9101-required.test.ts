import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

let test: TestApp
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let client: RegisteredTestClient
beforeAll(async () => {
  test = await createTestApp()
  pair = await generateKeyPair('ES256', { extractable: true })
  const jwks = { keys: [await exportJWK(pair.publicKey)] }
  client = await test.registerClient({ jwks, requireSignedRequestObject: true })
})
afterAll(() => test.close())

const rp = () => relyingParty(test, client)
const { challenge } = relyingParty({} as TestApp, {} as RegisteredTestClient)
const inside = () => ({
  client_id: client.clientId,
  response_type: 'code',
  redirect_uri: REDIRECT_URI,
  scope: 'openid email',
  code_challenge: challenge,
  code_challenge_method: 'S256',
})
const sign = (claims: JWTPayload) =>
  new SignJWT({ iss: client.clientId, aud: ISSUER, ...claims })
    .setProtectedHeader({ alg: 'ES256' })
    .sign(pair.privateKey)
const ask = async (more: Record<string, string | undefined>) => {
  const browser = await test.signedInBrowser()
  await browser.get(rp().authorizeUrl(more))
  return browser.answer()
}

describe('RFC 9101 §10.5 require_signed_request_object', () => {
  it('rejects a request without one, to the client', async () => {
    const answer = await ask({})
    expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual(['invalid_request', 'a-state', null])
    expect(answer.get('error_description')).toContain('request object')
  })

  it('rejects an unsigned one, also without a registered algorithm', async () => {
    const request = new UnsecuredJWT({ iss: client.clientId, aud: ISSUER, ...inside() }).encode()
    expect((await ask({ request })).get('error')).toBe('invalid_request_object')
  })

  it('accepts a signed one, and ignores parameters beside it (§6.3)', async () => {
    const answer = await ask({ request: await sign(inside()), state: 'from outside', nonce: 'n' })
    expect([answer.get('error'), answer.get('state')]).toEqual([null, null])
    expect(answer.get('code')).toMatch(/^authz_/)
    const { code_challenge: _, ...without } = inside()
    expect((await ask({ request: await sign(without) })).get('error')).toBe('invalid_request')
  })

  it('also by a form, and through sign-in', async () => {
    const browser = test.browser()
    await browser.get(rp().authorizeUrl({ request: await sign({ ...inside(), state: 'signed' }) }))
    await browser.submit(OWNER, 'sign-in')
    expect(browser.answer().get('state')).toBe('signed')
    const posted = await rp().post('/oauth2/authorize', { ...inside() })
    expect(posted.headers.location).toContain('error=invalid_request')
  })

  it('changes nothing for other clients', async () => {
    const other = await test.registerClient()
    const browser = await test.signedInBrowser()
    await browser.get(relyingParty(test, other).authorizeUrl())
    expect(browser.answer().get('code')).toMatch(/^authz_/)
  })
})
