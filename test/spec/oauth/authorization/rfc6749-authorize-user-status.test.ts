import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createPasswords } from '../../../../src/authentication/factors/password/passwords.ts'
import { readErrorPage, readOAuthError, readRedirect } from '../../../support/read-response.ts'
import { createApi, type Api } from '../../../support/api.ts'
import { OWNER, type RegisteredTestClient } from '../../../support/app.ts'
import type { Browser } from '../../../support/browser.ts'
import { relyingParty } from '../../../support/relying-party.ts'
import { cheapHashing } from '../../../support/seed.ts'

let api: Api
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let browser: Browser

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())
beforeEach(async () => {
  client = await api.registerClient()
  rp = relyingParty(api, client)
  browser = api.browser()
})

const administer = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
  api.send(api.owner, method, `/v1/admin/clients/${client.id}${path}`, body === undefined ? {} : { body })
const signInByJson = (payload: { email: string; password: string }) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/login', payload })
const silently = async (from: Browser) => readRedirect((await from.get(rp.authorizeUrl({ prompt: 'none' }))).page)

describe('a blocked user', () => {
  const blocked = (blockedAt: Date | null) =>
    api.prisma.user.updateMany({ where: { id: api.owner.id }, data: { blockedAt } })
  afterEach(() => blocked(null))

  it('is rejected at sign-in, on the page and by JSON, and gets no session', async () => {
    await blocked(api.clock.now())
    const before = await api.prisma.session.count()
    await browser.get(rp.authorizeUrl())
    await browser.submit(OWNER, 'sign-in')
    expect([401, 403]).toContain(browser.page.statusCode)
    expect(browser.page.headers['content-type']).toMatch(/^text\/html/)
    expect(browser.cookies.has('cerb_sid')).toBe(false)

    const json = await signInByJson(OWNER)
    expect([401, 403]).toContain(json.statusCode)
    expect(json.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(json.cookies).toEqual([])
    expect(await api.prisma.session.count()).toBe(before)
  })

  it('gets the same error as any user with a wrong password', async () => {
    const wrong = { ...OWNER, password: 'wrong' }
    const open = await signInByJson(wrong)
    await blocked(api.clock.now())
    const shut = await signInByJson(wrong)
    const unknown = await signInByJson({ email: 'unknown@acme.test', password: 'wrong' })
    const contentOf = ({ statusCode, body }: typeof open) => [statusCode, JSON.parse(body, withoutInstance)]
    expect(contentOf(shut)).toEqual(contentOf(open))
    expect(contentOf(unknown)).toEqual(contentOf(open))
  })

  it('loses the existing session', async () => {
    browser = await api.signedInBrowser()
    await blocked(api.clock.now())
    expect(await silently(browser)).toMatchObject({ error: 'login_required', state: 'a-state' })
    await browser.get(rp.authorizeUrl())
    expect(browser.page.body).toContain('name="password"')
  })
})

describe('a user of another organisation', () => {
  const stranger = { email: 'stranger@other.test', password: 'the password of a stranger' }
  beforeAll(async () => {
    const { id: organisationId } = await api.addOrganisation('other')
    const now = api.clock.now()
    await api.prisma.user.create({
      data: {
        id: '01900000-0000-7000-8000-000000000001',
        organisationId,
        email: stranger.email,
        emailKey: stranger.email,
        passwordHash: await createPasswords(1, cheapHashing).hash(stranger.password),
        createdAt: now,
        updatedAt: now,
      },
    })
  })

  it('gets the same error at the sign-in page of a client as with a wrong password', async () => {
    await browser.get(rp.authorizeUrl())
    await browser.submit(stranger, 'sign-in')
    expect(browser.page.statusCode).toBe(401)
    // Each page has a passkey challenge of its own.
    const page = () => browser.page.body.replace(/challenge&quot;:&quot;[\w-]+/, '')
    const refused = page()
    await browser.submit({ ...stranger, password: 'wrong' }, 'sign-in')
    expect(page()).toBe(refused)
    expect(browser.cookies.has('cerb_sid')).toBe(false)
  })

  it('cannot sign in to the client, whatever their session', async () => {
    browser = await api.signedInBrowser(stranger)
    expect(await silently(browser)).toMatchObject({ error: 'login_required' })
    await browser.get(rp.authorizeUrl())
    expect(browser.page.body).toContain('name="password"')
    expect(browser.page.body).not.toContain(stranger.email)
    await browser.get(rp.authorizeUrl({ prompt: 'select_account' }))
    expect(browser.page.body).not.toContain(stranger.email)
  })
})

describe('a client that is no longer active', () => {
  const inactive: [string, () => Promise<unknown>][] = [
    ['revoked', () => administer('POST', '/revoke')],
    ['deactivated', () => administer('PATCH', '', { isActive: false })],
    ['deleted', () => administer('DELETE', '')],
  ]

  it.each(inactive)('is rejected on a page once it is %s', async (_, end) => {
    browser = await api.signedInBrowser()
    const waiting = api.browser()
    await waiting.get(rp.authorizeUrl())
    expect(waiting.page.statusCode).toBe(200)
    await end()
    await expect
      .poll(async () => readErrorPage((await browser.get(rp.authorizeUrl())).page))
      .toMatchObject({ status: expect.any(Number), code: 'unknown_client', location: undefined })
    // A user who saw the consent page before cannot finish either.
    await waiting.submit(OWNER, 'sign-in')
    expect(waiting.page.statusCode).toBeGreaterThanOrEqual(400)
    expect(waiting.page.headers.location).toBeUndefined()
  })

  it.each(inactive)('gets no tokens once it is %s', async (_, end) => {
    const signedIn = await api.signedInBrowser()
    const code = await rp.code(signedIn)
    const tokens = await rp.tokens(signedIn)
    await end()
    await expect
      .poll(async () => readOAuthError(await rp.exchange(code)))
      .toMatchObject({ status: 401, error: 'invalid_client' })
    expect(readOAuthError(await rp.refresh(tokens.refresh_token))).toMatchObject({ error: 'invalid_client' })
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
  })

  it('does not regain revoked tokens when it is activated again', async () => {
    const signedIn = await api.signedInBrowser()
    const code = await rp.code(signedIn)
    const tokens = await rp.tokens(signedIn)
    await administer('POST', '/revoke')
    await administer('PATCH', '', { isActive: true })
    api.clock.advance(1)
    await expect
      .poll(async () => readOAuthError(await rp.exchange(code)))
      .toMatchObject({ status: 400, error: 'invalid_grant' })
    expect(readOAuthError(await rp.refresh(tokens.refresh_token))).toMatchObject({ error: 'invalid_grant' })
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    expect((await rp.userinfo((await rp.tokens(signedIn)).access_token)).statusCode).toBe(200)
  })
})

function withoutInstance(name: string, value: unknown): unknown {
  return name === 'instance' ? undefined : value
}
