import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { uuidv7 } from '../../../src/lib/crypto/random.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/browser.ts'
import { eventually } from '../../support/eventually.ts'
import { startLogoutReceiver } from '../../support/logout-receiver.ts'
import { relyingParty } from '../../support/relying-party.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

let test: TestApp
let receiver: Awaited<ReturnType<typeof startLogoutReceiver>>
let client: RegisteredTestClient

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  receiver = await startLogoutReceiver()
  client = await register()
})
beforeEach(() => {
  receiver.received.splice(0)
  receiver.answer = (response) => void response.end()
})
afterAll(async () => {
  await test.close()
  await receiver.close()
})

const register = (settings: object = {}) =>
  test.registerClient({ backchannelLogoutUri: `${receiver.base}/logout`, ...settings })

async function signedIn(...clients: RegisteredTestClient[]): Promise<{ browser: Browser; hint: string }> {
  const browser = test.browser()
  let hint = ''
  for (const each of clients) hint = (await relyingParty(test, each).tokens(browser)).id_token
  return { browser, hint }
}
const signOut = (browser: Browser, hint: string) => browser.get(`/oauth2/logout?id_token_hint=${hint}`)
const heard = (count = 1) =>
  eventually(
    () => receiver.received,
    ({ length }) => length >= count,
  )
const tokenOf = ({ body }: { body: string }) => new URLSearchParams(body).get('logout_token') ?? ''
const pending = () => test.database.prisma.backchannelLogout.count()
const allSettled = () => eventually(pending, (count) => count === 0)

describe('Back-Channel Logout §2.4, §2.5: the request to the client', () => {
  it('is a form with a logout token and nothing else', async () => {
    const { browser, hint } = await signedIn(client)
    await signOut(browser, hint)
    const [request] = await heard()
    expect(request).toMatchObject({
      path: '/logout',
      method: 'POST',
      contentType: 'application/x-www-form-urlencoded',
    })
    expect([...new URLSearchParams(request?.body).keys()]).toEqual(['logout_token'])
    await allSettled()
  })

  it.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'none'])('signed like ID tokens: %s', async (alg) => {
    const confidential = { clientType: 'confidential', responseTypes: ['code'] }
    const of = await register({ ...confidential, idTokenSignedResponseAlg: alg })
    const { browser, hint } = await signedIn(of)
    const { sub, sid } = decodeJwt(hint)
    await (alg === 'none' ? signOutByForm(browser) : signOut(browser, hint))
    const [request] = await heard()
    const token = tokenOf(request ?? { body: '' })
    const jwks = (await test.app.inject({ url: '/oauth2/jwks.json' })).json<JSONWebKeySet>()
    const { kid } = decodeProtectedHeader(token)
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(jwks), {
      typ: 'logout+jwt',
      issuer: ISSUER,
      audience: of.clientId,
      currentDate: test.clock.now(),
    })
    expect(protectedHeader).toEqual({ alg: alg === 'none' ? 'RS256' : alg, typ: 'logout+jwt', kid })
    const now = Math.floor(test.clock.now().getTime() / 1000)
    expect(payload).toEqual({
      iss: ISSUER,
      aud: of.clientId,
      iat: now,
      exp: now + 120,
      jti: expect.stringMatching(/^[\w-]{43}$/),
      events: { [EVENT]: {} },
      sub,
      sid,
    })
  })

  it('has the subject that this client knows', async () => {
    const pairwise = await register({ subjectType: 'pairwise' })
    const { browser, hint } = await signedIn(pairwise)
    await signOut(browser, hint)
    const [request] = await heard()
    const { sub } = decodeJwt(tokenOf(request ?? { body: '' }))
    expect(sub).toBe(decodeJwt(hint).sub)
    expect(sub).not.toBe((await test.database.prisma.user.findFirstOrThrow()).id)
  })

  it('is not accepted as an ID token', async () => {
    const { browser, hint } = await signedIn(client)
    await signOut(browser, hint)
    const [request] = await heard()
    const again = await signedIn(client)
    await signOut(again.browser, tokenOf(request ?? { body: '' }))
    expect(again.browser.page.statusCode).toBe(400)
  })

  async function signOutByForm(browser: Browser) {
    await browser.get('/oauth2/logout')
    await browser.submit({}, 'sign-out')
  }
})

describe('Back-Channel Logout §2.7: the events that notify clients', () => {
  const session = (browser: Browser) => ({ cookie: `cerb_sid=${browser.cookies.get('cerb_sid')}` })
  const request = (method: 'POST' | 'DELETE', url: string, browser: Browser) =>
    test.app.inject({ method, url, headers: session(browser) })

  it.each<[string, (browser: Browser, sid: string) => Promise<unknown>]>([
    ['POST /v1/auth/logout', (browser) => request('POST', '/v1/auth/logout', browser)],
    ['DELETE /v1/auth/session', (browser) => request('DELETE', '/v1/auth/session', browser)],
    [
      'DELETE /v1/me/sessions/{id}',
      async (_, sid) => request('DELETE', `/v1/me/sessions/${sid}`, await test.signedInBrowser()),
    ],
  ])('%s', async (_, end) => {
    const { browser, hint } = await signedIn(client)
    const { sid } = decodeJwt(hint)
    await end(browser, String(sid))
    const [notification] = await heard()
    expect(decodeJwt(tokenOf(notification ?? { body: '' }))).toMatchObject({ sid })
  })

  it('each client of the session once, and no other client', async () => {
    const second = await register({ backchannelLogoutUri: `${receiver.base}/second` })
    const without = await register({ backchannelLogoutUri: null })
    const other = await register({ backchannelLogoutUri: `${receiver.base}/other` })
    await signedIn(other)
    const { browser, hint } = await signedIn(client, second, without, client)
    await signOut(browser, hint)
    await allSettled()
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/logout', '/second'])
  })

  it('once, also for repeated requests', async () => {
    const { browser, hint } = await signedIn(client)
    const kept = session(browser)
    await Promise.all(
      [1, 2, 3, 4].map(() => test.app.inject({ method: 'POST', url: '/v1/auth/logout', headers: kept })),
    )
    await signOut(browser, hint)
    await allSettled()
    expect(receiver.received).toHaveLength(1)
  })

  it('not a client that was revoked meanwhile', async () => {
    const revoked = await register()
    const { browser, hint } = await signedIn(revoked, client)
    const cookie = await test.signIn()
    await test.app.inject({ method: 'POST', url: `/v1/admin/clients/${revoked.id}/revoke`, headers: { cookie } })
    await signOut(browser, hint)
    await allSettled()
    expect(receiver.received).toHaveLength(1)
  })
})

describe('Back-Channel Logout §2.8: clients that do not accept the notification', () => {
  const tried = (count: number) =>
    eventually(
      () => receiver.received.length,
      (length) => length >= count,
    )
  const failing = (status: number) => {
    receiver.answer = (response) => void response.writeHead(status, { location: `${receiver.base}/x` }).end()
  }
  const attempts = async () => (await test.database.prisma.backchannelLogout.findMany()).map((row) => row.attempts)

  it.each([500, 503, 400, 404, 302])('%i: is retried with a new token after a delay', async (status) => {
    failing(status)
    const { browser, hint } = await signedIn(client)
    await signOut(browser, hint)
    await eventually(
      () => test.logs.filter((line) => line.includes(`status ${status}`)).length,
      (count) => count === 1,
    )
    test.backChannel.flush()
    test.clock.advance(9)
    test.backChannel.flush()
    expect(await attempts()).toEqual([1])
    receiver.answer = (response) => void response.writeHead(204).end()
    test.clock.advance(2)
    test.backChannel.flush()
    await allSettled()
    const tokens = receiver.received.map(tokenOf)
    expect(tokens).toHaveLength(2)
    const [first, second] = tokens.map((token) => decodeJwt(token))
    expect(second?.jti).not.toBe(first?.jti)
    expect(second).toMatchObject({ sid: first?.['sid'], iat: (first?.iat ?? 0) + 11 })
  })

  it('does not delay the user who signs out', async () => {
    receiver.answer = () => {}
    const { browser, hint } = await signedIn(client)
    await signOut(browser, hint)
    expect(browser.page.statusCode).toBe(200)
    await tried(1)
    expect([receiver.open, await pending()]).toEqual([1, 1])
    await eventually(
      () => test.logs.filter((line) => line.includes('no response in time')).length,
      (count) => count === 1,
    )
    receiver.answer = (response) => void response.end()
    test.clock.advance(11)
    test.backChannel.flush()
    await allSettled()
  })

  it('is abandoned after the last attempt, with an audit event', async () => {
    failing(500)
    const failures = () => test.logs.filter((line) => line.includes('failed to notify a client of a logout')).length
    const before = failures()
    const { browser, hint } = await signedIn(client)
    await signOut(browser, hint)
    for (const [index, seconds] of [10, 60, 300, 1800, 7200].entries()) {
      await eventually(failures, (count) => count === before + index + 1)
      expect(await attempts()).toEqual([index + 1])
      test.clock.advance(seconds + 1)
      test.backChannel.flush()
    }
    await allSettled()
    expect(receiver.received).toHaveLength(6)
    const events = await test.database.prisma.auditEvent.findMany({
      where: { type: 'oauth2.logout_notification.failed' },
    })
    expect(events).toMatchObject([
      { success: false, clientId: client.id, resourceId: decodeJwt(hint)['sid'], metadata: { attempts: 6 } },
    ])

    receiver.answer = (response) => void response.end()
    test.clock.advance(21)
    const later = await signedIn(client)
    await signOut(later.browser, later.hint)
    await allSettled()
    expect(receiver.received).toHaveLength(7)
  })

  it('writes no token to the log', () => {
    expect(test.logs.some((line) => line.includes('failed to notify a client of a logout'))).toBe(true)
    expect(test.logs.filter((line) => /eyJ[\w-]+\.[\w-]+\./.test(line) && line.includes('logout_token'))).toEqual([])
  })

  it('are notified with limited concurrency at each host', async () => {
    receiver.most = 0
    const clients = await Promise.all(
      Array.from({ length: 24 }, async (_, index) => register({ backchannelLogoutUri: `${receiver.base}/${index}` })),
    )
    const held: (() => void)[] = []
    receiver.answer = (response) => void held.push(() => response.end())
    const { browser, hint } = await signedIn(...clients)
    await signOut(browser, hint)
    await tried(4)
    receiver.answer = (response) => void response.end()
    for (const answer of held) answer()
    await allSettled()
    expect(receiver.received).toHaveLength(24)
    expect(receiver.most).toBe(4)
  })
})

describe('notifications that a process has not delivered', () => {
  const another = () =>
    createTestApp({ allow: ['localhost'], connectionString: test.connectionString, clock: test.clock })

  it('are delivered by another process after a crash', async () => {
    const dying = await another()
    await dying.backChannel.stop()
    const { browser } = await signedIn(client)
    const headers = { cookie: `cerb_sid=${browser.cookies.get('cerb_sid')}` }
    await dying.app.inject({ method: 'POST', url: '/v1/auth/logout', headers })
    expect([await pending(), receiver.received.length]).toEqual([1, 0])
    await dying.close()
    test.backChannel.flush()
    await allSettled()
    expect(receiver.received).toHaveLength(1)
  })

  it('are delivered by one of several processes', async () => {
    const { browser, hint } = await signedIn(client)
    const { prisma } = test.database
    const { userId, organisationId } = await prisma.session.findFirstOrThrow({
      where: { id: String(decodeJwt(hint)['sid']) },
    })
    await signOut(browser, hint)
    await allSettled()
    receiver.received.splice(0)
    const others = await Promise.all([another(), another(), another()])
    // Opens a connection for each and prepares the statement on it.
    for (const { backChannel } of others) backChannel.flush()
    const now = test.clock.now()
    const left = { clientId: client.id, userId, organisationId, nextAttemptAt: now, createdAt: now }
    await prisma.backchannelLogout.createMany({
      data: Array.from({ length: 150 }, () => ({ ...left, sessionId: uuidv7(now) })),
    })
    for (const { backChannel } of others) backChannel.flush()
    await allSettled()
    for (const other of others) await other.close()
    const sids = receiver.received.map((request) => decodeJwt(tokenOf(request))['sid'])
    expect([sids.length, new Set(sids).size]).toEqual([150, 150])
  })
})
