import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readErrorPage, readRedirect } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const LOOPBACK = ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.app:/callback']
const FOREIGN_TO_A_NATIVE_APPLICATION = [
  'http://localhost/callback',
  'http://localhost:5000/callback',
  'http://localhost.evil.test:5000/callback',
  'http://127.0.0.1.evil.test:5000/callback',
  'http://127.0.0.1:5000.evil.test/callback',
  'http://127.0.0.1:5000@evil.test/callback',
  'http://user@127.0.0.1:5000/callback',
  'http://127.0.0.1:5000\\@evil.test/callback',
  'http://127.0.0.1:5000#@evil.test/callback',
  'http://127.0.0.1:/callback',
  'http://127.0.0.1:-1/callback',
  'http://127.0.0.1:+80/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:99999/callback',
  'http://127.0.0.1:123456/callback',
  'http://127.0.0.1:80:80/callback',
  'http://127.0.0.1:%38%30/callback',
  'http://127.0.0.1:5000/callback/',
  'http://127.0.0.1:5000/callbackx',
  'http://127.0.0.1:5000/callback?x=1',
  'http://127.0.0.1:5000/callback#',
  'http://127.0.0.1:5000//callback',
  'http://127.0.0.1:5000/x/../callback',
  'https://127.0.0.1:5000/callback',
  'HTTP://127.0.0.1:5000/callback',
  'http://127.1:5000/callback',
  'http://127.0.0.2:5000/callback',
  'http://0.0.0.0:5000/callback',
  'http://0x7f.0.0.1:5000/callback',
  'http://0177.0.0.1:5000/callback',
  'http://2130706433:5000/callback',
  'http://127.0.0.1.:5000/callback',
  'http://[::ffff:127.0.0.1]:5000/callback',
  'http://[0:0:0:0:0:0:0:1]:5000/callback',
  'http://[::01]:5000/callback',
  'http://[::1%25lo]:5000/callback',
  'http://[::]:5000/callback',
  'http://::1:5000/callback',
  'http://[::1]evil.test/callback',
  'com.example.app:/callback/',
  'com.example.app://callback',
  'com.example.app:/callback?x=1',
  'COM.example.app:/callback',
  'com.example.app.evil:/callback',
]

let test: TestApp
let cookie: string

beforeAll(async () => {
  test = await createTestApp()
  cookie = await test.signIn()
})
afterAll(() => test.close())

const ask = (client: RegisteredTestClient, redirectUri: string) =>
  test.app.inject({
    method: 'GET',
    url: relyingParty(test, client).authorizeUrl({ redirect_uri: redirectUri, prompt: 'none' }),
    headers: { cookie },
  })

const MISMATCH = { status: 400, code: 'redirect_uri_mismatch', location: undefined }

describe('RFC 8252 §7.3 only the loopback port of a native redirect URI may differ', () => {
  let client: RegisteredTestClient
  beforeAll(async () => {
    client = await test.registerClient({ redirectUris: LOOPBACK })
  })

  it.each(FOREIGN_TO_A_NATIVE_APPLICATION)('%j is refused on a page', async (redirectUri) => {
    expect(readErrorPage(await ask(client, redirectUri))).toEqual(MISMATCH)
  })

  it.each([
    ...LOOPBACK,
    'http://127.0.0.1:51004/callback',
    'http://[::1]:1/callback',
    'http://127.0.0.1:65535/callback',
  ])('%s is answered at the requested port', async (redirectUri) => {
    const answer = await ask(client, redirectUri)
    expect(answer.headers.location?.startsWith(`${redirectUri}?`)).toBe(true)
    expect(readRedirect(answer)).toHaveProperty('code')
  })

  it.each([
    [
      'a confidential client',
      { clientType: 'confidential', redirectUris: ['http://127.0.0.1:3000/callback'] },
      'http://127.0.0.1:3001/callback',
    ],
    ['the name localhost', { redirectUris: ['http://localhost:3000/callback'] }, 'http://localhost:3001/callback'],
  ])('the port may not differ for %s', async (_, settings, redirectUri) => {
    const strict = await test.registerClient(settings)
    expect(readErrorPage(await ask(strict, redirectUri))).toEqual(MISMATCH)
  })
})
