import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readErrorPage } from '../../../support/read-response.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const WEB = 'https://app.example.com/callback'
const FOREIGN_TO_A_WEB_APPLICATION = [
  'https://evil.test/callback',
  'https://app.example.com/callback/',
  'https://app.example.com//callback',
  'https://app.example.com/callback//',
  'https://app.example.com',
  'https://app.example.com/',
  'https://app.example.com/callbac',
  'https://app.example.com/callbackx',
  'https://app.example.com/Callback',
  'https://APP.example.com/callback',
  'HTTPS://app.example.com/callback',
  'https://app.example.com./callback',
  'https://app.example.com:443/callback',
  'https://app.example.com:0443/callback',
  'https://app.example.com:8443/callback',
  'https://app.example.com:/callback',
  'http://app.example.com/callback',
  'ftp://app.example.com/callback',
  'javascript://app.example.com/callback',
  'javascript:alert(1)//https://app.example.com/callback',
  'data:text/html,https://app.example.com/callback',
  'https://user@app.example.com/callback',
  'https://@app.example.com/callback',
  'https://app.example.com@evil.test/callback',
  'https://app.example.com:443@evil.test/callback',
  'https://app.example.com%40evil.test/callback',
  'https://evil.test\\@app.example.com/callback',
  'https://evil.test%5c@app.example.com/callback',
  'https://app.example.com\\.evil.test/callback',
  'https:\\\\app.example.com\\callback',
  'https:/app.example.com/callback',
  'https:///app.example.com/callback',
  'https:app.example.com/callback',
  '//app.example.com/callback',
  '/callback',
  'callback',
  'app.example.com/callback',
  'https://app.example.com/call\tback',
  'https://app.example.com/call\nback',
  'https://app.example.com/callback\r\nSet-Cookie: a=b',
  'https://app.example.com/callback%0d%0aSet-Cookie:a=b',
  ' https://app.example.com/callback',
  'https://app.example.com/callback ',
  '\u00a0https://app.example.com/callback',
  '\ufeffhttps://app.example.com/callback',
  'https://app.example.com%2fcallback',
  'https://app.example.com/%63allback',
  'https://app.example.com/%2563allback',
  'https%3A%2F%2Fapp.example.com%2Fcallback',
  'https://app%2eexample.com/callback',
  'https://app.example.com/callback#',
  'https://app.example.com/callback#x',
  'https://app.example.com/callback%23x',
  'https://app.example.com/callback?',
  'https://app.example.com/callback?x=1',
  'https://app.example.com/callback?redirect_uri=https://evil.test',
  'https://app.example.com/callback&x=1',
  'https://app.example.com/callback;x=1',
  'https://app.example.com/callback/../callback',
  'https://app.example.com/callback/..',
  'https://app.example.com/./callback',
  'https://app.example.com/callback/%2e%2e/callback',
  'https://app.example.com/evil/..;/callback',
  'https://evil.app.example.com/callback',
  'https://evilapp.example.com/callback',
  'https://app.example.com.evil.test/callback',
  'https://*.example.com/callback',
  'https://app.example.com,evil.test/callback',
  'https://app.example.com/callback,https://evil.test',
  'https://app.example.com/callback https://evil.test',
  'https://аpp.example.com/callback',
  'https://app。example.com/callback',
  'https://app\u200b.example.com/callback',
  'https://[::1]/callback',
  'https://127.0.0.1/callback',
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

/** The same as a posted form, with a response by form_post. */
const postAsk = (client: RegisteredTestClient, redirectUri: string) =>
  test.app.inject({
    method: 'POST',
    url: '/oauth2/authorize',
    payload:
      relyingParty(test, client)
        .authorizeUrl({ redirect_uri: redirectUri, prompt: 'none', response_mode: 'form_post' })
        .split('?')[1] ?? '',
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
  })

const MISMATCH = { status: 400, code: 'redirect_uri_mismatch', location: undefined }

describe('RFC 9700 §2.1 redirect URIs are compared character by character', () => {
  describe('for a web application', () => {
    let client: RegisteredTestClient
    beforeAll(async () => {
      client = await test.registerClient({ redirectUris: [WEB, 'https://app.example.com/with?tenant=1&x=%2f'] })
    })

    it.each(FOREIGN_TO_A_WEB_APPLICATION)('%j is refused on a page', async (redirectUri) => {
      for (const answer of [await ask(client, redirectUri), await postAsk(client, redirectUri)]) {
        expect(readErrorPage(answer)).toEqual(MISMATCH)
        expect(answer.body).not.toContain('<form')
      }
    })

    it.each([
      'https://app.example.com/with',
      'https://app.example.com/with?tenant=2&x=%2f',
      'https://app.example.com/with?tenant=1&x=%2F',
      'https://app.example.com/with?tenant=1&x=/',
      'https://app.example.com/with?x=%2f&tenant=1',
      'https://app.example.com/with?tenant=1&x=%2f&y=1',
      'https://app.example.com/with?tenant=1&tenant=1&x=%2f',
    ])('%j is not the registered URI with a query', async (redirectUri) => {
      expect(readErrorPage(await ask(client, redirectUri))).toEqual(MISMATCH)
    })

    it('registered URIs are accepted, with their own query retained', async () => {
      expect((await ask(client, WEB)).headers.location).toMatch(/^https:\/\/app\.example\.com\/callback\?code=/)
      const kept = (await ask(client, 'https://app.example.com/with?tenant=1&x=%2f')).headers.location
      expect(kept).toMatch(/^https:\/\/app\.example\.com\/with\?tenant=1&x=%2f&code=/)
    })

    it('the URI of another client is rejected', async () => {
      const other = await test.registerClient({ redirectUris: ['https://other.example.com/callback'] })
      expect(readErrorPage(await ask(other, WEB))).toEqual(MISMATCH)
    })
  })

  it('the page shows a hostile redirect URI as text', async () => {
    const client = await test.registerClient()
    const { body } = await ask(client, 'https://evil.test/"><script>alert(1)</script>')
    expect(body).not.toContain('<script')
    expect(body).not.toContain('href="https://evil.test')
  })
})

describe('RFC 9700 §4.11.2 an untrusted request does not redirect', () => {
  it.each(['client_unknown', '../../etc/passwd', "' OR 1=1 --", 'x'.repeat(5000), 'https://evil.test'])(
    'unknown client %s',
    async (clientId) => {
      const client = await test.registerClient()
      for (const redirectUri of [WEB, 'https://evil.test/']) {
        const answer = await ask({ ...client, clientId }, redirectUri)
        expect(readErrorPage(answer)).toEqual({ status: 400, code: 'unknown_client', location: undefined })
      }
    },
  )
})
