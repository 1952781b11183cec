import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'

const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['reports:read'],
}
const INVALID_CLIENT = { status: 401, error: 'invalid_client', cache: 'no-store' }
type Form = Record<string, string> | [string, string][]

let test: TestApp
let basic: RegisteredTestClient
let posting: RegisteredTestClient
let open: RegisteredTestClient

beforeAll(async () => {
  test = await createTestApp()
  basic = await test.registerClient(MACHINE)
  posting = await test.registerClient({ ...MACHINE, tokenEndpointAuthMethod: 'client_secret_post' })
  open = await test.registerClient()
})
afterAll(() => test.close())

const encode = (text: string) => Buffer.from(text).toString('base64')
const header = (id: string, secret: string | null) => ({ authorization: `Basic ${encode(`${id}:${secret}`)}` })
const post = (form: Form, headers: Record<string, string> = {}, url = '/oauth2/token') =>
  test.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(form).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  })
const ask = (form: Form = {}, headers: Record<string, string> = {}) =>
  post([['grant_type', 'client_credentials'], ...(Array.isArray(form) ? form : Object.entries(form))], headers)

/** RFC 6749 §5.2: a failed authentication gets a challenge. */
const REFUSED = { ...INVALID_CLIENT, challenge: expect.stringMatching(/^Basic realm="/), token: undefined }
async function outcome(asked: ReturnType<typeof ask>) {
  const answer = await asked
  const { access_token: token } = answer.json<{ access_token?: string }>()
  return { ...readOAuthError(answer), challenge: answer.headers['www-authenticate'], token }
}

describe('RFC 6749 §2.3.1 client_secret_basic', () => {
  it('is accepted, whatever the case of the scheme and with the same client_id in the body', async () => {
    expect((await ask({}, header(basic.clientId, basic.clientSecret))).statusCode).toBe(200)
    const credentials = encode(`${basic.clientId}:${basic.clientSecret}`)
    expect((await ask({}, { authorization: `basic ${credentials}` })).statusCode).toBe(200)
    expect((await ask({ client_id: basic.clientId }, header(basic.clientId, basic.clientSecret))).statusCode).toBe(200)
  })

  it('carries id and secret form-encoded', async () => {
    const percent = (text: string) => text.replaceAll(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`)
    const encoded = header(percent(basic.clientId), percent(basic.clientSecret ?? ''))
    expect((await ask({}, encoded)).statusCode).toBe(200)
  })

  it.each<[string, () => Record<string, string>]>([
    ['a wrong secret', () => header(basic.clientId, 'wrong')],
    ['no secret', () => header(basic.clientId, '')],
    ['the secret of another client', () => header(basic.clientId, posting.clientSecret)],
    ['the secret and more', () => header(basic.clientId, `${basic.clientSecret}x`)],
    ['the secret and a colon', () => header(basic.clientId, `${basic.clientSecret}:`)],
    ['a part of the secret', () => header(basic.clientId, basic.clientSecret?.slice(0, -1) ?? '')],
    ['the secret in upper case', () => header(basic.clientId, basic.clientSecret?.toUpperCase() ?? '')],
    ['the secret after a space', () => header(basic.clientId, ` ${basic.clientSecret}`)],
    ['an unknown client', () => header('client_unknown', basic.clientSecret)],
    ['an empty client', () => header('', basic.clientSecret)],
    ['the id of the row', () => header(basic.id, basic.clientSecret)],
    ['the client_id in upper case', () => header(basic.clientId.toUpperCase(), basic.clientSecret)],
    ['a public client', () => header(open.clientId, '')],
    ['a client registered for client_secret_post', () => header(posting.clientId, posting.clientSecret)],
    ['a broken percent-encoding', () => header(basic.clientId, '%zz')],
    ['NUL', () => header(`${basic.clientId}%00`, basic.clientSecret)],
    ['no colon', () => ({ authorization: `Basic ${encode(basic.clientId)}` })],
    ['no credentials', () => ({ authorization: 'Basic' })],
    ['what is not base64', () => ({ authorization: 'Basic !!!!' })],
    ['two credentials', () => ({ authorization: 'Basic YTpi, Basic YTpi' })],
    ['another scheme', () => ({ authorization: `Bearer ${basic.clientSecret}` })],
    ['a digest', () => ({ authorization: `Digest username="${basic.clientId}"` })],
  ])('is rejected with %s', async (_, headers) => {
    expect(await outcome(ask({}, headers()))).toEqual(REFUSED)
  })

  it('is rejected if the body names another client', async () => {
    expect(await outcome(ask({ client_id: posting.clientId }, header(basic.clientId, basic.clientSecret)))).toEqual(
      REFUSED,
    )
  })
})

describe('RFC 6749 §2.3.1 client_secret_post', () => {
  const right = () => ({ client_id: posting.clientId, client_secret: posting.clientSecret ?? '' })

  it('is accepted', async () => {
    expect((await ask(right())).statusCode).toBe(200)
  })

  it.each<[string, () => Record<string, string>]>([
    ['a wrong secret', () => ({ ...right(), client_secret: 'wrong' })],
    ['an empty secret', () => ({ ...right(), client_secret: '' })],
    ['no secret', () => ({ client_id: posting.clientId })],
    ['no client', () => ({ client_secret: posting.clientSecret ?? '' })],
    ['an unknown client', () => ({ ...right(), client_id: 'client_unknown' })],
    [
      'a client registered for client_secret_basic',
      () => ({ client_id: basic.clientId, client_secret: basic.clientSecret ?? '' }),
    ],
    ['a public client', () => ({ client_id: open.clientId, client_secret: 'x' })],
    [
      'a method that is not supported',
      () => ({
        client_id: posting.clientId,
        client_assertion: 'x',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }),
    ],
  ])('is rejected with %s', async (_, form) => {
    expect(await outcome(ask(form()))).toEqual(REFUSED)
  })

  it('is rejected in the query', async () => {
    const url = `/oauth2/token?${new URLSearchParams({ ...right(), grant_type: 'client_credentials' })}`
    expect(await outcome(post({ grant_type: 'client_credentials' }, {}, url))).toEqual(REFUSED)
    expect(await outcome(post({ grant_type: 'client_credentials', client_id: posting.clientId }, {}, url))).toEqual(
      REFUSED,
    )
  })
})

describe('RFC 6749 §2.3 a client authenticates by exactly one method', () => {
  it.each<[string, () => [Record<string, string>, Record<string, string>]]>([
    [
      'both right',
      () => [
        { client_id: basic.clientId, client_secret: basic.clientSecret ?? '' },
        header(basic.clientId, basic.clientSecret),
      ],
    ],
    [
      'the secret in the body without a client_id',
      () => [{ client_secret: basic.clientSecret ?? '' }, header(basic.clientId, basic.clientSecret)],
    ],
    [
      'two clients',
      () => [
        { client_id: posting.clientId, client_secret: posting.clientSecret ?? '' },
        header(basic.clientId, basic.clientSecret),
      ],
    ],
    [
      'a wrong header',
      () => [
        { client_id: posting.clientId, client_secret: posting.clientSecret ?? '' },
        header(posting.clientId, 'wrong'),
      ],
    ],
  ])('two at once are rejected: %s', async (_, message) => {
    expect(await outcome(ask(...message()))).toEqual(REFUSED)
  })

  it.each(['client_id', 'client_secret'])('%s twice is rejected, in either order', async (name) => {
    const right: [string, string][] = [
      ['client_id', posting.clientId],
      ['client_secret', posting.clientSecret ?? ''],
    ]
    for (const form of [
      [...right, [name, 'another']],
      [[name, 'another'], ...right],
    ] as [string, string][][]) {
      const answer = await ask(form)
      expect([400, 401]).toContain(answer.statusCode)
      expect(answer.json()).not.toHaveProperty('access_token')
    }
  })

  it('a request without a client gets a challenge', async () => {
    expect(await outcome(ask())).toEqual(REFUSED)
  })

  it('errors in the rest of the request are reported to authenticated clients only', async () => {
    expect(await outcome(post({ grant_type: 'nonsense' }, header(basic.clientId, 'wrong')))).toEqual(REFUSED)
    expect(
      await outcome(
        post(
          [
            ['scope', 'a'],
            ['scope', 'b'],
          ],
          header(basic.clientId, 'wrong'),
        ),
      ),
    ).toEqual(REFUSED)
  })

  it.each(['/oauth2/revoke', '/oauth2/introspect'])('the same holds at %s', async (url) => {
    const form = { token: 'x' }
    expect(await outcome(post(form, {}, url))).toEqual(REFUSED)
    expect(await outcome(post(form, header(basic.clientId, 'wrong'), url))).toEqual(REFUSED)
    expect(await outcome(post({ ...form, client_id: basic.clientId }, {}, url))).toEqual(REFUSED)
    expect(
      await outcome(
        post(
          { ...form, client_id: basic.clientId, client_secret: basic.clientSecret ?? '' },
          header(basic.clientId, basic.clientSecret),
          url,
        ),
      ),
    ).toEqual(REFUSED)
    expect((await post(form, header(basic.clientId, basic.clientSecret), url)).statusCode).toBe(200)
  })
})
