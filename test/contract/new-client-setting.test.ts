// A new setting of clients is one entry among the properties: no column, no migration and no second list. This test adds
// one that nothing else knows.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { createApi, type Api } from '../support/api.ts'

vi.mock(import('../../src/clients/settings/properties/index.ts'), async (importOriginal) => {
  const original = await importOriginal()
  const { withDefault } = await import('../../src/clients/settings/properties/defaults.ts')
  const added = {
    favouriteColour: withDefault(z.enum(['red', 'green']).describe('Made up by a test.'), 'green'),
    nicknames: z.array(z.string()),
    motto: z.string().nullable(),
  }
  return { ...original, optionalProperties: { ...original.optionalProperties, ...added } }
})

const CLIENTS = '/v1/admin/clients'
const body = { name: 'Colourful', clientType: 'public', redirectUris: ['https://app.example.com/callback'] }

interface Added {
  id: string
  clientId: string
  favouriteColour: string
  nicknames: string[]
  motto: string | null
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const create = async (more: object = {}) => {
  const response = await api.send(api.owner, 'POST', CLIENTS, { body: { ...body, ...more } })
  expect(response.statusCode).toBe(201)
  return response.json<Added>()
}
const read = async (id: string) => (await api.send(api.owner, 'GET', `${CLIENTS}/${id}`)).json<Added>()
const stored = async (id: string) => (await api.prisma.client.findUniqueOrThrow({ where: { id } })).settings

describe('a setting that is one schema entry', () => {
  it('is stored, returned and read by the protocol, with its default where it is left out', async () => {
    const plain = await create()
    expect(plain).toMatchObject({ favouriteColour: 'green', nicknames: [], motto: null })
    const given = { favouriteColour: 'red', nicknames: ['Ruby'], motto: 'Per aspera' }
    const client = await create(given)
    expect(client).toMatchObject(given)
    expect(await stored(client.id)).toMatchObject(given)
    expect(await read(client.id)).toMatchObject(given)
    expect(await api.repositories.clientCache.find(client.clientId)).toMatchObject(given)
  })

  it('is patched by itself, and validated', async () => {
    const { id } = await create({ motto: 'Per aspera' })
    const patch = (change: object) => api.send(api.owner, 'PATCH', `${CLIENTS}/${id}`, { body: change })
    expect((await patch({ favouriteColour: 'red' })).statusCode).toBe(200)
    expect(await read(id)).toMatchObject({ favouriteColour: 'red', motto: 'Per aspera' })
    const rejected = await patch({ favouriteColour: 'blue' })
    expect(rejected.statusCode).toBe(400)
    expect(rejected.json()).toMatchObject({ errors: [{ path: ['favouriteColour'] }] })
  })

  it('has its default in clients that were stored before it was added', async () => {
    const { id, clientId } = await create({ favouriteColour: 'red' })
    await api.prisma.$executeRaw`
      UPDATE clients SET settings = settings - ARRAY['favouriteColour', 'nicknames', 'motto'] WHERE id = ${id}::uuid`
    expect(await read(id)).toMatchObject({ favouriteColour: 'green', nicknames: [], motto: null })
    await expect
      .poll(async () => api.repositories.clientCache.find(clientId))
      .toMatchObject({ favouriteColour: 'green' })
  })

  it('stays where only another release knows it', async () => {
    const { id } = await create()
    await api.prisma.$executeRaw`
      UPDATE clients SET settings = settings || '{"ofTheFuture": 1}' WHERE id = ${id}::uuid`
    const response = await api.send(api.owner, 'PATCH', `${CLIENTS}/${id}`, { body: { motto: 'Ad astra' } })
    expect(response.json()).not.toHaveProperty('ofTheFuture')
    expect(await stored(id)).toMatchObject({ ofTheFuture: 1, motto: 'Ad astra' })
  })

  it('is part of the OpenAPI document, of requests and of responses', async () => {
    const { components } = (await api.send(undefined, 'GET', '/openapi.json')).json<{
      components: { schemas: Record<string, { properties?: Record<string, object> }> }
    }>()
    const setting = { type: 'string', enum: ['red', 'green'], description: 'Made up by a test.' }
    for (const name of ['NewClient', 'ClientChange', 'Client', 'ClientWithSecret'])
      expect([name, components.schemas[name]?.properties?.['favouriteColour']]).toEqual([
        name,
        expect.objectContaining(setting),
      ])
  })
})
