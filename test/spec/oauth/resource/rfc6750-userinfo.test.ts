import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const USERINFO = '/oauth2/userinfo'
const CHALLENGE = 'Bearer realm="cerberus"'

let test: TestApp
let client: RegisteredTestClient
let sub: string

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient()
  const { id } = await test.database.prisma.user.findFirstOrThrow()
  sub = id
})
afterAll(() => test.close())

async function accessToken(scope: string, of: RegisteredTestClient = client): Promise<string> {
  return (await relyingParty(test, of).tokens(test.browser(), { scope })).access_token
}

const ask = (authorization: string | undefined, url = USERINFO) =>
  test.app.inject({ method: 'GET', url, headers: authorization === undefined ? {} : { authorization } })

const post = (form: Record<string, string> | undefined, authorization?: string) =>
  test.app.inject({
    method: 'POST',
    url: USERINFO,
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form && { payload: new URLSearchParams(form).toString() }),
  })

describe('RFC 6750 §2: how a token may be sent', () => {
  it('not in the query', async () => {
    const token = await accessToken('openid')
    const answer = await ask(undefined, `${USERINFO}?access_token=${token}`)
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(CHALLENGE)
    expect(answer.body).not.toContain(sub)
  })

  it('not in two places', async () => {
    const token = await accessToken('openid')
    const answer = await post({ access_token: token }, `Bearer ${token}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'invalid_request' })
    expect(answer.headers['www-authenticate']).toContain('error="invalid_request"')
  })

  it('not twice in the form', async () => {
    const token = await accessToken('openid')
    const answer = await test.app.inject({
      method: 'POST',
      url: USERINFO,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `access_token=${token}&access_token=${token}`,
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ error: 'invalid_request' })
  })
})

describe('RFC 6750 §3: errors', () => {
  it('challenges without an error code if no token was sent', async () => {
    for (const answer of [await ask(undefined), await post(undefined), await post({}), await ask('Basic YTpi')]) {
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe(CHALLENGE)
    }
  })

  const replace = (token: string, index: number, text: string) =>
    token
      .split('.')
      .map((part, at) => (at === index ? text : part))
      .join('.')
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  it.each<[string, () => Promise<string>]>([
    ['garbage', async () => 'garbage'],
    ['with another signature', async () => replace(await accessToken('openid'), 2, 'A'.repeat(86))],
    [
      'with other claims',
      async () => {
        const token = await accessToken('openid')
        const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object
        return replace(token, 1, encode({ ...claims, scope: 'openid email' }))
      },
    ],
    [
      'of alg none',
      async () => replace(replace(await accessToken('openid'), 0, encode({ alg: 'none', typ: 'at+jwt' })), 2, ''),
    ],
    ['an ID token', async () => (await relyingParty(test, client).tokens()).id_token],
    ['a refresh token', async () => (await relyingParty(test, client).tokens()).refresh_token],
    [
      'revoked',
      async () => {
        const token = await accessToken('openid')
        expect((await relyingParty(test, client).revoke(token)).statusCode).toBe(200)
        return token
      },
    ],
    [
      'expired',
      async () => {
        const token = await accessToken('openid')
        test.clock.advance(3600)
        return token
      },
    ],
    [
      'for another audience',
      async () =>
        accessToken(
          'profile',
          await test.registerClient({ audience: ['https://api.example.com'], scopes: ['profile', 'openid'] }),
        ),
    ],
  ])('invalid_token: %s', async (_, token) => {
    const answer = await ask(`Bearer ${await token()}`)
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="cerberus", error="invalid_token"/)
    expect(answer.json()).toMatchObject({ error: 'invalid_token' })
  })

  it('is accepted until the second it expires', async () => {
    const token = await accessToken('openid')
    test.clock.advance(3598)
    expect((await ask(`Bearer ${token}`)).statusCode).toBe(200)
  })

  it('insufficient_scope: without openid, or without a user', async () => {
    const machine = await test.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['api'],
    })
    const issued = await relyingParty(test, machine).exchange('', { grant_type: 'client_credentials' })
    const { access_token } = issued.json<{ access_token: string }>()
    for (const token of [access_token, await accessToken('profile email')]) {
      const answer = await ask(`Bearer ${token}`)
      expect(answer.statusCode).toBe(403)
      expect(answer.headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="openid"/)
    }
  })
})
