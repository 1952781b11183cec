import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type TestApp } from '../../support/app.ts'
import { keySet } from '../../support/published-keys.ts'
import { relyingParty } from '../../support/relying-party.ts'

let test: TestApp
beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())

describe('OpenID Connect Core §5.3.2 signed userinfo', () => {
  it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
    'is a JWT signed with %s for the client that registered it',
    async (alg) => {
      const client = await test.registerClient({ userinfoSignedResponseAlg: alg })
      const rp = relyingParty(test, client)
      const tokens = await rp.tokens(await test.signedInBrowser())
      const answer = await rp.userinfo(tokens.access_token)
      expect(answer.headers['content-type']).toBe('application/jwt')
      const { payload, protectedHeader } = await jwtVerify(answer.body, createLocalJWKSet(await keySet(test)), {
        issuer: ISSUER,
        audience: client.clientId,
        algorithms: [alg],
        currentDate: test.clock.now(),
      })
      expect(payload).toMatchObject({ sub: decodeJwt(tokens.id_token).sub, email: expect.any(String) })
      // It must not be accepted as an ID token (RFC 8725 §3.11).
      expect(protectedHeader.typ).not.toBe('JWT')
      const browser = await test.signedInBrowser()
      await browser.get(rp.authorizeUrl({ prompt: 'none', id_token_hint: answer.body }))
      expect(browser.answer().get('error')).toBe('invalid_request')
    },
  )
})

describe('OpenID Connect Core §2 alg none', () => {
  it('is issued through the back channel to a client that registered it, and is never accepted', async () => {
    const client = await test.registerClient({ idTokenSignedResponseAlg: 'none' })
    const rp = relyingParty(test, client)
    const browser = await test.signedInBrowser()
    const tokens = await rp.tokens(browser, { nonce: 'n' })
    expect(decodeProtectedHeader(tokens.id_token)).toEqual({ alg: 'none', typ: 'JWT' })
    expect(tokens.id_token.endsWith('.')).toBe(true)
    expect(decodeJwt(tokens.id_token)).toMatchObject({ iss: ISSUER, aud: client.clientId, nonce: 'n' })
    expect(decodeProtectedHeader(tokens.access_token).alg).toBe('ES256')
    await browser.get(rp.authorizeUrl({ prompt: 'none', id_token_hint: tokens.id_token }))
    expect(browser.answer().get('error')).toBe('invalid_request')
    expect((await rp.introspect(tokens.id_token)).json()).not.toMatchObject({ active: true })
  })
})
