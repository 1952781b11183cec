import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'

interface Events {
  data: { type: string; userId: string | null; email: string | null; ipAddress: string; requestId: string }[]
  total: number
}

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const list = async (id: string, query = '') =>
  (await api.send(api.owner, 'GET', `${PATH}/${id}/events${query}`)).json<Events>()

describe('the events of a client', () => {
  it('say what was done to it, by whom and from where, the newest first', async () => {
    api.clock.advance(1)
    const client = await api.registerClient()
    const person = await api.addPerson(['clients:update'])
    const headers = { 'user-agent': 'Console/1.0' }
    await api.send(person, 'PATCH', `${PATH}/${client.id}`, { body: { name: 'New' }, headers })
    await relyingParty(api, client).tokens()
    await relyingParty(api, await api.registerClient()).tokens()
    const { data, total } = await list(client.id)
    expect(total).toBe(2)
    expect(data).toMatchObject([
      {
        type: 'client.updated',
        action: 'update',
        success: true,
        userId: person.id,
        email: `${person.id}@example.test`,
        ipAddress: '127.0.0.1',
        userAgent: 'Console/1.0',
        requestId: expect.stringMatching(/^req_/),
        metadata: { clientId: client.clientId, fields: ['name'] },
      },
      { type: 'client.created', userId: api.owner.id, email: 'owner@acme.test' },
    ])
    expect(await list(client.id, '?limit=1&page=2')).toMatchObject({ total: 2, data: [{ type: 'client.created' }] })
  })

  it('say so where the server acted by itself', async () => {
    const expiresAt = new Date(api.clock.now().getTime() + 60_000).toISOString()
    const client = await api.registerClient({ expiresAt })
    api.clock.advance(60)
    await api.repositories.sweep(api.clock.now())
    expect((await list(client.id)).data[0]).toMatchObject({ type: 'client.expired', userId: null, email: null })
  })

  it('are read by the index that has them alone', async () => {
    const { rows: ids } = await api.database.pool.query<{ id: string; organisation_id: string }>(
      'SELECT id, organisation_id FROM clients LIMIT 1',
    )
    const connection = await api.database.pool.connect()
    try {
      // The tables of a test are so small that PostgreSQL would read them whole.
      await connection.query('SET enable_seqscan = off')
      const { rows } = await connection.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN EXECUTE "list-client-events"('${ids[0]?.id}', '${ids[0]?.organisation_id}', 1, 0)`,
      )
      // Each partition has an index of its own; that of the partition for all other dates has a name by its columns.
      const read = rows.map((row) => row['QUERY PLAN'].trim()).filter((line) => / on audit_events_/.test(line))
      expect(read.length).toBeGreaterThan(0)
      expect(
        read.filter((scan) => !/Index .*using audit_events_\w*(?:client_events|client_id_id)_idx/.test(scan)),
      ).toEqual([])
    } finally {
      await connection.query('RESET enable_seqscan')
      connection.release()
    }
  })
})
