import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty } from '../../../support/relying-party.ts'

let test: TestApp
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  rp = relyingParty(test, await test.registerClient({ clientType: 'confidential' }))
  browser = await test.signedInBrowser()
})
afterAll(() => test.close())

const flipCase = (text: string) => (text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase())
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Altered versions of `token`, by the kind of change. */
function* variants(token: string): Generator<[string, string]> {
  for (let length = 1; length < token.length; length += 1) yield [`the first ${length}`, token.slice(0, length)]
  for (let length = 1; length < token.length; length += 25) yield [`all but the first ${length}`, token.slice(length)]
  for (const [index, character] of token.split('').entries()) {
    const [before, after] = [token.slice(0, index), token.slice(index + 1)]
    if (flipCase(character) !== character) yield [`case of ${index}`, before + flipCase(character) + after]
    if (index % 25 === 0) yield [`without ${index}`, before + after]
  }
  // The last character of base64url has unused bits, which gives other spellings of the same bytes.
  for (const last of ALPHABET) if (!token.endsWith(last)) yield [`ends in ${last}`, token.slice(0, -1) + last]
  for (const more of ['=', '==', '.', 'A', '-', '~', '%3D', '\u0000', ' ', '\n'])
    yield [`and ${JSON.stringify(more)}`, token + more]
  for (const more of ['=', ' ', '\t', 'A']) yield [`after ${JSON.stringify(more)}`, more + token]
  yield ['a space within', `${token.slice(0, -8)} ${token.slice(-8)}`]
  yield ['a line feed within', `${token.slice(0, -8)}\n${token.slice(-8)}`]
  yield ['padding within', `${token.slice(0, -8)}=${token.slice(-8)}`]
  yield ['in the other alphabet', token.replaceAll('-', '+').replaceAll('_', '/') + '+/']
  yield ['reversed', token.split('').toReversed().join('')]
  yield ['upper case', token.toUpperCase()]
  yield ['lower case', token.toLowerCase()]
  yield ['twice', token + token]
}

/** The variants that were accepted. */
async function accepted(token: string, accepts: (variant: string) => Promise<boolean>): Promise<string[]> {
  const found: string[] = []
  for (const [what, variant] of variants(token)) {
    if (variant !== token && (await accepts(variant))) found.push(what)
  }
  return found
}

describe('RFC 6749 §10.10 altered tokens are rejected', () => {
  it('authorization codes', async () => {
    const code = await rp.code(browser)
    expect(await accepted(code, async (variant) => (await rp.exchange(variant)).statusCode !== 400)).toEqual([])
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it('refresh tokens', async () => {
    const { refresh_token } = await rp.tokens(browser)
    expect(await accepted(refresh_token, async (variant) => (await rp.refresh(variant)).statusCode !== 400)).toEqual([])
    expect((await rp.refresh(refresh_token)).statusCode).toBe(200)
  })

  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('access tokens signed %s, at introspection', async (alg) => {
    const settings = { clientType: 'confidential', accessTokenSigningAlg: alg }
    const party = relyingParty(test, await test.registerClient(settings))
    const { access_token } = await party.tokens(browser)
    const isActive = async (token: string) => (await party.introspect(token)).body.includes('"active":true')
    expect(await accepted(access_token, isActive)).toEqual([])
    expect(await isActive(access_token)).toBe(true)
  })

  it('opaque access tokens, at introspection', async () => {
    const settings = { clientType: 'confidential', accessTokenFormat: 'opaque' }
    const party = relyingParty(test, await test.registerClient(settings))
    const { access_token } = await party.tokens(browser)
    const isActive = async (token: string) => (await party.introspect(token)).body.includes('"active":true')
    expect(await accepted(access_token, isActive)).toEqual([])
    expect(await isActive(access_token)).toBe(true)
  })

  it('access tokens at userinfo', async () => {
    const { access_token } = await rp.tokens(browser)
    // Intermediaries trim a header (RFC 9110 §5.5), and it must not contain a line feed.
    const isTaken = async (token: string) =>
      token.trim() !== access_token && !/[\0\n]/.test(token) && (await rp.userinfo(token)).statusCode !== 401
    expect(await accepted(access_token, isTaken)).toEqual([])
    expect((await rp.userinfo(access_token)).statusCode).toBe(200)
  })

  it('session cookies', async () => {
    const cookie = browser.cookies.get('cerb_sid') ?? ''
    const isSignedIn = async (value: string) => {
      const headers = { cookie: `cerb_sid=${encodeURIComponent(value)}` }
      return (await test.app.inject({ method: 'GET', url: '/v1/me/profile', headers })).statusCode !== 401
    }
    expect(await accepted(cookie, isSignedIn)).toEqual([])
    expect(await isSignedIn(cookie)).toBe(true)
  })
})
