import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'
import { overwriteClient } from '../../../support/stored-clients.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const SETTINGS = { grantTypes: [GRANT, 'refresh_token'], redirectUris: [], requireConsent: true }

interface Codes {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
}

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>

beforeAll(async () => {
  test = await createTestApp()
})
afterAll(() => test.close())
beforeEach(async () => {
  client = await test.registerClient(SETTINGS)
  rp = relyingParty(test, client)
})

const begin = (form: Record<string, string> = {}) =>
  rp.post('/oauth2/device_authorization', { client_id: client.clientId, scope: 'openid profile', ...form })
const begun = async () => (await begin()).json<Codes>()
const poll = (deviceCode: string, form: Record<string, string> = {}) =>
  rp.post('/oauth2/token', { grant_type: GRANT, device_code: deviceCode, client_id: client.clientId, ...form })
const errorOf = async (deviceCode: string) => (await poll(deviceCode)).json<{ error: string }>().error
const titleOf = (browser: Browser) => /<h1[^>]*>([^]*?)<\/h1>/.exec(browser.page.body)?.[1]

/** Enters the code and signs in, up to the consent page. */
async function ask(userCode: string, browser: Browser = test.browser()): Promise<Browser> {
  await browser.get('/device')
  await browser.submit({ user_code: userCode }, 'continue')
  if (browser.url.includes('/auth/login')) await browser.submit(OWNER, 'sign-in')
  return browser
}
async function allow(userCode: string): Promise<Browser> {
  const browser = await ask(userCode)
  return browser.submit({}, 'allow')
}

describe('RFC 8628 §6.1: a user code is accepted as people type it', () => {
  const wide = (text: string) => text.replaceAll(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0))
  it.each<[string, (code: string) => string]>([
    ['in small letters', (code) => code.toLowerCase()],
    ['in full width', wide],
    ['in full width and small letters', (code) => wide(code.toLowerCase())],
    ['with spaces', (code) => ` ${code.split('').join(' ')} `],
    ['with ideographic spaces', (code) => code.replace('-', '\u3000')],
    ...['\u2010', '\u2011', '\u2013', '\u2014', '\u2212', '\u02d7', '\u30fc', '\u2796', '\ufe58', '_', '.', ''].map(
      (dash): [string, (code: string) => string] => [`with ${dash || 'no dash'}`, (code) => code.replace('-', dash)],
    ),
    ['with invisible characters', (code) => `\ufeff${code.replace('-', '\u200b-\u00ad')}\u200e`],
  ])('%s', async (_, typed) => {
    const { user_code: code } = await begun()
    const browser = await ask(typed(code))
    expect(titleOf(browser)).toContain('Allow')
  })
})

describe('RFC 8628 §3.1, §3.2: a device starts an authorization', () => {
  it('and receives two codes and the verification URI', async () => {
    const answer = await begin()
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toBe('no-store')
    const codes = answer.json<Codes>()
    expect(codes).toEqual({
      device_code: expect.stringMatching(/^device_[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${ISSUER}/device`,
      verification_uri_complete: `${ISSUER}/device?user_code=${codes.user_code}`,
      expires_in: 600,
      interval: 5,
    })
  })

  it('stores only hashes of both codes', async () => {
    const codes = await begun()
    const rows = await test.database.prisma.$queryRawUnsafe<{ row: string }[]>(
      `SELECT d::text AS row FROM device_authorizations d WHERE client_id = '${client.id}'`,
    )
    const [{ row } = { row: '' }] = rows
    expect(row).toContain(client.id)
    for (const code of [codes.device_code, codes.user_code, codes.user_code.replace('-', '')]) {
      expect(row).not.toContain(code)
      expect(row).not.toContain(Buffer.from(code).toString('hex'))
    }
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['a scope that the client did not register', { scope: 'openid admin' }, 400, 'invalid_scope'],
    ['a malformed scope', { scope: 'openid "' }, 400, 'invalid_scope'],
    ['an unknown client', { client_id: 'client_none' }, 401, 'invalid_client'],
  ])('is rejected %s', async (_, form, status, error) => {
    const answer = await begin(form)
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([status, error])
  })

  it('is rejected for a client that is not registered for it', async () => {
    const other = await test.registerClient()
    const answer = await begin({ client_id: other.clientId })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'unauthorized_client' })
  })

  it('is published in the metadata', async () => {
    const metadata = (await test.app.inject('/.well-known/openid-configuration')).json<Record<string, unknown>>()
    expect(metadata['device_authorization_endpoint']).toBe(`${ISSUER}/oauth2/device_authorization`)
    expect(metadata['grant_types_supported']).toContain(GRANT)
  })

  it('requires a confidential client to authenticate', async () => {
    const confidential = await test.registerClient({ ...SETTINGS, clientType: 'confidential' })
    const answer = await begin({ client_id: confidential.clientId })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([401, 'invalid_client'])
    const proven = await rp.post(
      '/oauth2/device_authorization',
      {},
      {
        authorization: `Basic ${Buffer.from(`${confidential.clientId}:${confidential.clientSecret}`).toString('base64')}`,
      },
    )
    expect(proven.statusCode).toBe(200)
  })
})

describe('RFC 8628 §3.3: the user decides', () => {
  it('and the device receives its tokens', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    expect(await errorOf(deviceCode)).toBe('authorization_pending')
    const browser = await ask(userCode)
    expect(browser.page.body).toContain('127.0.0.1')
    await browser.submit({}, 'allow')
    expect(titleOf(browser)).toBe('Your device is connected')
    const answer = await poll(deviceCode)
    expect(answer.statusCode).toBe(200)
    const tokens = answer.json<Tokens>()
    expect(tokens.scope).toBe('openid profile')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
    expect((await rp.refresh(tokens.refresh_token)).statusCode).toBe(200)
  })

  it('outlives the session of the browser in which the user decided', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    const browser = await allow(userCode)
    const tokens = (await poll(deviceCode)).json<Tokens>()
    await browser.get('/oauth2/logout')
    await browser.submit({}, 'sign-out')
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
  })

  it('can be revoked: an administrator revokes the consent, and with it the tokens of the device', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    await allow(userCode)
    const tokens = (await poll(deviceCode)).json<Tokens>()
    const browser = await test.signedInBrowser()
    const answer = await test.app.inject({
      method: 'DELETE',
      url: `/v1/admin/clients/${client.id}/consents`,
      headers: { cookie: `cerb_sid=${browser.cookies.get('cerb_sid')}`, 'x-org-domain': 'acme' },
    })
    expect(answer.statusCode).toBeLessThan(300)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it.each(['small letters', 'blanks', 'no dash'])('accepts the code with %s', async (how) => {
    const { user_code: code } = await begun()
    const typed = {
      'small letters': code.toLowerCase(),
      blanks: ` ${code.split('').join(' ')} `,
      'no dash': code.replace('-', ''),
    }[how]
    const browser = await ask(typed ?? '')
    expect(browser.page.body).toContain('value="allow"')
  })

  it('gets the same error for every invalid code', async () => {
    const { user_code: used } = await begun()
    await allow(used)
    for (const code of ['', 'BBBB-BBBB', 'no code', '<script>', used]) {
      const browser = test.browser()
      await browser.get('/device')
      await browser.submit({ user_code: code }, 'continue')
      expect([code, browser.page.statusCode]).toEqual([code, 400])
      expect(browser.page.body).toContain('Invalid code')
    }
  })

  it('sees the code of a link to compare it, and is asked again despite earlier consent (§3.3.1, §5.4)', async () => {
    const first = await begun()
    await allow(first.user_code)
    const { verification_uri_complete: link, user_code: code, device_code: deviceCode } = await begun()
    const browser = await test.signedInBrowser()
    await browser.get(link)
    expect(browser.page.body).toContain(`value="${code}"`)
    expect(await errorOf(deviceCode)).toBe('authorization_pending')
    await browser.submit({ user_code: code }, 'continue')
    expect(browser.page.body).toContain('value="allow"')
  })

  it('signs in again if the client always requires it, even after a recent sign-in', async () => {
    client = await test.registerClient({ ...SETTINGS, alwaysSignIn: true })
    rp = relyingParty(test, client)
    const browser = await test.signedInBrowser()
    test.clock.advance(1)
    const codes = await begun()
    await browser.get('/device')
    await browser.submit({ user_code: codes.user_code }, 'continue')
    expect(browser.url).toContain('/auth/login')
    await browser.submit(OWNER, 'sign-in')
    await browser.submit({}, 'allow')
    expect((await poll(codes.device_code)).statusCode).toBe(200)
  })

  it('asks even for a first-party client', async () => {
    const own = await test.registerClient({ ...SETTINGS, isFirstParty: true, requireConsent: false })
    const codes = (await begin({ client_id: own.clientId })).json<Codes>()
    const browser = await ask(codes.user_code)
    expect(browser.page.body).toContain('value="allow"')
  })

  it('can deny on the consent page and at sign-in', async () => {
    for (const where of ['consent', 'sign-in']) {
      const { device_code: deviceCode, user_code: userCode } = await begun()
      const browser = test.browser()
      await browser.get('/device')
      await browser.submit({ user_code: userCode }, 'continue')
      if (where === 'sign-in') await browser.submit({}, 'cancel')
      else await (await browser.submit(OWNER, 'sign-in')).submit({}, 'deny')
      expect(titleOf(browser)).toBe('Your device is not connected')
      expect(await errorOf(deviceCode)).toBe('access_denied')
    }
  })

  it('is the only session that can enter, allow or deny the code', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    const early = test.browser()
    await early.get('/device')
    await early.submit({ user_code: userCode }, 'continue')
    const asked = await ask(userCode)
    // The code was entered before, and the sign-in follows.
    await early.submit(OWNER, 'sign-in')
    expect(titleOf(early)).toBe('This code is no longer valid')
    const late = test.browser()
    await late.get('/device')
    await late.submit({ user_code: userCode }, 'continue')
    expect(late.page.statusCode).toBe(400)
    expect(await errorOf(deviceCode)).toBe('authorization_pending')
    await asked.submit({}, 'allow')
    expect((await poll(deviceCode)).statusCode).toBe(200)
  })

  it('cannot be forced by another site', async () => {
    const { user_code: userCode } = await begun()
    const browser = await test.signedInBrowser()
    await browser.post('/device', { user_code: userCode }, { 'sec-fetch-site': 'cross-site' })
    expect(browser.page.statusCode).toBe(403)
    await browser.get('/device')
    await browser.post('/device', { user_code: userCode, csrf: 'x' }, { 'sec-fetch-site': 'same-origin' })
    expect(browser.page.statusCode).toBe(403)
  })

  it('cannot allow scopes that the client may no longer request', async () => {
    const { user_code: userCode, device_code: deviceCode } = await begun()
    const browser = await ask(userCode)
    await overwriteClient(test, client.id, { scopes: ['openid'] })
    await browser.submit({}, 'allow')
    expect(await errorOf(deviceCode)).not.toBeUndefined()
    expect(await test.database.prisma.grant.count({ where: { clientId: client.id } })).toBe(0)
  })
})

describe('RFC 8628 §5.1: codes cannot be guessed', () => {
  it('because attempts are rate-limited, including correct ones', async () => {
    const limited = await createTestApp({ limits: { signIn: { max: 5, window: 600 } } })
    try {
      const browser = limited.browser()
      await browser.get('/device')
      const tried: number[] = []
      for (let attempt = 0; attempt < 7; attempt += 1) {
        await browser.submit({ user_code: 'BBBB-BBBB' }, 'continue')
        tried.push(browser.page.statusCode)
      }
      expect(tried).toEqual([400, 400, 400, 400, 400, 429, 429])
      expect(browser.page.headers['retry-after']).toMatch(/^\d+$/)
    } finally {
      await limited.close()
    }
  })
})

describe('RFC 8628 §3.5: the device polls', () => {
  it('and is slowed down by five seconds each time it polls too soon', async () => {
    const { device_code: deviceCode } = await begun()
    expect(await errorOf(deviceCode)).toBe('authorization_pending')
    test.clock.advance(4)
    expect(await errorOf(deviceCode)).toBe('slow_down')
    test.clock.advance(6)
    expect(await errorOf(deviceCode)).toBe('slow_down')
    test.clock.advance(15)
    expect(await errorOf(deviceCode)).toBe('authorization_pending')
  })

  it('and gets expired_token after the expiry, until the code is swept', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    test.clock.advance(601)
    expect(await errorOf(deviceCode)).toBe('expired_token')
    const browser = test.browser()
    await browser.get('/device')
    await browser.submit({ user_code: userCode }, 'continue')
    expect(browser.page.statusCode).toBe(400)
    await test.repositories.sweep(new Date(test.clock.now().getTime() + 90_000_000))
    expect(await errorOf(deviceCode)).toBe('invalid_grant')
  })

  it('and loses the approval if it does not poll in time', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    await allow(userCode)
    test.clock.advance(601)
    expect(await errorOf(deviceCode)).toBe('expired_token')
  })

  it('and gets tokens once: one of eight concurrent requests; a replay revokes them', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    await allow(userCode)
    const answers = await Promise.all(Array.from({ length: 8 }, () => poll(deviceCode)))
    const won = answers.filter(({ statusCode }) => statusCode === 200)
    expect(won.length).toBe(1)
    expect(await errorOf(deviceCode)).toBe('invalid_grant')
    const { access_token: token } = won[0]?.json<Tokens>() ?? { access_token: '' }
    expect((await rp.userinfo(token)).statusCode).toBe(401)
  })

  it('gets no tokens for another client', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    await allow(userCode)
    const other = await test.registerClient(SETTINGS)
    const answer = await poll(deviceCode, { client_id: other.clientId })
    expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
    expect((await poll(deviceCode)).statusCode).toBe(200)
  })

  it('cannot use a code of another kind, nor its own code for another grant type', async () => {
    const both = await test.registerClient({
      grantTypes: ['authorization_code', GRANT],
      scopes: ['openid', 'profile', 'email'],
      redirectUris: ['https://app.example.com/callback'],
    })
    const codes = (await begin({ client_id: both.clientId })).json<Codes>()
    await allow(codes.user_code)
    for (const redirectUri of ['', 'https://app.example.com/callback']) {
      const answer = await rp.post('/oauth2/token', {
        grant_type: 'authorization_code',
        code: codes.device_code,
        redirect_uri: redirectUri,
        client_id: both.clientId,
      })
      expect(answer.json()).toMatchObject({ error: 'invalid_grant' })
    }
    const web = relyingParty(test, both)
    const code = await web.code()
    expect((await poll(code, { client_id: both.clientId })).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await web.exchange(code)).statusCode).toBe(200)
    expect((await poll(codes.device_code, { client_id: both.clientId })).statusCode).toBe(200)
  })

  it('gets nothing for a user who was blocked meanwhile', async () => {
    const { device_code: deviceCode, user_code: userCode } = await begun()
    await allow(userCode)
    const { user } = test.database.prisma
    await user.updateMany({ data: { blockedAt: test.clock.now() } })
    expect((await poll(deviceCode)).json()).toMatchObject({ error: 'invalid_grant' })
    await user.updateMany({ data: { blockedAt: null } })
  })

  it.each([[{ device_code: '' }], [{ device_code: 'device_x' }]])('needs a device code: %j', async (form) => {
    const answer = await poll('x', form)
    expect(answer.statusCode).toBe(400)
    expect(['invalid_request', 'invalid_grant']).toContain(answer.json<{ error: string }>().error)
  })

  it('is recorded by its own grant type, if tokens are audited', async () => {
    await test.database.prisma.organisation.updateMany({ data: { auditTokens: true } })
    const audited = await test.registerClient(SETTINGS)
    const codes = (await begin({ client_id: audited.clientId })).json<Codes>()
    await allow(codes.user_code)
    expect((await poll(codes.device_code, { client_id: audited.clientId })).statusCode).toBe(200)
    const event = await test.database.prisma.auditEvent.findFirstOrThrow({
      where: { type: 'oauth2.token_issued', clientId: audited.id },
    })
    expect(event.metadata).toEqual({ grant_type: GRANT })
  })
})
