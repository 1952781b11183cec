import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOAuthError, readRedirect } from '../../../support/read-response.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { pkce, relyingParty } from '../../../support/relying-party.ts'

const INVALID_GRANT = { status: 400, error: 'invalid_grant', cache: 'no-store' }
/** RFC 7636 appendix B. */
const EXAMPLE = {
  verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
}

let test: TestApp
let spa: ReturnType<typeof relyingParty>
let server: ReturnType<typeof relyingParty>
let lenient: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  test = await createTestApp()
  const register = async (settings: Record<string, unknown>): Promise<RegisteredTestClient> =>
    test.registerClient({ clientType: 'confidential', ...settings })
  spa = relyingParty(test, await test.registerClient())
  server = relyingParty(test, await register({}))
  lenient = relyingParty(test, await register({ requirePkce: false }))
  browser = await test.signedInBrowser()
})
afterAll(() => test.close())

const refusal = async (rp: ReturnType<typeof relyingParty>, more: Record<string, string | undefined>) => {
  await browser.get(rp.authorizeUrl(more))
  return readRedirect(browser.page)
}
const NONE = { code_challenge: undefined, code_challenge_method: undefined }

describe('RFC 7636 §4.3 the challenge', () => {
  it('may be that of the example in appendix B', async () => {
    const code = await spa.code(browser, { code_challenge: EXAMPLE.challenge })
    expect((await spa.exchange(code, { code_verifier: EXAMPLE.verifier })).statusCode).toBe(200)
  })

  it.each<[string, Record<string, string | undefined>]>([
    ['it is missing', NONE],
    ['only the method is sent', { code_challenge: undefined }],
    ['the method is missing, which means plain', { code_challenge_method: undefined }],
    ['the method is plain', { code_challenge_method: 'plain' }],
    ['the method is s256', { code_challenge_method: 's256' }],
    ['the method is unknown', { code_challenge_method: 'S512' }],
    ['it is too short', { code_challenge: 'x'.repeat(42) }],
    ['it is too long', { code_challenge: 'x'.repeat(44) }],
    ['it is padded', { code_challenge: `${EXAMPLE.challenge}=` }],
    ['it is base64 but not base64url', { code_challenge: `${'+'.repeat(42)}/` }],
    ['it is empty', { code_challenge: '' }],
  ])('is rejected with invalid_request if %s', async (_, more) => {
    for (const rp of [spa, server]) {
      expect(await refusal(rp, more)).toEqual({
        error: 'invalid_request',
        error_description: expect.any(String),
        state: 'a-state',
        iss: ISSUER,
        session_state: expect.any(String),
      })
    }
  })

  it('may be omitted only by a confidential client that registered so', async () => {
    expect(await refusal(lenient, NONE)).toHaveProperty('code')
    expect(await refusal(server, NONE)).toMatchObject({ error: 'invalid_request' })
    expect(await refusal(lenient, { code_challenge_method: 'plain' })).toMatchObject({ error: 'invalid_request' })
    await expect(test.registerClient({ requirePkce: false })).rejects.toThrow('400')
  })
})

describe('RFC 7636 §4.6 the verifier', () => {
  it.each<[string, (verifier: string) => string | undefined]>([
    ['missing', () => undefined],
    ['empty', () => ''],
    ['another', () => pkce().verifier],
    ['the challenge itself', () => spa.challenge],
    ['too short', (verifier) => verifier.slice(0, 42)],
    ['one character long', () => 'a'],
    ['too long', () => 'a'.repeat(129)],
    ['longer by one', (verifier) => `${verifier}A`],
    ['padded', (verifier) => `${verifier}=`],
    ['in upper case', (verifier) => verifier.toUpperCase()],
    ['before a space', (verifier) => `${verifier} `],
    ['before a line feed', (verifier) => `${verifier}\n`],
    ['beyond ASCII', () => 'ä'.repeat(43)],
  ])('that is %s is rejected with invalid_grant, and the code stays valid', async (_, change) => {
    const code = await spa.code(browser)
    const answer = await spa.exchange(code, { code_verifier: change(spa.verifier) })
    expect(readOAuthError(answer)).toEqual(INVALID_GRANT)
    expect(answer.json<{ error_description: string }>().error_description).toMatch(/^invalid_code_verifier/)
    expect((await spa.exchange(code)).statusCode).toBe(200)
  })

  it('is required from confidential clients too, if they sent a challenge', async () => {
    for (const rp of [server, lenient]) {
      const code = await rp.code(browser)
      expect(readOAuthError(await rp.exchange(code, { code_verifier: undefined }))).toEqual(INVALID_GRANT)
      expect((await rp.exchange(code)).statusCode).toBe(200)
    }
  })

  it('is rejected if there was no challenge, so that a challenge cannot be stripped (RFC 9700 §4.8.2)', async () => {
    const code = await lenient.code(browser, NONE)
    const answer = await lenient.exchange(code)
    expect(readOAuthError(answer)).toEqual(INVALID_GRANT)
    expect(answer.json<{ error_description: string }>().error_description).toMatch(/^invalid_code_verifier/)
    expect((await lenient.exchange(code, { code_verifier: undefined })).statusCode).toBe(200)
  })

  it.each([43, 128])('may have %i characters', async (length) => {
    const verifier = '-._~0aZ'.repeat(20).slice(0, length)
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    const code = await spa.code(browser, { code_challenge: challenge })
    expect((await spa.exchange(code, { code_verifier: verifier })).statusCode).toBe(200)
  })

  it('of one code is invalid for another', async () => {
    const other = pkce()
    const [first, second] = [await spa.code(browser), await spa.code(browser, { code_challenge: other.challenge })]
    expect(readOAuthError(await spa.exchange(first, { code_verifier: other.verifier }))).toEqual(INVALID_GRANT)
    expect(readOAuthError(await spa.exchange(second))).toEqual(INVALID_GRANT)
  })
})
