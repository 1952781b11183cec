// The identifier of a client at the system that provisions it (RFC 7643 §3.1, externalId).
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const web = { name: 'Web', clientType: 'public', redirectUris: ['https://app.example.com/callback'] }

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const register = (externalId: unknown, query = '', person: Person = api.owner) =>
  api.send(person, 'POST', PATH + query, { body: { ...web, externalId } })
const change = (id: string, externalId: unknown, query = '') =>
  api.send(api.owner, 'PATCH', `${PATH}/${id}${query}`, { body: { externalId } })
const listed = async (externalId: string) =>
  (await api.send(api.owner, 'GET', `${PATH}?externalId=${externalId}`)).json<{ data: { id: string }[] }>().data

const statuses = (answers: { statusCode: number }[]) =>
  answers.map(({ statusCode }) => statusCode).toSorted((one, other) => one - other)

describe('the externalId of a client', () => {
  it('is set, found, changed and taken away', async () => {
    const { id, externalId } = (await register('web')).json<{ id: string; externalId: string }>()
    expect(externalId).toBe('web')
    expect(await listed('web')).toMatchObject([{ id }])
    expect((await change(id, 'web2')).json()).toMatchObject({ externalId: 'web2' })
    expect([await listed('web'), await listed('we_2')]).toEqual([[], []])
    expect((await change(id, null)).json()).toMatchObject({ externalId: null })
    expect(await listed('web2')).toEqual([])
  })

  it('is of one client of the organisation alone, in a rehearsal as well', async () => {
    const { id } = (await register('only')).json<{ id: string }>()
    const other = (await register(null)).json<{ id: string }>()
    const refused = [
      await register('only'),
      await register('only', '?dryRun=true'),
      await change(other.id, 'only'),
      await change(other.id, 'only', '?dryRun=true'),
    ]
    for (const answer of refused) {
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
        409,
        'Another client of the organisation has this externalId.',
      ])
    }
    expect((await change(id, 'only')).statusCode).toBe(200)
    expect((await register('ONLY')).statusCode).toBe(201)
  })

  it('is one organisation’s, and free again when its client is deleted', async () => {
    const organisation = await api.addOrganisation('others')
    const stranger = await api.addPerson(['clients:create', 'clients:read', 'clients:delete'], organisation)
    const { id } = (await register('shared')).json<{ id: string }>()
    expect((await register('shared', '', stranger)).statusCode).toBe(201)
    await api.send(api.owner, 'DELETE', `${PATH}/${id}`)
    expect((await register('shared')).statusCode).toBe(201)
  })

  it('is not given to two that ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => register('raced')))
    expect(statuses(answers)).toEqual([201, ...Array<number>(7).fill(409)])
    const others = await Promise.all(
      Array.from({ length: 4 }, async () => (await register(null)).json<{ id: string }>()),
    )
    const moved = await Promise.all(others.map(({ id }) => change(id, 'raced-too')))
    expect(statuses(moved)).toEqual([200, 409, 409, 409])
  })

  it('is not cloned', async () => {
    const { id } = (await register('original')).json<{ id: string }>()
    expect((await api.send(api.owner, 'POST', `${PATH}/${id}/clone`)).json()).toMatchObject({ externalId: null })
  })

  it.each([[''], ['a b'], ['ü'], ['x'.repeat(201)], [7], ['a\u0000']])('is not %j', async (externalId) => {
    const answer = await register(externalId)
    expect([answer.statusCode, answer.json<{ errors: { path: string[] }[] }>().errors[0]?.path]).toEqual([
      400,
      ['externalId'],
    ])
  })

  it('is asked for once', async () => {
    expect((await api.send(api.owner, 'GET', `${PATH}?externalId=a&externalId=b`)).statusCode).toBe(400)
    expect((await api.send(api.owner, 'GET', `${PATH}?externalId=%00`)).statusCode).toBe(400)
  })
})

describe('isActive of a new client', () => {
  it('registers it switched off', async () => {
    const made = await api.send(api.owner, 'POST', PATH, { body: { ...web, isActive: false } })
    expect([made.statusCode, made.json()]).toMatchObject([201, { isActive: false }])
    expect((await register(null)).json()).toMatchObject({ isActive: true })
  })
})
