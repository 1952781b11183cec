import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { REDIRECT_URI } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const attributes = { team: 'payments', 'example.com/regions': ['eu', 'ch'], constructor: 'Ä “b”' }

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const read = async (id: unknown) =>
  (await api.send(api.owner, 'GET', `${PATH}/${String(id)}`)).json<Record<string, unknown>>()
const patch = (id: string, body: unknown, type = 'application/json') =>
  api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body, headers: { 'content-type': type } })

describe('the attributes of a client', () => {
  it('are set and read, and go with it when it is cloned', async () => {
    const client = await api.registerClient({ attributes })
    expect(client['attributes']).toEqual(attributes)
    expect(await read(client.id)).toMatchObject({ attributes })
    const cloned = await api.send(api.owner, 'POST', `${PATH}/${client.id}/clone`, { body: {} })
    expect([cloned.statusCode, cloned.json()]).toEqual([201, expect.objectContaining({ attributes })])
    expect((await api.registerClient())['attributes']).toEqual({})
  })

  it('are changed as a whole, or one by one', async () => {
    const { id } = await api.registerClient({ attributes: { a: '1', b: '2' } })
    await patch(id, { attributes: { b: '3', c: ['4'] } })
    expect(await read(id)).toMatchObject({ attributes: { b: '3', c: ['4'] } })
    await patch(id, { attributes: { b: null, d: '5' } }, 'application/merge-patch+json')
    expect((await read(id))['attributes']).toEqual({ c: ['4'], d: '5' })
    await patch(id, [{ op: 'add', path: '/attributes/c/-', value: '6' }], 'application/json-patch+json')
    expect((await read(id))['attributes']).toEqual({ c: ['4', '6'], d: '5' })
    await patch(id, { attributes: null }, 'application/merge-patch+json')
    expect((await read(id))['attributes']).toEqual({})
  })

  it('narrow lists: by what one is, or holds', async () => {
    for (const [name, own] of [
      ['kept a', { team: 'red', size: 'a=b' }],
      ['kept b', { team: ['blue', 'red'] }],
      ['kept c', { team: 'redder', red: 'team' }],
    ] as const) {
      await api.registerClient({ name, attributes: own })
    }
    const names = async (attribute: string) => {
      const answer = await api.send(api.owner, 'GET', `${PATH}?sort=name&attribute=${encodeURIComponent(attribute)}`)
      return answer.json<{ data: { name: string }[] }>().data.map(({ name }) => name)
    }
    expect(await names('team=red')).toEqual(['kept a', 'kept b'])
    expect(await names('team=blue')).toEqual(['kept b'])
    expect(await names('size=a=b')).toEqual(['kept a'])
    expect([await names('team=%'), await names('team='), await names('Team=red')]).toEqual([[], [], []])
    for (const query of [
      'attribute=team',
      'attribute=%3Dred',
      'attribute=a%3D%00',
      'attribute=a%3Db&attribute=c%3Dd',
    ]) {
      expect((await api.send(api.owner, 'GET', `${PATH}?${query}`)).statusCode).toBe(400)
    }
  })

  it('may be as much as is allowed', async () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, 'x'.repeat(300)]))
    const { id } = await api.registerClient({ attributes: { ...many, n0: 'x'.repeat(1000), n1: [] } })
    expect(Object.keys((await read(id))['attributes'] as object)).toHaveLength(50)
  })

  it.each<[string, unknown, string[]]>([
    ['a text', 'team', ['attributes']],
    ['a list', ['team'], ['attributes']],
    ['a number', { team: 7 }, ['attributes.team']],
    ['an object', { team: { name: 'payments' } }, ['attributes.team']],
    ['a list of numbers', { team: ['a', 7] }, ['attributes.team']],
    ['a long text', { team: 'x'.repeat(1001) }, ['attributes.team']],
    ['a long text in a list', { team: ['a', 'x'.repeat(1001)] }, ['attributes.team.1']],
    ['NUL', { team: 'a\u0000' }, ['attributes.team']],
    ['no name', { '': 'a' }, ['attributes.']],
    ['a name of other characters', { 'a b': 'a' }, ['attributes.a b']],
    ['a name that begins otherwise', { _team: 'a' }, ['attributes._team']],
    ['a long name', { ['x'.repeat(101)]: 'a' }, [`attributes.${'x'.repeat(100)}...`]],
    ['too many', Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`n${index}`, ''])), ['attributes']],
    [
      'too much',
      Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`n${index}`, 'x'.repeat(1000)])),
      ['attributes'],
    ],
    [
      'too much in other alphabets',
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, 'あ'.repeat(1000)])),
      ['attributes'],
    ],
    ['a long list', { team: Array.from({ length: 101 }, () => 'a') }, ['attributes.team']],
  ])('are not %s', async (_, wrong, paths) => {
    const { id } = await api.registerClient({ attributes: { team: 'payments' } })
    const answer = await patch(id, { attributes: wrong })
    const { errors } = answer.json<{ errors: { path: (string | number)[] }[] }>()
    expect([answer.statusCode, errors.map(({ path }) => path.join('.'))]).toEqual([400, paths])
    expect(await read(id)).toMatchObject({ attributes: { team: 'payments' } })
  })

  it('are not visible or writable for the client (RFC 7591, RFC 7592), and stay when it replaces itself', async () => {
    await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
    const body = { redirect_uris: [REDIRECT_URI], attributes: { team: 'mine' } }
    const registered = await api.send(undefined, 'POST', '/oauth2/register', { body })
    const client = registered.json<Record<string, string>>()
    expect(await read(client['client_id'])).toMatchObject({ attributes: {} })
    await patch(client['client_id'] ?? '', { attributes })
    const replaced = await api.send(undefined, 'PUT', `/oauth2/register/${client['client_id']}`, {
      body: { ...body, client_id: client['client_id'] },
      headers: { authorization: `Bearer ${client['registration_access_token']}` },
    })
    expect(replaced.statusCode).toBe(200)
    for (const answer of [registered, replaced]) expect(answer.json()).not.toHaveProperty('attributes')
    expect(await read(client['client_id'])).toMatchObject({ attributes })
  })
})
