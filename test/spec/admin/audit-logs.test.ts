import { once } from 'node:events'
import { get } from 'node:http'
import { createInterface } from 'node:readline'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { uuidv7 } from '../../../src/lib/crypto/random.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'
import type { RegisteredTestClient } from '../../support/app.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'

const PATH = '/v1/admin/audit-logs'

interface Entry {
  id: string
  eventType: string
  userId: string | null
  clientId: string | null
  resourceId: string | null
  metadata: Record<string, unknown>
  [member: string]: unknown
}
interface List {
  data: Entry[]
  total: number
  nextCursor: string | null
  [member: string]: unknown
}

let api: Api
let auditor: Person
let client: RegisteredTestClient
let manager: Person

beforeAll(async () => {
  api = await createApi()
  auditor = await api.addPerson(['audit:read'])
  manager = await api.addPerson(['users:*', 'clients:*', 'api_keys:*'])
  client = await api.registerClient({ clientType: 'confidential' })
  await api.app.inject({
    method: 'POST',
    url: '/v1/auth/login',
    payload: { email: 'owner@acme.test', password: 'a wrong password' },
  })
  await api.send(manager, 'PATCH', `/v1/admin/clients/${client.id}`, { body: { name: 'Renamed' } })
  await api.send(api.owner, 'POST', '/v1/admin/users', { body: { email: 'new@acme.test' } })
})
afterAll(() => api.close())

const list = async (query = '', person = auditor) => {
  const answer = await api.send(person, 'GET', `${PATH}${query}`)
  expect([query, answer.statusCode, answer.body.slice(0, 300)]).toEqual([query, 200, expect.anything()])
  return answer.json<List>()
}
const reads = () =>
  api.prisma.auditEvent.findMany({ where: { type: { startsWith: 'audit.' } }, orderBy: { id: 'asc' } })

/** `count` events of one kind, a minute apart, the last of them a day ago. */
async function addEvents(count: number, fields: Record<string, unknown> = {}, organisationId?: string) {
  const end = api.clock.now().getTime() - 86_400_000
  const rows = Array.from({ length: count }, (_, index) => {
    const occurredAt = new Date(end - index * 60_000)
    return {
      id: uuidv7(occurredAt),
      organisationId: organisationId ?? auditor.organisation.id,
      occurredAt,
      type: 'oauth2.token_issued',
      category: 'auth',
      action: 'create',
      success: true,
      metadata: {},
      ...fields,
    }
  })
  await api.prisma.auditEvent.createMany({ data: rows })
  return rows.toReversed()
}

describe('the list', () => {
  it('has the newest event first, flat and nested, with the names of who acted', async () => {
    const { data, ...envelope } = await list('?type=client.updated')
    expect(envelope).toMatchObject({ total: 1, page: 1, limit: 50, offset: 0, pages: 1, nextCursor: null })
    const email = `${manager.id}@example.test`
    expect(data).toEqual([
      expect.objectContaining({
        organisationId: manager.organisation.id,
        eventType: 'client.updated',
        eventCategory: 'client',
        type: 'client.updated',
        category: 'client',
        action: 'update',
        success: true,
        userId: manager.id,
        clientId: client.id,
        resourceType: 'client',
        resourceId: client.id,
        ipAddress: '127.0.0.1',
        requestId: expect.stringMatching(/^req_/),
        errorMessage: null,
        actor: { type: 'user', id: manager.id, email, name: null },
        onBehalfOf: null,
        user: { id: manager.id, email, name: null },
        client: { id: client.id, clientId: client.clientId, name: 'Renamed' },
        resource: { type: 'client', id: client.id },
        request: expect.objectContaining({ ipAddress: '127.0.0.1' }),
      }),
    ])
    expect(data[0]?.['createdAt']).toBe(data[0]?.['occurredAt'])
    const all = (await list()).data.map(({ createdAt }) => String(createdAt))
    expect(all).toEqual(all.toSorted().toReversed())
    const ascending = (await list('?sort=createdAt')).data.map(({ createdAt }) => String(createdAt))
    expect(ascending).toEqual(ascending.toSorted())
  })

  it('names the client that acts with a token, and the user on whose behalf', async () => {
    const scopes = ['openid', 'clients:update']
    const grantTypes = ['client_credentials', 'authorization_code']
    const machine = await api.registerClient({ clientType: 'confidential', grantTypes, scopes })
    const rp = relyingParty(api, machine)
    const browser = api.browser()
    browser.cookies.set('cerb_sid', manager.cookie.split('=')[1] ?? '')
    const delegated = await rp.tokens(browser, { scope: scopes.join(' ') })
    const key = await api.send(manager, 'POST', '/v1/admin/api-keys', {
      body: { name: 'Key', scopes: ['clients:update'] },
    })
    const { id: keyId, key: apiKey } = key.json<{ id: string; key: string }>()
    const own = await rp.exchange('', { grant_type: 'client_credentials', scope: 'clients:update' })
    const acting = { type: 'client', id: machine.clientId }
    for (const [token, expected] of [
      [own.json<Tokens>().access_token, { actor: acting, onBehalfOf: null, userId: null }],
      [
        apiKey,
        { actor: { type: 'api_key', id: keyId }, onBehalfOf: { type: 'user', id: manager.id }, userId: manager.id },
      ],
      [delegated.access_token, { actor: acting, onBehalfOf: { type: 'user', id: manager.id }, userId: manager.id }],
    ] as const) {
      const headers = { authorization: `Bearer ${token}` }
      const url = `/v1/admin/clients/${client.id}`
      const body = { name: `By ${expected.actor.id}, ${expected.userId ?? 'itself'}` }
      expect((await api.send(undefined, 'PATCH', url, { body, headers })).statusCode).toBe(200)
      expect((await list('?type=client.updated&limit=1')).data[0]).toMatchObject(expected)
    }
  })

  it.each<[string, () => string, (entry: Entry) => boolean]>([
    ['type', () => '?eventType=user.created', ({ eventType }) => eventType === 'user.created'],
    ['category', () => '?category=user', ({ eventCategory }) => eventCategory === 'user'],
    ['action', () => '?action=create', ({ action }) => action === 'create'],
    ['failure', () => '?success=false', ({ eventType }) => eventType === 'user.login.failed'],
    ['user', () => `?userId=${manager.id}`, ({ userId }) => userId === manager.id],
    ['client', () => `?clientId=${client.id}`, ({ clientId }) => clientId === client.id],
    ['client_id', () => `?clientId=${client.clientId}`, ({ clientId }) => clientId === client.id],
    ['resource', () => `?resourceType=client&resourceId=${client.id}`, ({ resourceId }) => resourceId === client.id],
    ['type of resource', () => '?resourceType=user', ({ resourceType }) => resourceType === 'user'],
    [
      'e-mail address',
      () => `?search=${manager.id}@example.test`,
      ({ userId, resourceId }) => [userId, resourceId].includes(manager.id),
    ],
    ['id', () => `?search=${client.id}`, ({ clientId }) => clientId === client.id],
    [
      'several',
      () => `?userId=${manager.id}&category=client&action=update&success=true`,
      ({ userId, eventType }) => userId === manager.id && eventType === 'client.updated',
    ],
  ])('is filtered by %s', async (_, query, matches) => {
    const { data: all } = await list('?limit=100')
    const expected = all.filter(matches).map(({ id }) => id)
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(all.length)
    const found = await list(`${query()}&limit=100`)
    // The read of `all` is recorded meanwhile.
    const known = found.data.filter(
      ({ id, eventType }) => all.some((one) => one.id === id) || eventType !== 'audit.read',
    )
    expect(known.map(({ id }) => id)).toEqual(expected)
    expect(found.total).toBe(found.data.length)
  })

  it('is filtered by time, by an instant or by a whole day', async () => {
    const [first, second, third] = await addEvents(3, { type: 'oauth2.token_refreshed' })
    const at = (row: { occurredAt: Date } | undefined) => row?.occurredAt.toISOString() ?? ''
    const found = await list(`?type=oauth2.token_refreshed&from=${at(first)}&to=${at(third)}`)
    expect(found.data.map(({ id }) => id)).toEqual([second?.id, first?.id])
    const days = `startDate=${at(first).slice(0, 10)}&endDate=${at(third).slice(0, 10)}`
    expect((await list(`?type=oauth2.token_refreshed&${days}`)).total).toBe(3)
  })

  it.each([
    ['category=person', 'category'],
    ['userId=me', 'userId'],
    ['from=yesterday', 'from'],
    ['from=2026-02-31T00:00:00Z', 'from'],
    ['success=yes', 'success'],
    ['type=a&eventType=b', 'eventType'],
    ['after=x', 'after'],
    ['after=x&page=2', 'after'],
    ['limit=1000', 'limit'],
    ['sort=type', 'sort'],
  ])('rejects %s', async (query, member) => {
    const answer = await api.send(auditor, 'GET', `${PATH}?${query}`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: string[] }[] }>().errors.map(({ path }) => path[0])).toContain(member)
  })

  it('pages by number and by cursor alike', async () => {
    const rows = (await addEvents(7, { userId: manager.id, type: 'oauth2.grant_revoked' })).toReversed()
    const ids = rows.map(({ id }) => id)
    for (const query of ['type=oauth2.grant_revoked', `type=oauth2.grant_revoked&userId=${manager.id}`]) {
      const byNumber = []
      for (const page of [1, 2, 3]) byNumber.push(...(await list(`?${query}&limit=3&page=${page}`)).data)
      expect(byNumber.map(({ id }) => id)).toEqual(ids)
      const byCursor = []
      let next: string | null = ''
      while (next !== null) {
        const found: List = await list(`?${query}&limit=3${next && `&after=${next}`}`)
        expect(found.total).toBe(7)
        byCursor.push(...found.data)
        next = found.nextCursor
      }
      expect(byCursor.map(({ id }) => id)).toEqual(ids)
    }
  })
})

describe('access', () => {
  it('needs audit:read', async () => {
    for (const url of [PATH, `${PATH}/${auditor.id}`, `${PATH}/export`]) {
      expect((await api.send(manager, 'GET', url)).statusCode).toBe(403)
      expect((await api.send(undefined, 'GET', url)).statusCode).toBe(401)
    }
  })

  it('is limited to the organisation', async () => {
    const organisation = await api.addOrganisation('audited-elsewhere')
    const stranger = await api.addPerson(['*'], organisation)
    const [own] = await addEvents(1)
    const [theirs] = await addEvents(1, { type: 'client.deleted' }, organisation.id)
    for (const [person, foreign] of [
      [stranger, own],
      [auditor, theirs],
    ] as const) {
      expect((await api.send(person, 'GET', `${PATH}/${foreign?.id}`)).statusCode).toBe(404)
      expect((await list(`?search=${foreign?.id}`, person)).data.map(({ id }) => id)).not.toContain(foreign?.id)
      expect((await api.send(person, 'GET', `${PATH}/export`)).body).not.toContain(`"id":"${foreign?.id}"`)
    }
    expect((await list(`?clientId=${client.clientId}`, stranger)).data).toEqual([])
    expect((await list('?search=owner@acme.test', stranger)).data).toEqual([])
  })
})

describe('reading the log', () => {
  it('is recorded with its filter, once for all pages that follow by cursor', async () => {
    await addEvents(4, { type: 'user.logout', action: 'logout' })
    const before = (await reads()).length
    const first = await list('?limit=2&type=user.logout')
    const second = await list(`?limit=2&type=user.logout&after=${first.nextCursor}`)
    expect(second.data.length).toBe(2)
    const recorded = (await reads()).slice(before)
    expect(recorded).toMatchObject([
      {
        type: 'audit.read',
        category: 'system',
        action: 'read',
        userId: auditor.id,
        metadata: { filter: 'type=user.logout' },
      },
    ])
  })

  it('is recorded again for another filter, another reader, and after an hour', async () => {
    const other = await api.addPerson(['audit:read'])
    const { nextCursor } = await list('?limit=1')
    const before = (await reads()).length
    await list(`?limit=1&after=${nextCursor}&category=user`)
    await list(`?limit=1&after=${nextCursor}`, other)
    api.clock.advance(3_600)
    await list(`?limit=1&after=${nextCursor}`, auditor)
    expect((await reads()).slice(before).map(({ userId }) => userId)).toEqual([auditor.id, other.id, auditor.id])
  })

  it('is recorded for one event and for the events of a client', async () => {
    const [event] = await addEvents(1)
    const read = await api.send(auditor, 'GET', `${PATH}/${event?.id}`)
    expect(read.json()).toMatchObject({ id: event?.id, eventType: 'oauth2.token_issued' })
    expect((await reads()).at(-1)).toMatchObject({ resourceType: 'audit_event', resourceId: event?.id })
    await api.send(auditor, 'GET', `/v1/admin/clients/${client.id}/events`)
    expect((await reads()).at(-1)?.metadata).toEqual({ filter: `category=client&clientId=${client.id}` })
  })
})

describe('the export', () => {
  it('has every event, the oldest first, as JSON per line, and is recorded', async () => {
    const rows = await addEvents(1_201, { type: 'user.session_ended', action: 'delete' })
    const answer = await api.send(auditor, 'GET', `${PATH}/export?type=user.session_ended`)
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="audit-log-[\d-]{10}\.ndjson"$/)
    const lines = answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry)
    expect(lines.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
    expect((await reads()).at(-1)).toMatchObject({
      type: 'audit.exported',
      metadata: { filter: 'type=user.session_ended', format: 'ndjson' },
    })
    const [listed] = (await list(`?search=${rows[0]?.id}`)).data
    expect(lines[0]).toEqual(listed)
  })

  it('is CSV in which no cell is a formula for a spreadsheet', async () => {
    await addEvents(1, { type: 'client.tested', userAgent: '=HYPERLINK("http://x")', metadata: { note: 'a,"b"' } })
    const { body, headers } = await api.send(auditor, 'GET', `${PATH}/export?format=csv&type=client.tested`)
    expect(headers['content-type']).toBe('text/csv; charset=utf-8; header=present')
    const [head = '', line = '', ...rest] = body.split('\r\n')
    expect(head.split(',').slice(0, 4)).toEqual(['id', 'occurredAt', 'type', 'category'])
    expect(line).toContain(`,"'=HYPERLINK(""http://x"")",`)
    expect(line).toContain(',"{""note"":""a,\\""b\\""""}"')
    expect(rest).toEqual([''])
  })

  it('is read from the database only as fast as it is received', async () => {
    await addEvents(6_000, { type: 'user.erased', userAgent: 'x'.repeat(2_000) })
    await api.app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = api.app.server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}${PATH}/export?type=user.erased`
    const request = get(url, { headers: { cookie: auditor.cookie } })
    const [response] = (await once(request, 'response')) as [Readable]
    // The receiver takes nothing meanwhile. All twelve chunks would have been read in this time.
    for (let round = 0; round < 200; round += 1) await api.database.pool.query('SELECT 1')
    const before = api.database.statementCount()
    let lines = 0
    for await (const line of createInterface({ input: response })) lines += line === '' ? 0 : 1
    expect(lines).toBe(6_000)
    expect(api.database.statementCount() - before).toBeGreaterThan(2)
  })
})
