// One client from its registration to its deletion, with its tokens, grants and consents.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, OWNER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'

const DAY = 86_400

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let resource: ReturnType<typeof relyingParty>

beforeAll(async () => {
  test = await createTestApp()
  const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }
  resource = relyingParty(test, await test.registerClient(machine))
  client = await test.registerClient({
    clientType: 'confidential',
    requireConsent: true,
    refreshTokenLifetime: 365 * DAY,
    accessTokenLifetime: DAY,
  })
  rp = relyingParty(test, client)
})
afterAll(() => test.close())

/** As the owner, a second later. */
async function administer(method: 'GET' | 'POST' | 'PATCH', path = '', payload?: object) {
  test.clock.advance(1)
  const headers = { cookie: await test.signIn() }
  const url = `/v1/admin/clients/${client.id}${path}`
  return test.app.inject({ method, url, headers, ...(payload && { payload }) })
}
const after = async (days: number) => {
  test.clock.advance(days * DAY)
  await test.repositories.sweep(test.clock.now())
  await test.changesRead()
}
const isActive = async (token: string) => (await resource.introspect(token)).json<{ active: boolean }>().active
/** Signs a user in: whether the consent page was shown, and the code. */
async function signIn(): Promise<{ status: number; asked: boolean; code: string | undefined }> {
  const browser = test.browser()
  await browser.get(rp.authorizeUrl({ scope: 'openid offline_access' }))
  const status = browser.page.statusCode
  if (status !== 200) return { status, asked: false, code: undefined }
  await browser.submit(OWNER, 'sign-in')
  const asked = !browser.url.startsWith(REDIRECT_URI)
  if (asked) await browser.submit({}, 'allow')
  return { status, asked, code: browser.answer().get('code') ?? undefined }
}
async function tokens(): Promise<{ access_token: string; refresh_token: string }> {
  const answer = await rp.exchange((await signIn()).code ?? '')
  expect(answer.statusCode).toBe(200)
  return answer.json()
}
const standing = async () => {
  const { consents, grants } = {
    consents: (await administer('GET', '/consents')).json<{ total: number }>(),
    grants: (await administer('GET', '/grants')).json<{ total: number }>(),
  }
  return [consents.total, grants.total]
}
const rows = async () => {
  const where = { where: { clientId: client.id } }
  const { prisma } = test.database
  return [
    await prisma.client.count({ where: { id: client.id } }),
    await prisma.consent.count(where),
    await prisma.grant.count(where),
    await prisma.clientSecret.count(where),
  ]
}

describe('The life of a client', () => {
  it('goes from its first token to its deletion, together with everything that belongs to it', async () => {
    const { asked } = await signIn()
    expect(asked).toBe(true)
    const held = await tokens()
    expect(await isActive(held.access_token)).toBe(true)
    expect(await standing()).toEqual([1, expect.any(Number)])

    // Disabled: nothing works. Enabled again: its tokens work, and no consent is requested.
    await administer('POST', '/disable')
    expect([await isActive(held.access_token), (await rp.refresh(held.refresh_token)).statusCode]).toEqual([false, 401])
    expect(await signIn()).toMatchObject({ status: 403 })
    await administer('POST', '/enable')
    expect(await isActive(held.access_token)).toBe(true)
    expect(await signIn()).toMatchObject({ asked: false, code: expect.any(String) })

    // It expires: nothing works, but consents are kept while it can be reactivated.
    const expiresAt = new Date(test.clock.now().getTime() + 2 * DAY * 1000).toISOString()
    expect((await administer('PATCH', '', { expiresAt })).statusCode).toBe(200)
    const { refresh_token: kept } = await tokens()
    await after(1)
    await after(2)
    expect((await administer('GET')).json()).toMatchObject({ isActive: false })
    expect((await rp.refresh(kept)).statusCode).toBe(401)
    expect(await standing()).toEqual([1, expect.any(Number)])
    const later = new Date(test.clock.now().getTime() + 2 * DAY * 1000).toISOString()
    expect((await administer('PATCH', '', { isActive: true, expiresAt: later })).statusCode).toBe(200)
    expect((await rp.refresh(kept)).statusCode).toBe(200)
    expect(await signIn()).toMatchObject({ asked: false })

    // Thirty days after it expired, it is removed with all its rows.
    await after(1)
    await after(2)
    expect((await rows())[0]).toBe(1)
    await after(30)
    expect((await administer('GET')).statusCode).toBe(404)
    expect(await signIn()).toMatchObject({ status: 400 })
    await after(400)
    await after(400)
    expect(await rows()).toEqual([0, 0, 0, 0])

    const events = await test.database.prisma.auditEvent.findMany({ where: { resourceId: client.id } })
    const types = events.map(({ type }) => type).filter((type) => type.startsWith('client.'))
    expect(types.toSorted()).toEqual([
      'client.created',
      'client.disabled',
      'client.enabled',
      'client.expired',
      'client.expired',
      'client.expires_soon',
      'client.expires_soon',
      'client.removed',
      'client.updated',
      'client.updated',
    ])
  })
})
