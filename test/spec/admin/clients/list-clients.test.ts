import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { overwriteClient } from '../../../support/stored-clients.ts'

const PATH = '/v1/admin/clients'

let api: Api

beforeAll(async () => {
  api = await createApi()
  const other = await api.addPerson(['clients:create'], await api.addOrganisation('other'))
  const names = ['Delta', 'Alpha', 'Echo', '100% Bravo', 'Charlie']
  for (const [index, name] of names.entries()) {
    const body = {
      name,
      clientType: index === 0 ? 'public' : 'confidential',
      redirectUris: [`https://${index}.example.com/callback`],
      scopes: ['openid'],
    }
    await api.send(api.owner, 'POST', PATH, { body })
    await api.send(other, 'POST', PATH, { body })
  }
  const [charlie] = (await read('?search=charlie')).data
  await overwriteClient(api, charlie?.id ?? '', {
    redirectUris: ['https://4.example.com/callback', 'http://127.0.0.1:3000/callback'],
    contacts: ['Team@Charlie.example'],
    grantTypes: ['authorization_code', 'client_credentials'],
    expiresAt: new Date(api.clock.now().getTime() + 9 * 86_400_000),
  })
  const [alpha] = (await read('?search=alpha')).data
  await api.send(api.owner, 'PATCH', `${PATH}/${alpha?.id}`, { body: { isActive: false } })
})

afterAll(() => api.close())

interface Page {
  data: { id: string; name: string; clientId: string }[]
  total: number
  [member: string]: unknown
}

async function read(query: string): Promise<Page> {
  const answer = await api.send(api.owner, 'GET', `${PATH}${query}`)
  expect(answer.statusCode).toBe(200)
  return answer.json<Page>()
}

async function namesOf(query: string): Promise<string[]> {
  const { data, total } = await read(query)
  expect(total).toBe(data.length)
  return data.map(({ name }) => name)
}

describe('the list of clients', () => {
  it('holds those of the organisation, the newest first, in an envelope, and no secret', async () => {
    const { data, ...envelope } = await read('')
    expect(data.map(({ name }) => name)).toEqual(['Charlie', '100% Bravo', 'Echo', 'Alpha', 'Delta'])
    expect(envelope).toEqual({
      total: 5,
      page: 1,
      limit: 50,
      offset: 0,
      pages: 1,
      pagination: { total: 5, limit: 50, offset: 0 },
    })
    expect(JSON.stringify(data)).not.toMatch(/secret_[\w-]{43}|clientSecret/)
  })

  it.each([
    ['?page=2&limit=2', ['Echo', 'Alpha'], { page: 2, limit: 2, offset: 2, pages: 3 }],
    ['?page=2&per_page=2', ['Echo', 'Alpha'], { page: 2, limit: 2, offset: 2, pages: 3 }],
    ['?limit=2&offset=3', ['Alpha', 'Delta'], { page: 2, limit: 2, offset: 3, pages: 3 }],
    ['?page=4&limit=2', [], { page: 4, offset: 6, pages: 3, total: 5 }],
    ['?page=1000000&limit=100', [], { total: 5 }],
    ['?offset=100000000', [], { total: 5 }],
    ['?isActive=true&limit=3', ['Charlie', '100% Bravo', 'Echo'], { pages: 2, total: 4 }],
    ['?isActive=true&limit=3&page=2', ['Delta'], { pages: 2, total: 4 }],
    ['?isActive=true&limit=3&page=3', [], { pages: 2, total: 4 }],
  ])('is paged by %s', async (query, names, envelope) => {
    const { data, ...rest } = await read(query)
    expect(data.map(({ name }) => name)).toEqual(names)
    expect(rest).toMatchObject(envelope)
  })

  it.each([
    ['?sort=name', ['100% Bravo', 'Alpha', 'Charlie', 'Delta', 'Echo']],
    ['?sort=-name', ['Echo', 'Delta', 'Charlie', 'Alpha', '100% Bravo']],
    ['?sort=name&order=desc', ['Echo', 'Delta', 'Charlie', 'Alpha', '100% Bravo']],
    ['?sort=createdAt&order=asc', ['Delta', 'Alpha', 'Echo', '100% Bravo', 'Charlie']],
    ['?sort=expiresAt', ['Charlie', 'Delta', 'Alpha', 'Echo', '100% Bravo']],
    ['?sort=-expiresAt', ['Charlie', 'Delta', 'Alpha', 'Echo', '100% Bravo']],
    ['?sort=-updatedAt', ['Alpha', 'Charlie', '100% Bravo', 'Echo', 'Delta']],
  ])('is sorted by %s', async (query, names) => {
    expect(await namesOf(query)).toEqual(names)
  })

  it.each([
    ['?search=LPH', ['Alpha']],
    ['?search=%20alpha%20', ['Alpha']],
    ['?search=100%25', ['100% Bravo']],
    ['?search=%25', ['100% Bravo']],
    ['?search=_', ['Charlie', '100% Bravo', 'Echo', 'Alpha', 'Delta']],
    ['?search=https://2.example.com/callback', ['Echo']],
    ['?search=2.EXAMPLE', ['Echo']],
    ['?search=team@charlie', ['Charlie']],
    ['?grantType=client_credentials', ['Charlie']],
    ['?tokenEndpointAuthMethod=none', ['Delta']],
    ['?redirectHost=2.example.com', ['Echo']],
    ['?redirectHost=example.com', []],
    ['?redirectHost=127.0.0.1', ['Charlie']],
    ['?expiresWithin=10', ['Charlie']],
    ['?expiresWithin=8', []],
    ['?expiresWithin=10&search=echo', []],
    ['?search=nothing', []],
    ['?search=', ['Charlie', '100% Bravo', 'Echo', 'Alpha', 'Delta']],
    ['?clientType=public', ['Delta']],
    ['?isActive=false', ['Alpha']],
    ['?status=inactive', ['Alpha']],
    ['?status=active&clientType=confidential', ['Charlie', '100% Bravo', 'Echo']],
  ])('is narrowed by %s', async (query, names) => {
    expect(await namesOf(query)).toEqual(names)
  })

  it.each([
    ['?sort=secret', 'sort', /name, -name, clientId/],
    ['?order=up&sort=name', 'order', /asc, desc/],
    ['?order=asc', 'order', /hyphen/],
    ['?order=asc&sort=-name', 'order', /hyphen/],
    ['?limit=0', 'limit', /from 1 to 100/],
    ['?limit=101', 'limit', /from 1 to 100/],
    ['?limit=ten', 'limit', /whole number/],
    ['?limit=1&limit=2', 'limit', /once/],
    ['?limit=', 'limit', /whole number/],
    ['?page=0', 'page', /whole number/],
    ['?page=1e3', 'page', /whole number/],
    ['?page=99999999999999999999', 'page', /whole number/],
    ['?offset=-1', 'offset', /whole number/],
    ['?offset=2147483648', 'offset', /whole number/],
    ['?offset=0&page=1', 'offset', /page/],
    ['?limit=5&per_page=5', 'per_page', /limit/],
    ['?status=active&isActive=true', 'status', /isActive/],
    ['?clientType=native', 'clientType', /confidential, public/],
    ['?isActive=yes', 'isActive', /true, false/],
    ['?grantType=password', 'grantType', /authorization_code/],
    ['?tokenEndpointAuthMethod=basic', 'tokenEndpointAuthMethod', /client_secret_basic/],
    ['?redirectHost=a/b', 'redirectHost', /host/],
    ['?expiresWithin=-1', 'expiresWithin', /whole number/],
    [`?search=${'x'.repeat(201)}`, 'search', /200/],
    ['?search=a&search=b', 'search', /once/],
  ])('is refused for %s', async (query, path, message) => {
    const answer = await api.send(api.owner, 'GET', `${PATH}${query}`)
    expect([answer.statusCode, answer.json()]).toEqual([
      400,
      expect.objectContaining({
        errors: [{ path: [path], code: expect.any(String), message: expect.stringMatching(message) }],
      }),
    ])
  })
})

describe('what a client is found by', () => {
  const idsOf = async (search: string) => (await read(`?search=${encodeURIComponent(search)}`)).data.map(({ id }) => id)

  it('follows the client: its changes, what it has registered of itself, its end', async () => {
    const body = { name: 'Zulu', clientType: 'public', redirectUris: ['https://zulu.example.com/'], scopes: ['openid'] }
    const { id, clientId } = (await api.send(api.owner, 'POST', PATH, { body })).json<{
      id: string
      clientId: string
    }>()
    for (const search of ['zulu', id, clientId.toUpperCase(), 'ZULU.example.com/'])
      expect(await idsOf(search)).toEqual([id])
    await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { name: 'Yankee', contacts: ['Who@yankee.example'] } })
    expect(await idsOf('yankee.ex')).toEqual([id])
    await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { softwareId: '4NRB1-0XZABZI9E6-5SM3R' } })
    expect(await idsOf('4nrb1-0xz')).toEqual([id])
    await api.send(api.owner, 'DELETE', `${PATH}/${id}`)
    expect(await idsOf('4nrb1-0xz')).toEqual([])
    expect(await api.prisma.clientSearch.count({ where: { clientId: id } })).toBe(0)
  })
})
