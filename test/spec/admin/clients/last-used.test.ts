import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { createTestApp, type RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

/** As the owner, who has just signed in: hours pass here. */
const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH', url: string, message?: { body: unknown }) =>
  api.send({ ...api.owner, cookie: await api.signIn() }, method, url, message)
const use = (client: RegisteredTestClient) =>
  relyingParty(api, client).exchange('', { grant_type: 'client_credentials' })
const lastUsed = async (id: string) =>
  (await send('GET', `${PATH}/${id}`)).json<{ lastUsedAt: string | null }>().lastUsedAt
const thisHour = () => `${api.clock.now().toISOString().slice(0, 13)}:00:00.000Z`
const found = async (query: string) =>
  (await send('GET', `${PATH}?${query}`)).json<{ data: RegisteredTestClient[] }>().data

/** How often the row of a client's use was written, by the count that PostgreSQL keeps of its versions. */
const rowVersion = async (id: string) => {
  const [row] = await api.prisma.$queryRaw<{ xmin: string }[]>`
    SELECT xmin::text FROM client_last_used WHERE client_id = ${id}::uuid`
  return row?.xmin
}

describe('when a client was last used', () => {
  it('is returned to the hour, for a client and for the secret that it used', async () => {
    const client = await api.registerClient(machine)
    expect([client['lastUsedAt'], await lastUsed(client.id)]).toEqual([null, null])
    await send('POST', `${PATH}/${client.id}/secrets`, { body: { label: 'spare' } })
    await use(client)
    await api.lastUsed.flush()
    expect(await lastUsed(client.id)).toBe(thisHour())
    const secrets = (await send('GET', `${PATH}/${client.id}/secrets`)).json<{ data: unknown[] }>().data
    expect(secrets).toMatchObject([
      { label: null, lastUsedAt: thisHour() },
      { label: 'spare', lastUsedAt: null },
    ])
    api.clock.advance(3_600)
    await use(client)
    await api.lastUsed.flush()
    expect(await lastUsed(client.id)).toBe(thisHour())
  })

  it('is written once an hour, over all processes', async () => {
    const client = await api.registerClient(machine)
    const { connectionString } = api
    const other = await createTestApp({ connectionString, clock: api.clock })
    await use(client)
    await api.lastUsed.flush()
    const written = await rowVersion(client.id)
    await use(client)
    await relyingParty(other, client).exchange('', { grant_type: 'client_credentials' })
    await api.lastUsed.flush()
    await other.lastUsed.flush()
    await other.close()
    expect([typeof written, await rowVersion(client.id)]).toEqual(['string', written])
  })

  it('counts authorization, and not what was refused', async () => {
    const client = await api.registerClient({
      grantTypes: ['implicit'],
      responseTypes: ['id_token'],
      scopes: ['openid'],
    })
    const rp = relyingParty(api, client)
    const refused = await api.registerClient(machine)
    const answer = await relyingParty(api, { ...refused, clientSecret: 'wrong' }).exchange('', {
      grant_type: 'client_credentials',
    })
    expect(answer.statusCode).toBe(401)
    const browser = await api.signedInBrowser()
    const asked = { response_type: 'id_token', scope: 'openid', nonce: 'n', code_challenge: undefined }
    await browser.get(rp.authorizeUrl({ ...asked, code_challenge_method: undefined }))
    await api.lastUsed.flush()
    expect([await lastUsed(client.id), await lastUsed(refused.id)]).toEqual([thisHour(), null])
  })

  it('is no change of the client: its ETag stays, and what was read before can be sent back', async () => {
    const client = await api.registerClient(machine)
    const before = await send('GET', `${PATH}/${client.id}`)
    await use(client)
    await api.lastUsed.flush()
    const after = await send('GET', `${PATH}/${client.id}`)
    expect(after.headers['etag']).toBe(before.headers['etag'])
    const put = await send('PUT', `${PATH}/${client.id}`, { body: before.body })
    expect([put.statusCode, put.json<{ lastUsedAt: unknown }>().lastUsedAt]).toEqual([200, thisHour()])
    const set = await send('PATCH', `${PATH}/${client.id}`, { body: { lastUsedAt: null } })
    expect([set.statusCode, set.body]).toEqual([400, expect.stringContaining('read-only')])
  })

  it('finds unused clients, and sorts', async () => {
    const names = async (query: string) => (await found(`search=lastused-&${query}`)).map(({ name }) => name)
    const [one, two] = [
      await api.registerClient({ ...machine, name: 'lastused-1' }),
      await api.registerClient({ ...machine, name: 'lastused-2' }),
    ]
    await api.registerClient({ ...machine, name: 'lastused-never' })
    await use(two)
    await api.lastUsed.flush()
    api.clock.advance(20 * 86_400)
    await use(one)
    await api.lastUsed.flush()
    await api.registerClient({ ...machine, name: 'lastused-new' })
    expect(await names('sort=-lastUsedAt')).toEqual(['lastused-1', 'lastused-2', 'lastused-never', 'lastused-new'])
    expect(await names('sort=lastUsedAt&limit=2')).toEqual(['lastused-2', 'lastused-1'])
    expect(await names('unused=10&sort=name')).toEqual(['lastused-2', 'lastused-never'])
    expect(await names('unused=30&sort=name')).toEqual([])
    expect((await send('GET', `${PATH}?unused=x`)).statusCode).toBe(400)
  })
})
