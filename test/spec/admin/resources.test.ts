import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'

const RESOURCES = '/v1/admin/resources'

interface Resource {
  id: string
  identifier: string
  name: string
  scopes: { name: string; title: string | null }[]
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown, as: Person = api.owner) =>
  api.send(as, method, url, { ...(body !== undefined && { body }) })
let made = 0
const create = async (settings: object = {}, as?: Person) =>
  call('POST', RESOURCES, { identifier: `https://api-${(made += 1)}.example.com`, name: 'API', ...settings }, as)
const created = async (settings?: object) => (await create(settings)).json<Resource>()

describe('a resource', () => {
  it('is created with defaults, read, found, changed and deleted', async () => {
    const answer = await create({
      identifier: 'https://Files.example.com/api',
      name: 'Files',
      scopes: [{ name: 'files:read', title: 'Read your files', localised: { de: { title: 'Dateien lesen' } } }],
    })
    expect(answer.statusCode).toBe(201)
    const resource = answer.json<Resource>()
    expect(resource).toMatchObject({
      identifier: 'https://Files.example.com/api',
      isActive: true,
      scopes: [
        {
          name: 'files:read',
          title: 'Read your files',
          description: null,
          localised: { de: { title: 'Dateien lesen' } },
        },
      ],
      accessTokenFormat: 'jwt',
      accessTokenTyp: 'at+jwt',
      accessTokenSigningAlg: 'ES256',
      accessTokenLifetime: null,
      clientKinds: ['managed'],
      clients: [],
      hostsMetadata: false,
    })
    const url = `${RESOURCES}/${resource.id}`
    expect((await call('GET', url)).json()).toEqual(resource)
    for (const search of ['FILES', 'example.com/api']) {
      const list = await call('GET', `${RESOURCES}?${new URLSearchParams({ search })}`)
      expect(list.json()).toMatchObject({ total: 1, data: [{ id: resource.id }] })
    }
    const changed = await call('PATCH', url, { accessTokenLifetime: 60, clientKinds: ['all'] })
    expect(changed.json()).toMatchObject({ name: 'Files', accessTokenLifetime: 60, clientKinds: ['all'] })
    expect(changed.headers['etag']).not.toBe(answer.headers['etag'])
    expect((await call('DELETE', url)).statusCode).toBe(204)
    expect((await call('GET', url)).statusCode).toBe(404)
  })

  it('has one identifier in an organisation, however it is written, and never another', async () => {
    const { id } = await created({ identifier: 'https://one.example.com' })
    expect((await create({ identifier: 'HTTPS://One.example.com/' })).statusCode).toBe(409)
    expect((await create({ identifier: 'https://one.example.com/other' })).statusCode).toBe(201)
    expect((await call('PATCH', `${RESOURCES}/${id}`, { identifier: 'https://two.example.com' })).statusCode).toBe(400)
    const elsewhere = await api.addPerson(['resources:create'], await api.addOrganisation('elsewhere'))
    expect((await create({ identifier: 'https://one.example.com' }, elsewhere)).statusCode).toBe(201)
  })

  it.each([
    ['a relative identifier', { identifier: '/api' }, 'identifier'],
    ['a fragment', { identifier: 'https://api.example.com#part' }, 'identifier'],
    ['a scope about users', { scopes: [{ name: 'openid' }] }, 'scopes.0.name'],
    ['a scope twice', { scopes: [{ name: 'a' }, { name: 'a' }] }, 'scopes.1.name'],
    ['words in no language', { scopes: [{ name: 'a', localised: { '?': { title: 'x' } } }] }, 'scopes.0.localised.?'],
    ['an unknown kind of client', { clientKinds: ['some'] }, 'clientKinds.0'],
    ['no signature', { accessTokenSigningAlg: 'none' }, 'accessTokenSigningAlg'],
    ['its own issuer', { identifier: 'https://auth.example.com/' }, 'identifier'],
    ['the API of this server', { identifier: 'https://auth.example.com/v1' }, 'identifier'],
  ])('is rejected with %s', async (_, settings, member) => {
    const answer = await create(settings)
    expect(answer.statusCode).toBe(400)
    expect(answer.body).toContain(member)
  })

  it("is on the host of this server in the operator's organisation only", async () => {
    const tenant = await api.addPerson(['resources:create'], await api.addOrganisation('tenant'))
    const settings = { identifier: 'https://auth.example.com/mcp' }
    expect((await create(settings, tenant)).statusCode).toBe(400)
    expect((await create(settings)).statusCode).toBe(201)
  })

  it('is tried without effect, and changed in the version that was read', async () => {
    const dry = await call('POST', `${RESOURCES}?dryRun=true`, { identifier: 'urn:example:dry', name: 'Dry' })
    expect(dry.json()).toMatchObject({ dryRun: true })
    expect((await call('GET', `${RESOURCES}?search=urn`)).json()).toMatchObject({ total: 0 })
    const { id } = await created()
    const url = `${RESOURCES}/${id}`
    const { etag } = (await call('GET', url)).headers
    expect((await call('PATCH', `${url}?dryRun=true`, { name: 'Other' })).json()).toMatchObject({
      changes: [{ member: 'name', from: 'API', to: 'Other' }],
    })
    expect((await call('PATCH', url, { name: 'Renamed' })).statusCode).toBe(200)
    const stale = await api.send(api.owner, 'PATCH', url, {
      body: { name: 'x' },
      headers: { 'if-match': String(etag) },
    })
    expect(stale.statusCode).toBe(412)
  })

  it('needs the permission of each act, in its own organisation', async () => {
    const { id } = await created()
    const reader = await api.addPerson(['resources:read'])
    expect((await call('GET', RESOURCES, undefined, reader)).statusCode).toBe(200)
    expect((await create({}, reader)).statusCode).toBe(403)
    expect((await call('DELETE', `${RESOURCES}/${id}`, undefined, reader)).statusCode).toBe(403)
    const stranger = await api.addPerson(['resources:*'], await api.addOrganisation('stranger'))
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const body = method === 'PATCH' ? { name: 'Taken' } : undefined
      expect((await call(method, `${RESOURCES}/${id}`, body, stranger)).statusCode).toBe(404)
    }
  })
})

describe('RFC 9728: the metadata of a protected resource', () => {
  const WELL_KNOWN = '/.well-known/oauth-protected-resource'
  const get = (url: string, headers: Record<string, string> = {}) => api.app.inject({ url, headers })

  it('is there for the API of this server, and its challenges name it', async () => {
    const answer = await get(WELL_KNOWN, { origin: 'https://any.example.org' })
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'content-type': 'application/json' })
    expect(answer.json()).toMatchObject({
      resource: 'https://auth.example.com',
      authorization_servers: ['https://auth.example.com'],
      bearer_methods_supported: ['header'],
    })
    expect(answer.json<{ scopes_supported: string[] }>().scopes_supported).toEqual(
      expect.arrayContaining(['openid', 'profile', 'users:read', 'resources:create']),
    )
    const metadata = `resource_metadata="https://auth.example.com${WELL_KNOWN}"`
    for (const url of [RESOURCES, '/v1/me/profile']) {
      expect((await get(url)).headers['www-authenticate']).toBe(`Bearer ${metadata}`)
      const refused = await get(url, { authorization: 'Bearer nonsense' })
      expect(refused.headers['www-authenticate']).toBe(`Bearer realm="cerberus", error="invalid_token", ${metadata}`)
    }
  })

  it('is hosted by id for a resource that wants it', async () => {
    const { id } = await created({
      identifier: 'https://mcp.example.com/mcp',
      name: 'Files',
      localised: { de: { name: 'Dateien' } },
      scopes: [{ name: 'files:read' }],
      documentationUri: 'https://mcp.example.com/docs',
    })
    const url = `/oauth2/resources/${id}/metadata`
    expect((await get(url)).statusCode).toBe(404)
    await call('PATCH', `${RESOURCES}/${id}`, { hostsMetadata: true })
    expect((await get(url)).json()).toEqual({
      resource: 'https://mcp.example.com/mcp',
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['files:read'],
      bearer_methods_supported: ['header'],
      resource_name: 'Files',
      'resource_name#de': 'Dateien',
      resource_documentation: 'https://mcp.example.com/docs',
    })
    await call('PATCH', `${RESOURCES}/${id}`, { isActive: false })
    for (const path of [url, '/oauth2/resources/x/metadata']) expect((await get(path)).statusCode).toBe(404)
  })

  it('is at the path of the identifier for a resource on the host of this server', async () => {
    const settings = { name: 'Tools', hostsMetadata: true }
    await created({ ...settings, identifier: 'https://auth.example.com/tools/mcp' })
    await created({ ...settings, identifier: 'https://auth.example.com/tools?kind=a%20b' })
    expect((await get(`${WELL_KNOWN}/tools/mcp`)).json()).toMatchObject({
      resource: 'https://auth.example.com/tools/mcp',
    })
    expect((await get(`${WELL_KNOWN}/tools?kind=a%20b`)).json()).toMatchObject({
      resource: 'https://auth.example.com/tools?kind=a%20b',
    })
    for (const path of ['/tools', '/tools/other', '/v1', '/'])
      expect((await get(WELL_KNOWN + path)).statusCode).toBe(404)
    expect((await api.app.inject({ method: 'POST', url: `${WELL_KNOWN}/tools/mcp` })).statusCode).toBe(405)
  })
})
