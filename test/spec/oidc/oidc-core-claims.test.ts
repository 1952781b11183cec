import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedirect } from '../../support/read-response.ts'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser
let userId: string

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient({
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    requireConsent: false,
  })
  rp = relyingParty(test, client)
  browser = await test.signedInBrowser()
  userId = (await test.database.prisma.user.findFirstOrThrow()).id
  await test.database.prisma.user.updateMany({
    data: { givenName: 'Olive', nickname: 'Ol', phoneNumber: '+49 30 1234567' },
  })
})
afterAll(() => test.close())

const asking = (claims: unknown, scope = 'openid') => ({ scope, claims: JSON.stringify(claims) })
const claimsOf = async (claims: unknown, scope?: string) => {
  const tokens = await rp.tokens(browser, asking(claims, scope))
  return {
    tokens,
    idToken: decodeJwt(tokens.id_token),
    userinfo: (await rp.userinfo(tokens.access_token)).json<Record<string, unknown>>(),
  }
}
const refusal = async (claims: string, more: Record<string, string> = {}) => {
  await browser.get(rp.authorizeUrl({ scope: 'openid', claims, ...more }))
  return readRedirect(browser.page)['error']
}

describe('OpenID Connect Core §5.5 claims requested by name', () => {
  it('are returned where they were requested, and nowhere else', async () => {
    const { idToken, userinfo } = await claimsOf({
      userinfo: { given_name: { essential: true }, email: null },
      id_token: { nickname: null },
    })
    expect(userinfo).toEqual({ sub: userId, given_name: 'Olive', email: OWNER.email })
    expect(idToken).toMatchObject({ nickname: 'Ol' })
    for (const name of ['given_name', 'email']) expect(idToken).not.toHaveProperty(name)
  })

  it('come in addition to those of scopes', async () => {
    const { userinfo } = await claimsOf({ userinfo: { nickname: null } }, 'openid email')
    expect(userinfo).toMatchObject({ nickname: 'Ol', email: OWNER.email, email_verified: true })
    expect(userinfo).not.toHaveProperty('given_name')
  })

  it('are returned after a refresh, too', async () => {
    const { tokens } = await claimsOf({ userinfo: { nickname: null }, id_token: { given_name: null } })
    const again = (await rp.refresh(tokens.refresh_token)).json<{ access_token: string; id_token: string }>()
    expect((await rp.userinfo(again.access_token)).json()).toMatchObject({ nickname: 'Ol' })
    expect(decodeJwt(again.id_token)).toMatchObject({ given_name: 'Olive' })
  })

  it('§5.5.1 are omitted without an error if they have no value, are unknown, or are not allowed to the client', async () => {
    const { idToken, userinfo } = await claimsOf({
      userinfo: { website: { essential: true }, shoe_size: null, phone_number: { essential: true }, roles: null },
      id_token: { phone_number: null, __proto__: null, constructor: null },
      another: { email: null },
    })
    expect(userinfo).toEqual({ sub: userId })
    expect(idToken).not.toHaveProperty('phone_number')
  })

  it('§5.5.1 are omitted without an error, even if essential, if the client may not request them', async () => {
    const scopes = ['openid', 'profile', 'email']
    const limited = await test.registerClient({ scopes, requireConsent: true, allowedClaims: ['nickname'] })
    const { authorizeUrl, exchange, userinfo } = relyingParty(test, limited)
    const one = await test.signedInBrowser()
    const answered = async (claims: object, scope?: string) => {
      await one.get(authorizeUrl(asking(claims, scope)))
      if (one.page.statusCode === 200) await one.submit({}, 'allow')
      const tokens = (await exchange(one.answer().get('code') ?? '')).json<Tokens>()
      return [(await userinfo(tokens.access_token)).json(), decodeJwt(tokens.id_token)]
    }
    const wanted = {
      userinfo: { nickname: null, given_name: { essential: true }, email: { essential: true } },
      id_token: { nickname: null, email: null },
    }
    await one.get(authorizeUrl(asking(wanted)))
    expect(one.page.body).not.toContain('See your email address')
    const [first, idToken] = await answered(wanted)
    expect(first).toEqual({ sub: userId, nickname: 'Ol' })
    expect(idToken).toMatchObject({ nickname: 'Ol' })
    expect(idToken).not.toHaveProperty('email')
    // Claims of a scope are not listed one by one.
    expect((await answered(wanted, 'openid email'))[0]).toMatchObject({ nickname: 'Ol', email: OWNER.email })

    const set = async (allowedClaims: string[] | null) => {
      const url = `/v1/admin/clients/${limited.id}`
      const headers = { cookie: await test.signIn() }
      const answer = await test.app.inject({ method: 'PATCH', url, headers, payload: { allowedClaims } })
      expect([answer.statusCode, answer.json()]).toEqual([200, expect.objectContaining({ allowedClaims })])
    }
    await set([])
    expect((await answered(wanted))[0]).toEqual({ sub: userId })
    await set(null)
    expect((await answered(wanted))[0]).toMatchObject({ nickname: 'Ol', given_name: 'Olive', email: OWNER.email })
  })

  it("require the user's consent", async () => {
    const asks = relyingParty(test, await test.registerClient({ scopes: ['openid', 'email'], requireConsent: true }))
    const one = await test.signedInBrowser()
    await one.get(asks.authorizeUrl(asking({ userinfo: { email: null } })))
    expect(one.page.statusCode).toBe(200)
    expect(one.page.body).toContain('See your email address')
    await one.submit({}, 'allow')
    expect(one.answer().get('code')).toMatch(/^authz_/)
    await one.get(asks.authorizeUrl({ ...asking({ userinfo: { email: null } }), prompt: 'none' }))
    expect(one.answer().get('code')).toMatch(/^authz_/)
    const other = relyingParty(test, await test.registerClient({ scopes: ['openid', 'email'], requireConsent: true }))
    await one.get(other.authorizeUrl({ scope: 'openid' }))
    await one.submit({}, 'allow')
    await one.get(other.authorizeUrl({ ...asking({ id_token: { email: null } }), prompt: 'none' }))
    expect(one.answer().get('error')).toBe('consent_required')
  })

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a member that is no object', '{"userinfo":[]}'],
    ['a claim that is a string', '{"id_token":{"name":"Ada"}}'],
    ['an essential that is no boolean', '{"id_token":{"name":{"essential":"yes"}}}'],
    ['values that are no list', '{"id_token":{"acr":{"values":"1"}}}'],
    ['a sub that is no string', '{"id_token":{"sub":{"value":7}}}'],
    ['more than it may', JSON.stringify({ userinfo: { ['x'.repeat(9000)]: null } })],
  ])('are rejected as %s', async (_, claims) => {
    expect(await refusal(claims)).toBe('invalid_request')
  })
})

describe('OpenID Connect Core §5.5.1 values', () => {
  it('sub: only the requested user can satisfy the request', async () => {
    const about = (sub: string) => JSON.stringify({ id_token: { sub: { value: sub } } })
    expect(await refusal(about(userId), { prompt: 'none' })).toBeUndefined()
    expect(await refusal(about('0197f3a0-0000-7000-8000-000000000000'), { prompt: 'none' })).toBe('login_required')
    const { tokens } = await claimsOf({})
    expect(await refusal(about('another-user'), { id_token_hint: tokens.id_token })).toBe('invalid_request')
  })

  it('acr: states the actual authentication, whatever was requested', async () => {
    for (const acr of [
      null,
      { values: ['pwd', '2'] },
      { essential: true },
      { essential: true, value: 'pwd' },
      { value: '9' },
    ]) {
      const { idToken } = await claimsOf({ id_token: { acr } })
      expect(idToken['acr']).toBe('pwd')
    }
    const tokens = await rp.tokens(browser, { acr_values: '2 pwd' })
    expect(decodeJwt(tokens.id_token)['acr']).toBe('pwd')
  })

  it('acr: an essential value that is not supported is rejected', async () => {
    for (const acr of [
      { essential: true, value: '9' },
      { essential: true, values: ['8', '9'] },
    ]) {
      expect(await refusal(JSON.stringify({ id_token: { acr } }))).toBe('unmet_authentication_requirements')
    }
  })

  it('acr: a value that the client may not request is rejected, voluntary or essential', async () => {
    const authorizedAcrValues = ['pwd', 'urn:example:strong']
    const limited = relyingParty(test, await test.registerClient({ authorizedAcrValues, defaultAcrValues: ['pwd'] }))
    const answered = async (more: Record<string, string>) => {
      await browser.get(limited.authorizeUrl({ scope: 'openid', ...more }))
      return readRedirect(browser.page)['error']
    }
    const asked = (acr: object) => answered({ claims: JSON.stringify({ id_token: { acr } }) })
    for (const acrValues of ['', 'pwd', 'urn:example:strong', '  urn:example:strong pwd']) {
      expect(await answered({ acr_values: acrValues })).toBeUndefined()
    }
    for (const acrValues of ['2', 'pwd 2', 'urn:example']) {
      expect(await answered({ acr_values: acrValues })).toBe('invalid_request')
      expect(browser.answer().get('error_description')).toContain('pwd urn:example:strong')
    }
    expect(await asked({ value: 'urn:example:strong' })).toBeUndefined()
    expect(await asked({ essential: true, values: ['pwd', 'urn:example:strong'] })).toBeUndefined()
    expect(await asked({ essential: true })).toBeUndefined()
    expect(await asked({ values: ['pwd', '2'] })).toBe('invalid_request')
    expect(await asked({ essential: true, value: '2' })).toBe('unmet_authentication_requirements')
    // It is allowed for the client, but not supported.
    expect(await asked({ essential: true, value: 'urn:example:strong' })).toBe('unmet_authentication_requirements')
  })

  it('acr: default values must be among the allowed ones', async () => {
    const settings = { defaultAcrValues: ['pwd', '2'], authorizedAcrValues: ['pwd'] }
    await expect(test.registerClient(settings)).rejects.toThrow('must be one of authorizedAcrValues')
  })

  it('auth_time: is always present', async () => {
    const { idToken } = await claimsOf({ id_token: { auth_time: { essential: true } } })
    expect(idToken['auth_time']).toEqual(expect.any(Number))
  })
})
