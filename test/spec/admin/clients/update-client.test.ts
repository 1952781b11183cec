import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settableProperties } from '../../../../src/clients/settings/schema.ts'
import { createApi, type Api } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const web = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/a', 'https://app.example.com/b'],
  scopes: ['openid', 'email'],
  logoUri: 'https://app.example.com/logo.png',
  contacts: ['team@example.com'],
}
const MERGE = { 'content-type': 'application/merge-patch+json' }
const PATCH = { 'content-type': 'application/json-patch+json' }

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

type Shown = Record<string, unknown> & { id: string; clientId: string }

async function register(body: object = web): Promise<Shown> {
  const answer = await api.send(api.owner, 'POST', PATH, { body })
  expect(answer.statusCode).toBe(201)
  return read(answer.json<Shown>().id)
}

const read = async (id: string) => (await api.send(api.owner, 'GET', `${PATH}/${id}`)).json<Shown>()
const patch = (id: string, body: unknown, headers: Record<string, string>) =>
  api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body, headers })
const put = (id: string, body: unknown) => api.send(api.owner, 'PUT', `${PATH}/${id}`, { body })
const pathsOf = (answer: { json(): unknown }) =>
  ((answer.json() as { errors?: { path: (string | number)[] }[] }).errors ?? []).map(({ path }) => path.join('.'))

describe('RFC 7396: a merge patch', () => {
  it('§2 sets what it has, takes away what is null there, and leaves the rest', async () => {
    const before = await register()
    const answer = await patch(before.id, { name: 'New', logoUri: null, scopes: ['openid'] }, MERGE)
    expect(answer.statusCode).toBe(200)
    const { updatedAt, warnings: _, ...after } = answer.json<Shown>()
    expect({ ...after, updatedAt: before['updatedAt'] }).toEqual({
      ...before,
      name: 'New',
      logoUri: null,
      scopes: ['openid'],
    })
    expect(updatedAt).toBe(api.clock.now().toISOString())
  })

  it('§2 gives a member that is taken away its default back', async () => {
    const { id } = await register({ ...web, accessTokenLifetime: 60, requirePkce: false })
    const answer = await patch(id, { accessTokenLifetime: null, requirePkce: null, contacts: null }, MERGE)
    expect(answer.json()).toMatchObject({ accessTokenLifetime: 3600, requirePkce: true, contacts: [] })
  })

  it('§2 merges objects within', async () => {
    const key = { kty: 'unknown', x: 'x' }
    const { id } = await register({ ...web, jwks: { keys: [key], note: 'kept' } })
    const answer = await patch(id, { jwks: { keys: [{ ...key, kid: '1' }] } }, MERGE)
    expect(answer.json()).toMatchObject({ jwks: { keys: [{ ...key, kid: '1' }], note: 'kept' } })
  })

  it('may name pkceRequired by either of its names', async () => {
    const { id } = await register()
    const answer = await patch(id, { pkceRequired: false }, MERGE)
    expect(answer.json()).toMatchObject({ requirePkce: false, pkceRequired: false })
    const again = await patch(id, { requirePkce: true }, MERGE)
    expect(again.json()).toMatchObject({ requirePkce: true, pkceRequired: true })
  })

  it.each([
    [{ id: 'x' }, ['id']],
    [{ clientId: null }, ['clientId']],
    [{ clientSecret: 'mine' }, ['clientSecret']],
    [{ clientType: 'public' }, ['clientType']],
    [{ clientType: null }, ['clientType']],
    [{ name: null }, ['name']],
    [{ isActive: null }, ['isActive']],
    [{ updatedAt: '2020-01-01T00:00:00.000Z' }, ['updatedAt']],
    [{ colour: 'red', name: '', redirectUris: ['/x'] }, ['name', 'colour', 'redirectUris.0']],
    [['name'], ['']],
    ['text', ['']],
  ])('%j is refused, with all that is wrong with it', async (body, paths) => {
    const { id, clientId } = await register()
    const answer = await patch(id, JSON.stringify(body), MERGE)
    expect([answer.statusCode, pathsOf(answer)]).toEqual([400, paths])
    expect(await read(id)).toMatchObject({ clientId, name: 'Web' })
  })

  it('may hold what the server sets, as it is', async () => {
    const before = await register()
    const answer = await patch(before.id, before, MERGE)
    expect([answer.statusCode, await read(before.id)]).toEqual([200, before])
  })
})

describe('RFC 6902: a JSON patch', () => {
  it('§4 applies its operations one after another', async () => {
    const before = await register()
    const operations = [
      { op: 'test', path: '/name', value: 'Web' },
      { op: 'add', path: '/redirectUris/-', value: 'https://app.example.com/c' },
      { op: 'remove', path: '/redirectUris/0' },
      { op: 'replace', path: '/name', value: 'New' },
      { op: 'copy', from: '/name', path: '/description' },
      { op: 'move', from: '/logoUri', path: '/clientUri' },
      { op: 'add', path: '/contacts/0', value: 'first@example.com' },
    ]
    const answer = await patch(before.id, operations, PATCH)
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      {
        name: 'New',
        description: 'New',
        logoUri: null,
        clientUri: 'https://app.example.com/logo.png',
        redirectUris: ['https://app.example.com/b', 'https://app.example.com/c'],
        contacts: ['first@example.com', 'team@example.com'],
      },
    ])
  })

  it('§4.6, §5 changes nothing where a test fails', async () => {
    const before = await register()
    const answer = await patch(
      before.id,
      [
        { op: 'replace', path: '/name', value: 'New' },
        { op: 'test', path: '/scopes', value: ['email', 'openid'] },
      ],
      PATCH,
    )
    expect([answer.statusCode, answer.json()]).toMatchObject([409, { detail: expect.stringMatching(/scopes/) }])
    expect(await read(before.id)).toEqual(before)
  })

  it.each([
    [[{ op: 'remove', path: '/redirectUris/7' }], '0.path'],
    [[{ op: 'remove', path: '/redirectUris/-' }], '0.path'],
    [[{ op: 'remove', path: '/redirectUris/length' }], '0.path'],
    [[{ op: 'replace', path: '/redirectUris/length', value: 4_294_967_295 }], '0.path'],
    [[{ op: 'replace', path: '/redirectUris/00', value: 'https://a.example/' }], '0.path'],
    [[{ op: 'add', path: '/redirectUris/9', value: 'https://a.example/' }], '0.path'],
    [[{ op: 'add', path: '/name/x', value: 1 }], '0.path'],
    [[{ op: 'add', path: '/__proto__/polluted', value: 1 }], '0.path'],
    [[{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }], '0.path'],
    [[{ op: 'replace', path: '/nothing', value: 1 }], '0.path'],
    [[{ op: 'replace', path: 'name', value: 'x' }], '0.path'],
    [[{ op: 'replace', path: '/name~2', value: 'x' }], '0.path'],
    [[{ op: 'replace', path: '', value: {} }], '0.path'],
    [[{ op: 'replace', path: '/name' }], '0.value'],
    [[{ op: 'copy', from: '/nothing', path: '/name' }], '0.from'],
    [[{ op: 'copy', from: '/jwks', path: '/jwks/again' }], '0.path'],
    [[{ op: 'move', from: '/scopes', path: '/scopes/0' }], '0.path'],
    [
      [
        { op: 'test', path: '/name', value: 'Web' },
        { op: 'turn', path: '/name' },
      ],
      '1.op',
    ],
    [[{ op: 'remove', path: '/id' }], 'id'],
    [[{ op: 'add', path: '/clientSecret', value: 'mine' }], 'clientSecret'],
    [[{ op: 'replace', path: '/clientType', value: 'public' }], 'clientType'],
    [[{ op: 'remove', path: '/name' }], 'name'],
    [{ name: 'New' }, ''],
    [Array.from({ length: 101 }, () => ({ op: 'test', path: '/name', value: 'Web' })), ''],
  ])('%j is refused at %j', async (operations, path) => {
    const before = await register({ ...web, jwks: { keys: [] } })
    const answer = await patch(before.id, operations, PATCH)
    expect([answer.statusCode, pathsOf(answer)]).toEqual([400, [path]])
    expect(await read(before.id)).toEqual(before)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('cannot make the document grow without bound by copying', async () => {
    const { id } = await register({ ...web, jwks: { keys: [] } })
    const operations = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0
        ? { op: 'copy', from: '/contacts', path: `/scopes/0` }
        : { op: 'copy', from: '/scopes', path: `/contacts/0` },
    )
    const answer = await patch(id, operations, PATCH)
    expect([answer.statusCode, answer.json()]).toMatchObject([
      400,
      { detail: expect.stringMatching(/larger than 262,144/) },
    ])
  })
})

describe('replacing a client', () => {
  it('changes nothing with what GET has shown', async () => {
    const before = await register({ ...web, accessTokenLifetime: 60, pkceRequired: false })
    const answer = await put(before.id, before)
    expect([answer.statusCode, await read(before.id)]).toEqual([200, before])
  })

  it('gives what is left out its default, but leaves a client as inactive as it was', async () => {
    const before = await register({ ...web, accessTokenLifetime: 60, pkceRequired: false, requireConsent: false })
    await patch(before.id, { isActive: false }, MERGE)
    const answer = await put(before.id, { name: 'Web', redirectUris: web.redirectUris })
    expect(answer.statusCode).toBe(200)
    const fresh = await register({ name: 'Web', clientType: 'confidential', redirectUris: web.redirectUris })
    const own = { id: '', clientId: '', createdAt: '', updatedAt: '' }
    expect({ ...(await read(before.id)), ...own }).toEqual({ ...fresh, ...own, isActive: false })
  })

  it.each([
    [{}, ['name', 'redirectUris']],
    [{ name: 'Web', redirectUris: web.redirectUris, id: 'x', colour: 'red' }, ['id', 'colour']],
    [{ name: 'Web' }, ['redirectUris']],
    [{ name: 'Web', clientType: 'public', redirectUris: web.redirectUris }, ['clientType']],
    [[], ['']],
  ])('with %j is refused at %j', async (body, paths) => {
    const before = await register()
    const answer = await put(before.id, body)
    expect([answer.statusCode, pathsOf(answer).toSorted()]).toEqual([400, paths.toSorted()])
    expect(await read(before.id)).toEqual(before)
  })
})

describe('every member that can be set', () => {
  it('can be read', async () => {
    const shown = await register()
    expect(settableProperties.filter((name) => !Object.hasOwn(shown, name))).toEqual([])
  })

  it('stands in the body of PATCH, PUT and POST in the description', async () => {
    const document = (await api.app.inject('/openapi.json')).json<{
      components: { schemas: Record<string, { properties: Record<string, { description?: string }> }> }
    }>()
    const { Client, ClientChange, NewClient } = document.components.schemas
    const own = (schema: typeof Client) => Object.keys(schema?.properties ?? {})
    expect(own(Client)).toEqual(expect.arrayContaining([...settableProperties]))
    expect([...own(ClientChange), 'clientType'].toSorted()).toEqual(settableProperties.toSorted())
    expect(own(NewClient).toSorted()).toEqual([...settableProperties, 'clientId'].toSorted())
    const silent = Object.entries(Client?.properties ?? {}).filter(([, { description }]) => description === undefined)
    expect(silent.map(([name]) => name).filter((name) => settableProperties.includes(name))).toEqual([])
  })
})
