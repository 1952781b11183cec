import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'

const FORM = 'application/x-www-form-urlencoded'
const INSIDES = /node_modules|\.ts:\d|\n\s+at |FST_|[A-Z]\w*Error\b|SELECT |prisma/

let test: TestApp
let cookie: string
let client: RegisteredTestClient

beforeAll(async () => {
  test = await createTestApp()
  cookie = await test.signIn()
  client = await test.registerClient()
})
afterAll(() => test.close())

async function send(options: InjectOptions): Promise<LightMyRequestResponse> {
  const answer = await test.app.inject(options)
  expect(answer.statusCode).toBeLessThan(500)
  expect(answer.body).not.toMatch(INSIDES)
  return answer
}

const postForm = (url: string, payload: string, type = FORM) =>
  send({ method: 'POST', url, headers: { 'content-type': type }, payload })

const postJson = (url: string, payload: string | Buffer, type = 'application/json') =>
  send({ method: 'POST', url, headers: { 'content-type': type, ...(url.includes('/admin/') && { cookie }) }, payload })

describe('forms and queries', () => {
  const valid = () => relyingParty(test, client).authorizeUrl().split('?')[1] ?? ''

  it.each([
    ['a parameter twice', 'grant_type=refresh_token&grant_type=refresh_token'],
    ['a NUL', 'grant_type=refresh_token&refresh_token=%00'],
    ['a broken escape', 'grant_type=refresh_token&refresh_token=%ZZ'],
    ['half an escape', 'grant_type=refresh_token&refresh_token=%E'],
    ['half a character', 'grant_type=refresh_token&refresh_token=%E0%A4'],
    ['an overlong encoding', 'grant_type=refresh_token&refresh_token=%C0%80'],
    ['an encoded surrogate', 'grant_type=refresh_token&refresh_token=%ED%A0%80'],
    ['10,000 fields', `grant_type=refresh_token&${'a=b&'.repeat(7_000)}`],
    ['10,000 names', Array.from({ length: 3_000 }, (_, index) => `p${index}=1`).join('&')],
  ])('%s is invalid_request, at the token endpoint and in the front channel', async (_, payload) => {
    const token = await postForm('/oauth2/token', `client_id=${client.clientId}&${payload}`)
    expect([token.statusCode, token.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })])
    const extra = payload.replaceAll('grant_type', 'state')
    const front = await send({ method: 'GET', url: `/oauth2/authorize?${extra}` })
    expect([front.statusCode, front.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
    const posted = await postForm('/oauth2/authorize', `${valid()}&${extra}`)
    expect(posted.statusCode === 400 || /[?&]error=invalid_request/.test(String(posted.headers['location']))).toBe(true)
  })

  it.each(['utf-16', 'UTF-16LE', 'iso-8859-1', '"utf-7"'])('are refused in charset=%s', async (charset) => {
    const answer = await postForm(
      '/oauth2/token',
      `grant_type=x&client_id=${client.clientId}`,
      `${FORM};charset=${charset}`,
    )
    expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })])
  })

  it.each(['utf-8', 'UTF-8', '"utf-8"'])('are read in charset=%s', async (charset) => {
    const answer = await postForm(
      '/oauth2/token',
      `grant_type=x&client_id=${client.clientId}`,
      `${FORM};charset=${charset}`,
    )
    expect(answer.json()).toMatchObject({ error: 'unsupported_grant_type' })
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__[admin]', 'grant_type[]'])(
    'give no meaning to a parameter named %s',
    async (name) => {
      const payload = `client_id=${client.clientId}&grant_type=x&${encodeURIComponent(name)}=y`
      expect((await postForm('/oauth2/token', payload)).json()).toMatchObject({ error: 'unsupported_grant_type' })
      expect((await postForm('/oauth2/token', `client_id=${name}&grant_type=x`)).statusCode).toBe(401)
      expect((await postForm('/oauth2/token', `client_id=${client.clientId}&grant_type=${name}`)).json()).toMatchObject(
        {
          error: 'unsupported_grant_type',
        },
      )
      const front = await send({ method: 'GET', url: `/oauth2/authorize?${valid()}&${encodeURIComponent(name)}=y` })
      expect(front.statusCode).toBe(302)
      expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
    },
  )

  it('are refused without a type, and may be empty', async () => {
    expect((await send({ method: 'POST', url: '/oauth2/token', payload: 'grant_type=x' })).statusCode).toBe(400)
    expect((await postForm('/oauth2/token', '')).statusCode).toBe(401)
  })
})

describe('JSON', () => {
  const login = '/v1/auth/login'
  const clients = '/v1/admin/clients'

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['half an object', '{"email":'],
    ['no JSON', 'email=a'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a string', '"a"'],
    ['nested 60,000 deep', `${'['.repeat(60_000)}${']'.repeat(60_000)}`],
    ['an object nested 20,000 deep', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`],
    ['__proto__', '{"__proto__":{"admin":true},"email":"a@b.c","password":"x"}'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}},"email":"a@b.c","password":"x"}'],
    ['a lone surrogate in a value', '{"email":"a\\ud800@b.c","password":"x","name":"\\udfff"}'],
    ['a lone surrogate in a name', '{"a\\ud800":1}'],
    ['a NUL in a value', '{"email":"a\\u0000@b.c","password":"x","name":"\\u0000"}'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['UTF-16', Buffer.from('{"email":"a@b.c","password":"x"}', 'utf16le')],
    ['10,000 members', JSON.stringify(Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`m${i}`, 1])))],
    ['a number beyond reason', '{"email":1e999999,"password":-0,"accessTokenLifetime":1e308}'],
  ])('%s is refused as a problem', async (_, payload) => {
    for (const url of [login, clients]) {
      const answer = await postJson(url, payload)
      expect([400, 401, 413]).toContain(answer.statusCode)
      expect(answer.headers['content-type']).toBe('application/problem+json')
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  it.each([
    ['{"email":"owner@acme.test","password":"wrong","password":"correct horse battery staple"}'],
    ['{"email":"unknown@acme.test","email":"owner@acme.test","password":"correct horse battery staple"}'],
  ])('with a member twice never brings the server down: %s', async (payload) => {
    expect([200, 400, 401]).toContain((await postJson(login, payload)).statusCode)
  })

  it('in another charset is refused, or read as what it is', async () => {
    const payload = Buffer.from('{"email":"owner@acme.test","password":"correct horse battery staple"}', 'utf16le')
    expect((await postJson(login, payload, 'application/json; charset=utf-16')).statusCode).toBeGreaterThanOrEqual(400)
  })
})

describe('queries of JSON', () => {
  it.each(['%ZZ', '%E0%A4', '%ED%A0%80', '%FF', '%C0%80'])('with %s are refused as a problem', async (search) => {
    for (const path of ['/v1/admin/clients', '/v1/me/sessions']) {
      const answer = await send({ method: 'GET', url: `${path}?search=${search}`, headers: { cookie } })
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
    }
  })

  it('are read in UTF-8', async () => {
    const answer = await send({
      method: 'GET',
      url: '/v1/admin/clients?search=%C3%A4%20%2B+%F0%9F%98%80',
      headers: { cookie },
    })
    expect(answer.statusCode).toBe(200)
  })
})

describe('paths', () => {
  it.each([
    '/nothing',
    '/v1/nothing',
    '/oauth2/nothing',
    '/oauth2',
    '/oauth2/token/',
    '/OAUTH2/TOKEN',
    '/.well-known/nothing',
    '/../etc/passwd',
    '/%2e%2e/etc/passwd',
    '/oauth2/..%2ftoken',
    '/.env',
    '/favicon.ico/../nothing',
    `/${'a'.repeat(8_000)}`,
    `/v1/admin/clients/${'a'.repeat(150)}`,
    '/v1/admin/clients/%2e%2e',
    "/v1/admin/clients/'%20OR%20''='",
    '/v1/me/sessions/__proto__',
  ])('%s is not there', async (url) => {
    const answer = await send({ method: 'GET', url, headers: { cookie } })
    expect([404, 405]).toContain(answer.statusCode)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.json()).toMatchObject({ status: answer.statusCode })
    // The response contains no part of the URL, so it cannot inject a script.
    expect(answer.body).not.toContain('aaaaaaaa')
  })

  it.each([`/v1/admin/clients/${'a'.repeat(300)}`])('a part that is too long: %s', async (url) => {
    const answer = await send({ method: 'GET', url, headers: { cookie } })
    expect(answer.statusCode).toBe(414)
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })
})
