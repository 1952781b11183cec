import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const DAY = 86_400
const confidential = { clientType: 'confidential', grantTypes: ['authorization_code', 'refresh_token'] }
const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }

let test: TestApp
let resource: ReturnType<typeof relyingParty>

beforeAll(async () => {
  test = await createTestApp()
  resource = relyingParty(test, await test.registerClient(machine))
})
afterAll(() => test.close())

/** As the owner, whose session ends long before the clients of these tests do. */
async function administer(method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) {
  // A second later, so that events sort as they happened.
  test.clock.advance(1)
  const headers = { cookie: await test.signIn() }
  return test.app.inject({ method, url: `/v1/admin/clients/${path}`, headers, ...(payload && { payload }) })
}
const inDays = (days: number) => new Date(test.clock.now().getTime() + days * DAY * 1000).toISOString()
const isActive = async (token: string) => (await resource.introspect(token)).json<{ active: boolean }>().active
const sweep = () => test.repositories.sweep(test.clock.now())
async function eventsOf({ id }: RegisteredTestClient) {
  const events = await test.database.prisma.auditEvent.findMany({ where: { clientId: id }, orderBy: { id: 'asc' } })
  return events.filter(({ type }) => type.startsWith('client.'))
}
const typesOf = async (client: RegisteredTestClient) => (await eventsOf(client)).map(({ type }) => type)

describe('a client that is disabled', () => {
  it('gets nothing, and what it holds does not work, until it is enabled again', async () => {
    const client = await test.registerClient(confidential)
    const rp = relyingParty(test, client)
    const { access_token, refresh_token } = await rp.tokens()
    const job = await test.registerClient(machine)
    const asJob = relyingParty(test, job)
    const get = () => asJob.exchange('', { grant_type: 'client_credentials' })
    const { access_token: own } = (await get()).json<{ access_token: string }>()

    for (const { id } of [client, job]) {
      const answer = await administer('POST', `${id}/disable`)
      expect([answer.statusCode, answer.json()]).toMatchObject([200, { isActive: false, revokedAt: null }])
    }
    expect([await isActive(access_token), await isActive(own)]).toEqual([false, false])
    expect([(await rp.refresh(refresh_token)).statusCode, (await get()).statusCode]).toEqual([401, 401])
    const page = await test.browser().get(rp.authorizeUrl())
    expect(page.page.statusCode).toBe(403)

    for (const { id } of [client, job]) {
      const answer = await administer('POST', `${id}/enable`)
      expect([answer.statusCode, answer.json()]).toMatchObject([200, { isActive: true }])
    }
    expect([await isActive(access_token), await isActive(own)]).toEqual([true, true])
    expect([(await rp.refresh(refresh_token)).statusCode, (await get()).statusCode]).toEqual([200, 200])
    expect(await typesOf(client)).toEqual(['client.created', 'client.disabled', 'client.enabled'])
  })

  it('is left alone by a second call', async () => {
    const client = await test.registerClient()
    await administer('POST', `${client.id}/enable`)
    expect(await typesOf(client)).toEqual(['client.created'])
  })
})

describe('a client with an end', () => {
  it('gets nothing from that instant on, and what it holds does not work, swept or not', async () => {
    const expiresAt = inDays(1)
    const client = await test.registerClient({ ...confidential, expiresAt, accessTokenLifetime: DAY })
    expect(client['expiresAt']).toBe(expiresAt)
    const rp = relyingParty(test, client)
    const asJob = relyingParty(test, await test.registerClient({ ...machine, expiresAt, accessTokenLifetime: DAY }))
    const get = () => asJob.exchange('', { grant_type: 'client_credentials' })
    test.clock.advance(DAY - 10)
    const { access_token, refresh_token } = await rp.tokens()
    const code = await rp.code()
    const { access_token: own } = (await get()).json<{ access_token: string }>()
    expect([await isActive(access_token), await isActive(own)]).toEqual([true, true])

    test.clock.advance(10)
    expect([await isActive(access_token), await isActive(own), await isActive(refresh_token)]).toEqual([
      false,
      false,
      false,
    ])
    const answers = [await rp.refresh(refresh_token), await rp.exchange(code), await get()]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401])
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
    expect((await test.browser().get(rp.authorizeUrl())).page.statusCode).toBe(403)
  })

  it('is announced 30 and 7 days ahead, disabled, and removed 30 days later, each once', async () => {
    const begun = test.clock.now().getTime()
    const client = await test.registerClient({ expiresAt: inDays(40) })
    const counts: [number, number][] = []
    for (const day of [9, 10, 32, 33, 39, 40, 41, 69, 70, 71]) {
      test.clock.advance(day * DAY - (test.clock.now().getTime() - begun) / 1000)
      await Promise.all([sweep(), sweep(), sweep()])
      counts.push([day, (await eventsOf(client)).length])
    }
    expect(counts).toEqual([
      [9, 1],
      [10, 2],
      [32, 2],
      [33, 3],
      [39, 3],
      [40, 4],
      [41, 4],
      [69, 4],
      [70, 5],
      [71, 5],
    ])
    const events = await eventsOf(client)
    expect(events.map(({ type, metadata }) => [type, (metadata as { days?: number }).days])).toEqual([
      ['client.created', undefined],
      ['client.expires_soon', 30],
      ['client.expires_soon', 7],
      ['client.expired', undefined],
      ['client.removed', undefined],
    ])
    expect(events[1]).toMatchObject({
      category: 'client',
      action: 'update',
      success: true,
      organisationId: client['organisationId'],
      userId: null,
      resourceId: client.id,
      metadata: { clientId: client.clientId, expiresAt: client['expiresAt'] },
    })
    expect((await administer('GET', client.id)).statusCode).toBe(404)
  })

  it('is shown as disabled in the days between, and can be taken up again with another end', async () => {
    const client = await test.registerClient({ expiresAt: inDays(1) })
    test.clock.advance(DAY)
    await sweep()
    expect((await administer('GET', client.id)).json()).toMatchObject({ isActive: false, revokedAt: null })
    const tooLate = await administer('POST', `${client.id}/enable`)
    expect([tooLate.statusCode, tooLate.json()]).toMatchObject([400, { errors: [{ path: ['isActive'] }] }])
    const again = await administer('PATCH', client.id, { isActive: true, expiresAt: inDays(3) })
    expect([again.statusCode, again.json()]).toMatchObject([200, { isActive: true }])
    test.clock.advance(1)
    await sweep()
    expect(await typesOf(client)).toEqual(['client.created', 'client.expired', 'client.updated', 'client.expires_soon'])
    await administer('PATCH', client.id, { expiresAt: null })
    test.clock.advance(400 * DAY)
    await sweep()
    expect((await administer('GET', client.id)).json()).toMatchObject({ isActive: true, expiresAt: null })
  })

  it.each(['2020-01-01T00:00:00Z', 'tomorrow', '2030-02-30T00:00:00Z', 1_900_000_000])(
    'cannot end at %j',
    async (expiresAt) => {
      const client = await test.registerClient()
      const answer = await administer('PATCH', client.id, { expiresAt })
      expect([answer.statusCode, answer.json()]).toMatchObject([400, { errors: [{ path: ['expiresAt'] }] }])
    },
  )
})

describe('lifetimes of a client', () => {
  it('are those of its codes', async () => {
    const rp = relyingParty(test, await test.registerClient({ authorizationCodeLifetime: 30 }))
    const [early, late] = [await rp.code(), await rp.code()]
    test.clock.advance(29)
    expect((await rp.exchange(early)).statusCode).toBe(200)
    test.clock.advance(1)
    expect((await rp.exchange(late)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('apply to unused refresh tokens', async () => {
    const rp = relyingParty(test, await test.registerClient({ ...confidential, refreshTokenIdleLifetime: 3 * DAY }))
    let { refresh_token: token } = await rp.tokens(test.browser(), { scope: 'openid offline_access' })
    const began = test.clock.now().getTime()
    for (let round = 0; round < 3; round += 1) {
      test.clock.advance(3 * DAY - 1)
      const introspected = (await rp.introspect(token)).json<{ active: boolean; exp: number }>()
      expect(introspected.active).toBe(true)
      expect(introspected.exp).toBe(Math.floor(test.clock.now().getTime() / 1000) + 1)
      const answer = await rp.refresh(token)
      expect(answer.statusCode).toBe(200)
      token = answer.json<{ refresh_token: string }>().refresh_token
    }
    expect(test.clock.now().getTime() - began).toBeGreaterThan(8 * DAY * 1000)
    test.clock.advance(3 * DAY)
    expect((await rp.introspect(token)).json()).toEqual({ active: false })
    expect((await rp.refresh(token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it.each([
    ['authorizationCodeLifetime', 9],
    ['authorizationCodeLifetime', 601],
    ['refreshTokenIdleLifetime', 59],
    ['refreshTokenIdleLifetime', 31_536_001],
  ])('cannot be %s: %i', async (member, value) => {
    const client = await test.registerClient()
    const answer = await administer('PATCH', client.id, { [member]: value })
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { errors: [{ path: [member] }] }])
  })
})
