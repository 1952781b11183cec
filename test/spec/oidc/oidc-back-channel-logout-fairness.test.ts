import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { uuidv7 } from '../../../src/lib/crypto/random.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../../support/app.ts'
import { eventually } from '../../support/eventually.ts'
import { startLogoutReceiver } from '../../support/logout-receiver.ts'
import { relyingParty } from '../../support/relying-party.ts'

type Receiver = Awaited<ReturnType<typeof startLogoutReceiver>>

let test: TestApp
let healthyClient: RegisteredTestClient
let healthy: Receiver
const receivers: Receiver[] = []

beforeAll(async () => {
  test = await createTestApp({ allow: ['localhost'] })
  const host = await startHost(true)
  healthy = host.receiver
  healthyClient = host.client
})
afterEach(async () => {
  await test.database.prisma.backchannelLogout.deleteMany()
  healthy.received.splice(0)
})
afterAll(async () => {
  for (const { close } of receivers) await close()
  await test.close()
})

/** A host with a client. */
async function startHost(isAnswering: boolean) {
  const receiver = await startLogoutReceiver()
  receivers.push(receiver)
  if (!isAnswering) receiver.answer = () => {}
  const client = await test.registerClient({ backchannelLogoutUri: `${receiver.base}/logout` })
  return { receiver, client }
}
const startHosts = (count: number, isAnswering: boolean) =>
  Promise.all(Array.from({ length: count }, () => startHost(isAnswering)))

interface Queued {
  client: RegisteredTestClient
  count?: number
  attempts?: number
  userId?: string
}

/** Queues notifications of other sessions, as the statement that ends a session does. The last ones are due last. */
async function queue(...notifications: Queued[]): Promise<string[]> {
  const { prisma } = test.database
  const owner = await prisma.user.findFirstOrThrow()
  const createdAt = test.clock.now()
  const rows = notifications.flatMap(({ client, count: length = 1, attempts = 0, userId = owner.id }, index) => {
    const nextAttemptAt = new Date(createdAt.getTime() - notifications.length + index)
    const row = {
      clientId: client.id,
      organisationId: owner.organisationId,
      userId,
      attempts,
      nextAttemptAt,
      createdAt,
    }
    return Array.from({ length }, () => ({ ...row, sessionId: uuidv7(createdAt) }))
  })
  await prisma.backchannelLogout.createMany({ data: rows })
  return rows.map(({ sessionId }) => sessionId)
}

/** Signs in, and answers how to sign out. */
async function signInToHealthyClient() {
  const browser = test.browser()
  const { id_token: hint } = await relyingParty(test, healthyClient).tokens(browser)
  return () => browser.get(`/oauth2/logout?id_token_hint=${hint}`)
}
const healthyIsNotified = () =>
  eventually(
    () => healthy.received.length,
    (count) => count === 1,
  )
const count = (where: object = {}) => test.database.prisma.backchannelLogout.count({ where })
const sidOf = ({ body }: { body: string }) => decodeJwt(new URLSearchParams(body).get('logout_token') ?? '')['sid']
const allDelivered = () => eventually(count, (rows) => rows === 0)

describe('a client is notified while other hosts do not answer', () => {
  it('120 notifications to one host: four at a time', async () => {
    const signOut = await signInToHealthyClient()
    const silent = await startHost(false)
    await queue({ client: silent.client, count: 120 })
    test.backChannel.flush()
    await eventually(
      () => silent.receiver.open,
      (open) => open >= 4,
    )
    await signOut()
    await healthyIsNotified()
    expect([await count(), silent.receiver.most]).toEqual([120, 4])
  })

  it('one notification to each of 40 hosts', async () => {
    const signOut = await signInToHealthyClient()
    const silent = await startHosts(40, false)
    await queue(...silent.map(({ client }) => ({ client })))
    test.backChannel.flush()
    await signOut()
    await healthyIsNotified()
    expect(await count({ clientId: { not: healthyClient.id } })).toBe(40)
  })

  it('and another user queued 120 before', async () => {
    const signOut = await signInToHealthyClient()
    const silent = await startHosts(40, false)
    const userId = uuidv7(test.clock.now())
    await queue(...silent.map(({ client }) => ({ client, count: 3, userId })))
    test.backChannel.flush()
    await eventually(
      () => silent.filter(({ receiver }) => receiver.open > 0).length,
      (asked) => asked >= 16,
    )
    await signOut()
    await healthyIsNotified()
    expect(await count({ attempts: 0 })).toBeGreaterThan(0)
  })
})

describe('the order of notifications', () => {
  it('new ones before retries of the same host', async () => {
    const held: (() => void)[] = []
    healthy.answer = (response) => void held.push(() => response.end())
    const sids = await queue({ client: healthyClient, count: 40, attempts: 1 }, { client: healthyClient })
    test.backChannel.flush()
    await eventually(
      () => healthy.received.length,
      (received) => received >= 4,
    )
    expect(healthy.received.slice(0, 4).map(sidOf)).toContain(sids.at(-1))
    healthy.answer = (response) => void response.end()
    for (const answer of held) answer()
    await allDelivered()
  })

  it('new ones before retries of other hosts', async () => {
    const held: (() => void)[] = []
    const hosts = await startHosts(40, true)
    for (const { receiver } of hosts) receiver.answer = (response) => void held.push(() => response.end())
    await queue(...hosts.map(({ client }) => ({ client, attempts: 1 })), { client: healthyClient })
    test.backChannel.flush()
    await healthyIsNotified()
    for (const { receiver } of hosts) receiver.answer = (response) => void response.end()
    for (const answer of held) answer()
    await allDelivered()
    expect(hosts.map(({ receiver }) => receiver.received.length)).toEqual(hosts.map(() => 1))
  })
})

describe('a host that keeps failing', () => {
  it('is sent one notification at growing intervals until one succeeds', async () => {
    const { receiver, client } = await startHost(true)
    receiver.answer = (response) => void response.writeHead(503).end()
    const attempted = async (attempts: number, rows: number) => {
      test.backChannel.flush()
      await eventually(
        () => count({ attempts }),
        (found) => found === rows,
      )
    }
    const settled = (failures: number) =>
      eventually(
        () => test.logs.filter((line) => line.includes(client.clientId) && line.includes('failed to notify')).length,
        (found) => found === failures,
      )
    await queue({ client, count: 12 })
    await attempted(1, 12)
    await settled(12)
    const before = receiver.received.length
    expect(before).toBeGreaterThanOrEqual(5)
    expect(before).toBeLessThan(12)

    test.clock.advance(11)
    await attempted(2, 12)
    await settled(24)
    expect(receiver.received).toHaveLength(before + 1)

    // The interval is 20 seconds now.
    test.clock.advance(15)
    await queue({ client })
    await attempted(1, 1)
    await settled(25)
    expect(receiver.received).toHaveLength(before + 1)

    receiver.answer = (response) => void response.end()
    test.clock.advance(46)
    test.backChannel.flush()
    await allDelivered()
    expect(receiver.received).toHaveLength(before + 1 + 13)
  })

  it('is not one that rejects notifications: each is sent', async () => {
    const { receiver, client } = await startHost(true)
    receiver.answer = (response) => void response.writeHead(400).end()
    await queue({ client, count: 12 })
    test.backChannel.flush()
    await eventually(
      () => receiver.received.length,
      (found) => found === 12,
    )
    expect(await count({ attempts: 1 })).toBe(12)
  })
})
