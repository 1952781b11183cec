import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import { parseCodeBlocks, readDocument } from '../../support/markdown.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const WEBHOOKS = '/v1/admin/webhooks'
const HOUR = 3_600

interface Endpoint {
  id: string
  secret: string
  [member: string]: unknown
}
interface Delivery {
  id: string
  eventId: string
  event: string
  status: string
  attempts: number
  nextAttemptAt: string | null
  responseStatus: number | null
  error: string | null
}

let api: Api
let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>
let owner: Person
let count = 0
beforeAll(async () => {
  receiver = await startWebhookReceiver()
  api = await createApi({ allow: ['localhost'] })
  owner = api.owner
})
afterAll(async () => {
  await api.close()
  await receiver.close()
})
beforeEach(async () => {
  receiver.reset()
  await api.prisma.webhookEndpoint.deleteMany()
  await api.prisma.webhookDelivery.deleteMany()
})

const create = (body: object = {}, as: Person = owner) =>
  api.send(as, 'POST', WEBHOOKS, { body: { url: `${receiver.base}/hook`, events: ['role.*'], ...body } })
async function newWebhook(body: object = {}): Promise<Endpoint> {
  const answer = await create(body)
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
const shown = async ({ id }: { id: string }) => (await api.send(owner, 'GET', `${WEBHOOKS}/${id}`)).json<Endpoint>()
const deliveriesOf = async ({ id }: { id: string }, query = '') =>
  (await api.send(owner, 'GET', `${WEBHOOKS}/${id}/deliveries${query}`)).json<{
    data: Delivery[]
    nextCursor: string | null
    total: number
  }>()
async function newRole(): Promise<{ id: string }> {
  const slug = `role-${(count += 1)}`
  const answer = await api.send(owner, 'POST', '/v1/admin/roles', { body: { name: slug, slug } })
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
const rename = ({ id }: { id: string }, name: string) =>
  api.send(owner, 'PATCH', `/v1/admin/roles/${id}`, { body: { name } })
/** Turns the clock, past the end of the session as well. */
async function advance(seconds: number): Promise<void> {
  api.clock.advance(seconds)
  owner = { ...owner, cookie: await api.signIn() }
}
/** Attempts what is due, until the attempts have ended. */
async function deliver(): Promise<void> {
  api.webhookDelivery.flush()
  await eventually(
    () =>
      api.prisma.webhookDelivery.count({
        where: { status: 'pending', nextAttemptAt: { lte: new Date(api.clock.now().getTime() + 45_000) } },
      }),
    (due) => due === 0,
  )
}

describe('a signature', () => {
  const importDocumentedCode = async () => {
    const code = parseCodeBlocks(readDocument('docs/webhooks.md')).find(({ language }) => language === 'js')?.content
    return (await import(`data:text/javascript,${encodeURIComponent(code ?? '')}`)) as {
      isAuthentic: (secret: string, headers: Record<string, string>, body: string) => boolean
    }
  }
  // The library goes by the wall clock, which the time of the tests has not left yet.
  const verify = (secret: string, { body, headers }: { body: string; headers: Record<string, string> }) =>
    new Webhook(secret).verify(body, headers)

  it('is that of Standard Webhooks, of the body, and of the time and the body', async () => {
    const { secret } = await newWebhook()
    await newRole()
    await deliver()
    const [received] = receiver.received
    if (!received) throw new Error('Nothing was received.')
    const { headers, body } = received
    expect(verify(secret, { headers, body })).toMatchObject({ type: 'role.created' })
    expect(() => verify(secret, { headers, body: `${body} ` })).toThrow('No matching signature')
    const { isAuthentic } = await importDocumentedCode()
    expect(isAuthentic(secret, headers, body)).toBe(true)
    expect(isAuthentic(secret, headers, `${body} `)).toBe(false)
    expect(isAuthentic(secret, { ...headers, 'webhook-timestamp': '1' }, body)).toBe(false)
    const hmac = (text: string) => createHmac('sha256', secret).update(text).digest('hex')
    const t = headers['webhook-timestamp']
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Cerberus-Webhooks/1.0',
      'x-cerberus-event': 'role.created',
      'x-webhook-event': 'role.created',
      'x-cerberus-signature': hmac(body),
      'x-webhook-signature': hmac(body),
      'x-cerberus-signature-v1': `t=${t},v1=${hmac(`${t}.${body}`)}`,
      'webhook-id': received?.json()['id'],
      'x-cerberus-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
  })

  it('is made with both secrets for the time of the overlap', async () => {
    const endpoint = await newWebhook()
    const rotate = (overlapSeconds: number) =>
      api.send(owner, 'POST', `${WEBHOOKS}/${endpoint.id}/rotate-secret`, { body: { overlapSeconds } })
    const { secret } = (await rotate(HOUR)).json<Endpoint>()
    await newRole()
    await deliver()
    const [received] = receiver.received
    if (!received) throw new Error('Nothing was received.')
    for (const each of [secret, endpoint.secret]) expect(verify(each, received)).toMatchObject({ type: 'role.created' })
    expect(received.headers['x-cerberus-signature-v1']?.match(/v1=/g)).toHaveLength(2)
    const { secret: last } = (await rotate(0)).json<Endpoint>()
    await newRole()
    await deliver()
    const second = receiver.received[1]
    if (!second) throw new Error('Nothing was received.')
    expect(verify(last, second)).toMatchObject({ type: 'role.created' })
    for (const each of [secret, endpoint.secret]) expect(() => verify(each, second)).toThrow('No matching signature')
  })
})

describe('an endpoint', () => {
  it('is created with a secret that is shown once, and is stored encrypted', async () => {
    const { secret, ...endpoint } = await newWebhook({ events: ['user.*', 'login.failed'], description: 'CRM' })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(endpoint).toMatchObject({
      organisationId: owner.organisation.id,
      events: ['user.*', 'login.failed'],
      isActive: true,
      active: true,
      status: 'active',
      failureCount: 0,
      clientId: null,
    })
    expect(await shown(endpoint as Endpoint)).toEqual(endpoint)
    const stored = await api.prisma.webhookEndpoint.findFirstOrThrow()
    expect(Buffer.from(stored.sealedSecret).toString('latin1')).not.toContain(secret)
    expect(api.logs.join('')).not.toContain(secret)
  })

  it.each([
    ['http', { url: 'http://app.example.com/hook' }],
    ['loopback', { url: 'https://127.0.0.1/hook' }],
    ['a private address', { url: 'https://[fd00::1]/hook' }],
    ['the address of cloud metadata', { url: 'https://169.254.169.254/latest' }],
    ['credentials', { url: 'https://user:secret@app.example.com/hook' }],
    ['text that is no URL', { url: 'app.example.com' }],
    ['no events', { events: [] }],
    ['an unknown event', { events: ['user.exploded'] }],
    ['an unknown resource', { events: ['unicorn.*'] }],
    ['an unknown client', { clientId: 'client_unknown' }],
    ['an unknown member', { secret: 'mine' }],
  ])('is refused with %s', async (_, body) => {
    expect((await create(body)).statusCode).toBe(400)
    expect(await api.prisma.webhookEndpoint.count()).toBe(0)
  })

  it('needs permissions, and belongs to its organisation', async () => {
    const endpoint = await newWebhook()
    const reader = await api.addPerson(['webhooks:read'])
    const stranger = await api.addPerson(['webhooks:*'], await api.addOrganisation(`other-${(count += 1)}`))
    expect((await create({}, reader)).statusCode).toBe(403)
    expect((await api.send(reader, 'GET', `${WEBHOOKS}/${endpoint.id}`)).statusCode).toBe(200)
    for (const path of ['', '/deliveries'])
      expect((await api.send(stranger, 'GET', `${WEBHOOKS}/${endpoint.id}${path}`)).statusCode).toBe(404)
    expect((await api.send(stranger, 'POST', `${WEBHOOKS}/${endpoint.id}/test`)).statusCode).toBe(404)
    expect((await api.send(stranger, 'DELETE', `${WEBHOOKS}/${endpoint.id}`)).statusCode).toBe(404)
  })

  it('is changed in the version that was read, and tried without effect', async () => {
    const endpoint = await newWebhook()
    const path = `${WEBHOOKS}/${endpoint.id}`
    const { etag = '' } = (await api.send(owner, 'GET', path)).headers
    const dry = await api.send(owner, 'PATCH', `${path}?dryRun=true`, { body: { isActive: false } })
    expect(dry.json()).toMatchObject({ dryRun: true, changes: [{ member: 'isActive', from: true, to: false }] })
    const headers = { 'if-match': etag }
    expect((await api.send(owner, 'PATCH', path, { body: { events: ['*'] }, headers })).statusCode).toBe(200)
    expect((await api.send(owner, 'PATCH', path, { body: { events: ['user.*'] }, headers })).statusCode).toBe(412)
    expect(await shown(endpoint)).toMatchObject({ events: ['*'], isActive: true })
    expect((await api.send(owner, 'PATCH', path, { body: { url: 'https://10.0.0.1/' } })).statusCode).toBe(400)
    expect((await api.send(owner, 'DELETE', path, { headers })).statusCode).toBe(412)
    expect((await api.send(owner, 'DELETE', path)).statusCode).toBe(204)
    expect((await api.send(owner, 'GET', path)).statusCode).toBe(404)
  })

  it('is listed with others, newest first, by text and state', async () => {
    const [first, second] = [await newWebhook({ description: 'Invoices' }), await newWebhook({ isActive: false })]
    const list = async (query: string) =>
      (await api.send(owner, 'GET', `${WEBHOOKS}${query}`)).json<{ data: Endpoint[]; total: number }>()
    expect((await list('')).data.map(({ id }) => id)).toEqual([second.id, first.id])
    expect((await list('?search=invoice')).data.map(({ id }) => id)).toEqual([first.id])
    expect((await list('?active=false')).data.map(({ id }) => id)).toEqual([second.id])
    expect(await list('?limit=1')).toMatchObject({ total: 2, pages: 2 })
  })
})

describe('an event', () => {
  it('is queued by the statement of the act, and delivered with the audit event', async () => {
    const endpoint = await newWebhook()
    const role = await newRole()
    expect(await api.prisma.webhookDelivery.count()).toBe(1)
    await deliver()
    const [received] = receiver.received
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { type: 'role.created', resourceId: role.id } })
    expect(received?.json()).toMatchObject({
      id: `evt_${event.id}`,
      type: 'role.created',
      event: 'role.created',
      createdAt: event.occurredAt.toISOString(),
      timestamp: event.occurredAt.toISOString(),
      organisationId: owner.organisation.id,
      data: {
        actor: { type: 'user', id: owner.id },
        resource: { type: 'role', id: role.id },
        changes: expect.arrayContaining([{ field: 'name', to: expect.stringMatching(/^role-/) }]),
      },
    })
    const { data } = await deliveriesOf(endpoint)
    expect(data).toMatchObject([{ status: 'delivered', attempts: 1, responseStatus: 200, event: 'role.created' }])
    const detail = await api.send(owner, 'GET', `${WEBHOOKS}/${endpoint.id}/deliveries/${data[0]?.id}`)
    expect(detail.json()).toMatchObject({
      requestBody: received?.json(),
      responseBody: 'thank you',
      attemptLog: [{ status: 200, error: null }],
    })
  })

  it('is not queued where the act fails, the event was not chosen, or the endpoint is disabled', async () => {
    await newWebhook({ events: ['user.created'] })
    await newWebhook({ isActive: false })
    await newRole()
    const duplicate = `role-${count}`
    await newWebhook()
    const answer = await api.send(owner, 'POST', '/v1/admin/roles', { body: { name: 'X', slug: duplicate } })
    expect(answer.statusCode).toBe(409)
    expect(await api.prisma.webhookDelivery.count()).toBe(0)
  })

  it('comes once, by the first of its names that was chosen', async () => {
    for (const events of [['*'], ['session.*'], ['login.*', 'session.created']]) await newWebhook({ events })
    await api.signInAgain(await api.addPerson([]))
    const queued = await api.prisma.webhookDelivery.findMany({ orderBy: { sequence: 'asc' } })
    const logins = queued.filter(({ event }) => ['login.success', 'session.created'].includes(event))
    // Two sign-ins, at three endpoints.
    expect(logins.map(({ event }) => event).toSorted()).toEqual([
      ...Array<string>(4).fill('login.success'),
      ...Array<string>(2).fill('session.created'),
    ])
  })

  it('may be limited to those about one client', async () => {
    const [one, other] = [await api.registerClient(), await api.registerClient()]
    const endpoint = await newWebhook({ events: ['client.*'], clientId: one.clientId })
    expect(endpoint['clientId']).toBe(one.id)
    for (const { id } of [one, other])
      await api.send(owner, 'PATCH', `/v1/admin/clients/${id}`, { body: { name: 'Renamed' } })
    await deliver()
    expect(receiver.received.map((received) => received.json()['data'])).toMatchObject([{ clientId: one.clientId }])
  })
})

describe('a delivery', () => {
  it('is attempted after 1, 5 and 15 minutes, and 1, 6 and 24 hours, and then it has failed', async () => {
    const endpoint = await newWebhook()
    receiver.respond = (response) => void response.writeHead(500).end('broken')
    await newRole()
    const delays: number[] = []
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      // The endpoint is paused for less than the delivery waits.
      await deliver()
      const [delivery] = (await deliveriesOf(endpoint)).data
      expect(delivery).toMatchObject({
        attempts: attempt,
        responseStatus: 500,
        status: attempt < 7 ? 'pending' : 'failed',
      })
      const next = Date.parse(delivery?.nextAttemptAt ?? '') - api.clock.now().getTime()
      if (delivery?.nextAttemptAt) {
        delays.push(Math.round(next / 1000 / 60))
        await advance(next / 1000 + 1)
      }
    }
    expect(delays).toEqual([1, 5, 15, 60, 360, 1440])
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(await shown(endpoint)).toMatchObject({ failureCount: 7, isActive: true })
  })

  it.each([
    ['a redirect', (response) => void response.writeHead(302, { location: '/elsewhere' }).end(), 302],
    ['a client error', (response) => void response.writeHead(404).end(), 404],
    ['a connection that is closed', (response) => void response.destroy(), null],
  ] satisfies [string, (response: ServerResponse) => void, number | null][])(
    'has failed with %s',
    async (_, respond, status) => {
      const endpoint = await newWebhook()
      receiver.respond = respond
      await newRole()
      await deliver()
      const [delivery] = (await deliveriesOf(endpoint, '?status=pending')).data
      expect(delivery).toMatchObject({ attempts: 1, responseStatus: status, error: expect.any(String) })
      // On a kept connection that is closed, the request is sent once more.
      expect([...new Set(receiver.received.map(({ path }) => path))]).toEqual(['/hook'])
    },
  )

  it('keeps the beginning of a long response, and needs no end of it', async () => {
    const endpoint = await newWebhook()
    receiver.respond = (response) => void response.writeHead(200).write('x'.repeat(100_000))
    await newRole()
    await deliver()
    const [delivery] = (await deliveriesOf(endpoint)).data
    expect(delivery?.status).toBe('delivered')
    const detail = await api.send(owner, 'GET', `${WEBHOOKS}/${endpoint.id}/deliveries/${delivery?.id}`)
    expect(detail.json<{ responseBody: string }>().responseBody).toBe('x'.repeat(4_096))
  })

  it('is made by another process when the lease of one that was killed ends', async () => {
    const endpoint = await newWebhook()
    await newRole()
    const limits = { total: 10, perLane: 10, ofLanes: new Map<string, number>() }
    const policy = { pauseFrom: 5, pausesSeconds: [60], disableAfter: 10 }
    const lease = () => api.repositories.webhookDeliveryQueue.lease(limits, 30, policy, api.clock.now())
    const [lost] = await lease()
    expect(await lease()).toEqual([])
    api.clock.advance(31)
    await deliver()
    expect((await deliveriesOf(endpoint)).data).toMatchObject([{ id: lost?.id, status: 'delivered', attempts: 2 }])
  })

  it('waits for those before it about the same resource, where the endpoint asks for an order', async () => {
    await newWebhook({ ordered: true })
    const [one, other] = [await newRole(), await newRole()]
    receiver.respond = (response, { json }) => {
      const { resource } = json()['data'] as { resource: { id: string } }
      void response.writeHead(resource.id === one.id ? 500 : 200).end()
    }
    await rename(one, 'Changed')
    await rename(other, 'Changed')
    api.webhookDelivery.flush()
    const names = () =>
      receiver.received.map((received) => [
        received.json()['type'],
        (received.json()['data'] as { resource: { id: string } }).resource.id === one.id ? 'one' : 'other',
      ])
    await eventually(names, (seen) => seen.length === 3)
    expect(names().filter(([, role]) => role === 'one')).toEqual([['role.created', 'one']])
    expect(names().filter(([, role]) => role === 'other')).toEqual([
      ['role.created', 'other'],
      ['role.updated', 'other'],
    ])
    await eventually(
      () => api.prisma.webhookDelivery.count({ where: { status: 'delivered' } }),
      (delivered) => delivered === 2,
    )
    receiver.reset()
    api.clock.advance(61)
    await deliver()
    expect(names()).toEqual([
      ['role.created', 'one'],
      ['role.updated', 'one'],
    ])
  })

  it('to an endpoint that does not respond delays no other', async () => {
    await newWebhook({ url: `${receiver.base}/slow` })
    await newWebhook()
    const held: ServerResponse[] = []
    receiver.respond = (response, { path }) => void (path === '/slow' ? held.push(response) : response.end())
    for (let index = 0; index < 40; index += 1) await newRole()
    api.webhookDelivery.flush()
    await eventually(
      () => receiver.received.filter(({ path }) => path === '/hook').length,
      (received) => received === 40,
    )
    expect(held.length).toBeLessThanOrEqual(32)
    receiver.reset()
    for (const response of held) response.end()
    await deliver()
  })
})

describe('an endpoint that keeps failing', () => {
  it('is paused from the fifth failure on, and disabled by the tenth, which is an event', async () => {
    const watcher = await newWebhook({ url: `${receiver.base}/watch`, events: ['webhook.disabled'] })
    const endpoint = await newWebhook()
    receiver.respond = (response, { path }) => void response.writeHead(path === '/hook' ? 503 : 200).end()
    for (let failure = 1; failure <= 10; failure += 1) {
      await newRole()
      api.webhookDelivery.flush()
      await eventually(
        async () => (await shown(endpoint))['failureCount'],
        (failures) => failures === failure,
      )
      // Deliveries that became due meanwhile would count as well.
      await api.prisma.webhookDelivery.deleteMany({ where: { endpointId: endpoint.id } })
      const { status, pausedUntil } = await shown(endpoint)
      expect(status).toBe(failure < 5 ? 'active' : failure < 10 ? 'paused' : 'disabled')
      if (typeof pausedUntil === 'string') await advance((Date.parse(pausedUntil) - api.clock.now().getTime()) / 1000)
    }
    expect(await shown(endpoint)).toMatchObject({ isActive: false, disabledReason: 'failures' })
    await deliver()
    expect((await deliveriesOf(watcher)).data).toMatchObject([{ event: 'webhook.disabled', status: 'delivered' }])
    const enabled = await api.send(owner, 'PATCH', `${WEBHOOKS}/${endpoint.id}`, { body: { isActive: true } })
    expect(enabled.json()).toMatchObject({ isActive: true, disabledReason: null, failureCount: 0, status: 'active' })
  })

  it('counts attempts at the same time once, and forgets its failures with a success', async () => {
    const endpoint = await newWebhook()
    for (let index = 0; index < 12; index += 1) await newRole()
    const held: ServerResponse[] = []
    receiver.respond = (response) => {
      held.push(response)
      if (held.length < 12) return
      api.clock.advance(1)
      for (const each of held) each.writeHead(500).end()
    }
    api.webhookDelivery.flush()
    await eventually(
      async () => (await deliveriesOf(endpoint)).data.filter(({ responseStatus }) => responseStatus === 500).length,
      (failed) => failed === 12,
    )
    expect(await shown(endpoint)).toMatchObject({ failureCount: 1 })
    receiver.reset()
    await advance(HOUR)
    await deliver()
    expect(await shown(endpoint)).toMatchObject({ failureCount: 0, lastTriggeredAt: expect.any(String) })
  })
})

describe('an administrator', () => {
  it('sends a test, also to a disabled endpoint, and sees the response', async () => {
    const endpoint = await newWebhook({ isActive: false })
    const good = await api.send(owner, 'POST', `${WEBHOOKS}/${endpoint.id}/test`)
    expect(good.json()).toMatchObject({ success: true, attempt: { status: 200, error: null } })
    expect(receiver.received.map((received) => received.json()['type'])).toEqual(['webhook.test'])
    receiver.respond = (response) => void response.writeHead(400).end('no')
    const body = { webhookId: endpoint.id }
    const bad = await api.send(owner, 'POST', `${WEBHOOKS}/test`, { body })
    expect(bad.json()).toMatchObject({ success: false, attempt: { status: 400 } })
    expect((await deliveriesOf(endpoint)).data).toMatchObject([{ status: 'failed' }, { status: 'delivered' }])
    expect(await shown(endpoint)).toMatchObject({ failureCount: 0 })
  })

  it('delivers one event again, or those of a time', async () => {
    const endpoint = await newWebhook()
    const since = api.clock.now().toISOString()
    for (let index = 0; index < 3; index += 1) await newRole()
    await deliver()
    const { data } = await deliveriesOf(endpoint)
    const path = `${WEBHOOKS}/${endpoint.id}`
    const again = await api.send(owner, 'POST', `${path}/deliveries/${data[0]?.id}/redeliver`)
    expect(again.statusCode).toBe(202)
    await deliver()
    expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(data[0]?.eventId)
    const range = { since, status: 'delivered' }
    const dry = await api.send(owner, 'POST', `${path}/redeliver?dryRun=true`, { body: range })
    expect(dry.json()).toMatchObject({ dryRun: true, count: 3 })
    expect(receiver.received).toHaveLength(4)
    expect((await api.send(owner, 'POST', `${path}/redeliver`, { body: range })).json()).toMatchObject({ count: 3 })
    await deliver()
    expect(receiver.received).toHaveLength(7)
    expect((await api.send(owner, 'POST', `${path}/redeliver`, { body: { since } })).json()).toMatchObject({ count: 0 })
  })

  it('reads deliveries page by page, by status and event', async () => {
    const endpoint = await newWebhook()
    const role = await newRole()
    for (const name of ['One', 'Two']) await rename(role, name)
    const first = await deliveriesOf(endpoint, '?limit=2')
    expect(first).toMatchObject({ total: 3, data: [{ event: 'role.updated' }, { event: 'role.updated' }] })
    const second = await deliveriesOf(endpoint, `?limit=2&after=${first.nextCursor}`)
    expect(second).toMatchObject({ nextCursor: null, data: [{ event: 'role.created' }] })
    expect((await deliveriesOf(endpoint, '?event=role.created')).data).toHaveLength(1)
    expect((await deliveriesOf(endpoint, '?status=failed')).data).toHaveLength(0)
  })

  it('does not find deliveries that are older than thirty days', async () => {
    await newWebhook()
    await newRole()
    api.clock.advance(29 * 24 * HOUR)
    await api.repositories.sweep(api.clock.now())
    expect(await api.prisma.webhookDelivery.count()).toBe(1)
    api.clock.advance(2 * 24 * HOUR)
    await api.repositories.sweep(api.clock.now())
    expect(await api.prisma.webhookDelivery.count()).toBe(0)
  })
})
