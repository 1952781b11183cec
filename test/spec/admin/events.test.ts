import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'

const EVENTS = '/v1/admin/events'

interface Feed {
  data: { id: string; type: string; data: { resource: { id: string } | null } }[]
  nextCursor: string
  hasMore: boolean
}

let api: Api
let count = 0
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const get = (query: string, as: Person = api.owner) => api.send(as, 'GET', `${EVENTS}?${query}`)
const read = async (query: string) => (await get(query)).json<Feed>()
async function newRole(): Promise<string> {
  const slug = `role-${(count += 1)}`
  const answer = await api.send(api.owner, 'POST', '/v1/admin/roles', { body: { name: slug, slug } })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string }>().id
}
const idsOf = ({ data }: Feed) => data.map((event) => event.data.resource?.id)
const latest = async (types: string) => (await read(`types=${types}&after=latest`)).nextCursor
/** A transaction that stores an event, and has not ended. */
async function openTransaction() {
  const connection = await api.database.pool.connect()
  await connection.query('BEGIN')
  const id = crypto.randomUUID()
  await connection.query(
    `INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, resource_type, resource_id, metadata)
    VALUES ($1::uuid, $2, $3, 'role.updated', 'permission', 'update', true, 'role', $4, '{}')`,
    [id, api.owner.organisation.id, api.clock.now(), id],
  )
  return {
    id,
    async commit() {
      await connection.query('COMMIT')
      connection.release()
    },
  }
}

describe('the feed of events', () => {
  it('returns what webhooks send, oldest first, page by page, and then what is new', async () => {
    const start = await latest('role.*')
    const roles = [await newRole(), await newRole(), await newRole()]
    const first = await read(`types=role.*&limit=2&after=${start}`)
    expect(idsOf(first)).toEqual(roles.slice(0, 2))
    expect(first).toMatchObject({
      hasMore: true,
      data: [{ type: 'role.created', id: expect.stringMatching(/^evt_/) }, {}],
    })
    const second = await read(`types=role.*&limit=2&after=${first.nextCursor}`)
    expect(idsOf(second)).toEqual(roles.slice(2))
    expect(second.hasMore).toBe(false)
    const role = await newRole()
    expect(idsOf(await read(`types=role.*&after=${second.nextCursor}`))).toEqual([role])
  })

  it('skips no event whose transaction ends later than those after it', async () => {
    const start = await latest('role.*')
    const late = await openTransaction()
    const role = await newRole()
    const before = await read(`types=role.*&after=${start}`)
    expect(before.data).toEqual([])
    await late.commit()
    expect(idsOf(await read(`types=role.*&after=${before.nextCursor}`))).toEqual([late.id, role])
  })

  it('names an event by the first of its names that was asked for', async () => {
    const [start, all] = [await latest('session.created'), await latest('*')]
    const person = await api.addPerson([])
    expect((await read(`types=session.created&after=${start}`)).data.map(({ type }) => type)).toEqual([
      'session.created',
    ])
    const seen = (await read(`after=${all}`)).data.map(({ type }) => type)
    expect(seen).toContain('login.success')
    expect(seen).not.toContain('session.created')
    expect(person.id).toBeTruthy()
  })

  it('waits for an event, and ends without one', async () => {
    const start = await latest('role.*')
    const waiting = get(`types=role.*&wait=20&after=${start}`)
    const role = await newRole()
    expect(idsOf((await waiting).json<Feed>())).toEqual([role])
    expect((await get(`types=team.created&wait=1&after=latest`)).json<Feed>().data).toEqual([])
  })

  it('has only the events of the organisation, needs audit:read, and is recorded once an hour', async () => {
    const stranger = await api.addPerson(['audit:read'], await api.addOrganisation('elsewhere'))
    await newRole()
    expect((await get('types=role.*', stranger)).json<Feed>().data).toEqual([])
    expect((await get('', await api.addPerson(['webhooks:*']))).statusCode).toBe(403)
    const reads = () => api.prisma.auditEvent.count({ where: { type: 'audit.read' } })
    const { nextCursor } = await read('types=role.*')
    const before = await reads()
    await read(`types=role.*&after=${nextCursor}`)
    expect(await reads()).toBe(before)
    await read(`types=team.*&after=${nextCursor}`)
    expect(await reads()).toBe(before + 1)
  })

  it.each(['after=nonsense', 'after=W10', 'types=user.exploded', 'limit=501', 'wait=31'])(
    'refuses %s',
    async (query) => {
      expect((await get(query)).statusCode).toBe(400)
    },
  )
})
