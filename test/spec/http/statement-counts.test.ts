import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { dpopParty, dpopProof, makeDpopKey, type DpopKey } from '../../support/dpop.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

let test: TestApp
let browser: Browser
let rp: ReturnType<typeof relyingParty>
let machine: ReturnType<typeof relyingParty>
let opaque: ReturnType<typeof relyingParty>
let key: DpopKey
let bound: ReturnType<typeof dpopParty>
let boundTokens: Tokens
let tokens: Tokens
let machineToken: string
let pushedUrl: string

beforeAll(async () => {
  // The general limit settles in the background, for all requests since the last time together: not during these.
  test = await createTestApp({ flushIntervalMs: 3_600_000 })
  // A grant is always given by the person: the consent is read, not skipped.
  rp = relyingParty(test, await test.registerClient({ clientType: 'confidential', requireConsent: true }))
  const settings = {
    clientType: 'confidential',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['api'],
  }
  machine = relyingParty(test, await test.registerClient(settings))
  opaque = relyingParty(test, await test.registerClient({ ...settings, accessTokenFormat: 'opaque' }))
  key = await makeDpopKey()
  bound = dpopParty(test, await test.registerClient({ tokenEndpointAuthMethod: 'none' }), key)
  browser = test.browser()
  await rp.tokens(browser)
  await test.changesRead()
})
afterAll(() => test.close())

const get = async (url: string) => test.app.inject({ method: 'GET', url })
const opaqueToken = () => opaque.exchange('', { grant_type: 'client_credentials' })
/** The push stands beside it. */
const authorizePushed = async () => (await browser.get(pushedUrl)).page
const boundUserinfo = async () => {
  const { access_token: token } = boundTokens
  const dpop = await dpopProof(test, key, { method: 'GET', path: '/oauth2/userinfo', token })
  return test.app.inject({ url: '/oauth2/userinfo', headers: { authorization: `DPoP ${token}`, dpop } })
}
const authorize = async () => (await browser.get(rp.authorizeUrl())).page

/** Each request, with how many statements PostgreSQL may be sent for it at most. BEGIN and COMMIT would count. */
const requests: [string, number, (code: string) => Promise<{ statusCode: number }>][] = [
  ['the metadata', 0, () => get('/.well-known/openid-configuration')],
  ['the key set', 0, () => get('/oauth2/jwks.json')],
  ['authorization, with a live session and consent', 2, authorize],
  ['a push of a request', 1, () => rp.push()],
  ['authorization of a pushed request, with a live session and consent', 3, authorizePushed],
  ['the exchange of a code', 1, (code) => rp.exchange(code)],
  ['a refresh', 1, () => rp.refresh(tokens.refresh_token)],
  ['client_credentials', 0, () => machine.exchange('', { grant_type: 'client_credentials' })],
  ['client_credentials, opaque', 0, opaqueToken],
  ['introspection of an access token', 1, () => rp.introspect(tokens.access_token)],
  ['introspection of a refresh token', 1, () => rp.introspect(tokens.refresh_token)],
  ['userinfo', 1, () => rp.userinfo(tokens.access_token)],
  ['revocation of an access token', 1, () => rp.revoke(tokens.access_token)],
  ['introspection of an opaque access token', 1, () => opaque.introspect(machineToken)],
  ['revocation of an opaque access token', 1, () => opaque.revoke(machineToken)],
  ['revocation of a refresh token', 1, () => rp.revoke(tokens.refresh_token)],
  // One more, which uses up the proof.
  ['a refresh by a DPoP proof', 2, async () => bound.renew(boundTokens.refresh_token, await dpopProof(test, key))],
  ['userinfo by a DPoP proof', 2, boundUserinfo],
]

describe('what a request costs PostgreSQL', () => {
  it.each(requests)('%s: %i', async (_, floor, request) => {
    const counts: number[] = []
    // The first round is warm-up: it fills caches and prepares statements.
    for (let round = 0; round < 3; round += 1) {
      tokens = await rp.tokens(browser)
      machineToken = (await opaqueToken()).json<Tokens>().access_token
      boundTokens = await bound.bound()
      const code = await rp.code(browser)
      pushedUrl = await rp.pushedUrl()
      const before = test.database.statementCount()
      const { statusCode } = await request(code)
      counts.push(test.database.statementCount() - before)
      expect(statusCode).toBeLessThan(400)
    }
    expect(counts.slice(1)).toEqual([floor, floor])
  })

  it('is nothing for the limit that every request to a page is counted for', async () => {
    const before = test.database.statementCount()
    for (let count = 0; count < 20; count += 1) await authorize()
    expect(test.database.statementCount() - before).toBe(20 * 2)
  })

  it('counts what is sent, whichever way it is sent', async () => {
    const before = test.database.statementCount()
    await test.database.pool.query('SELECT 1')
    await test.database.prisma.organisation.count()
    await test.database.prisma.$transaction([test.database.prisma.organisation.count()])
    expect(test.database.statementCount() - before).toBeGreaterThanOrEqual(3)
  })
})
