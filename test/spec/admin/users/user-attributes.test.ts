import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'

const ATTRIBUTES = '/v1/admin/user-attributes'
const USERS = '/v1/admin/users'
const PROFILE = '/v1/me/profile'

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

let made = 0
/** Defines an attribute with a name of its own, and returns the name. */
async function define(definition: Record<string, unknown>): Promise<string> {
  made += 1
  const name = `attribute_${made}`
  const answer = await api.send(api.owner, 'POST', ATTRIBUTES, { body: { name, ...definition } })
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`)
  return name
}
const create = (attributes: Record<string, unknown>) => {
  made += 1
  return api.send(api.owner, 'POST', USERS, { body: { email: `user-${made}@attributes.test`, attributes } })
}
async function created(attributes: Record<string, unknown>) {
  const answer = await create(attributes)
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`)
  return answer.json<{ id: string; attributes: Record<string, unknown> }>()
}
const set = (id: string, attributes: Record<string, unknown>) =>
  api.send(api.owner, 'PATCH', `${USERS}/${id}`, { body: { attributes } })
const found = async (query: string) => {
  const answer = await api.send(api.owner, 'GET', `${USERS}?${query}`)
  return answer.statusCode === 200
    ? answer.json<{ data: { id: string }[] }>().data.map(({ id }) => id)
    : answer.statusCode
}

describe('/v1/admin/user-attributes', () => {
  it('defines, lists, changes and deletes an attribute', async () => {
    const body = { name: 'costCentre', type: 'string', pattern: '[0-9]{4}', titles: { en: 'Cost centre' } }
    const answer = await api.send(api.owner, 'POST', ATTRIBUTES, { body })
    expect([answer.statusCode, answer.headers.location]).toEqual([201, `${ATTRIBUTES}/costCentre`])
    expect(answer.json()).toMatchObject({ ...body, access: 'hidden', required: false, unique: false, options: [] })
    expect((await api.send(api.owner, 'POST', ATTRIBUTES, { body })).statusCode).toBe(409)
    const changed = await api.send(api.owner, 'PATCH', `${ATTRIBUTES}/costCentre`, { body: { access: 'readable' } })
    expect(changed.json()).toMatchObject({ ...body, access: 'readable' })
    expect(
      (await api.send(api.owner, 'PATCH', `${ATTRIBUTES}/costCentre`, { body: { type: 'date' } })).statusCode,
    ).toBe(400)
    const list = (await api.send(api.owner, 'GET', ATTRIBUTES)).json<{ data: { name: string }[] }>()
    expect(list.data.map(({ name }) => name)).toContain('costCentre')

    const user = await created({ costCentre: '4711' })
    const url = `${ATTRIBUTES}/costCentre`
    const dryRun = await api.send(api.owner, 'DELETE', `${url}?dryRun=true`)
    expect(dryRun.json()).toEqual({ dryRun: true, users: 1 })
    for (const [query, status] of [
      ['', 400],
      ['?users=0', 409],
      ['?users=1', 204],
      ['?users=1', 404],
    ] as const) {
      expect((await api.send(api.owner, 'DELETE', `${url}${query}`)).statusCode).toBe(status)
    }
    expect((await api.send(api.owner, 'GET', `${USERS}/${user.id}`)).json()).toMatchObject({ attributes: {} })
  })

  it.each([
    [{ type: 'enum' }, 'options'],
    [{ type: 'number', pattern: '1' }, 'pattern'],
    [{ type: 'date', maxLength: 5 }, 'maxLength'],
    [{ type: 'string', pattern: '(' }, 'pattern'],
    [{ type: 'string', pattern: '(a)\\1' }, 'pattern'],
    [{ type: 'boolean', unique: true }, 'unique'],
    [{ type: 'string', options: ['a'] }, 'options'],
    [{ type: 'object' }, 'type'],
    [{ type: 'string', name: 'Bad name' }, 'name'],
  ])('rejects %j', async (definition, path) => {
    const answer = await api.send(api.owner, 'POST', ATTRIBUTES, { body: { name: 'rejected', ...definition } })
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: string[] }[] }>().errors[0]?.path[0]).toBe(path)
  })

  it('needs the permission to change the organisation, and exists in its organisation only', async () => {
    const reader = await api.addPerson(['users:read'])
    const body = { name: 'other', type: 'string' }
    expect((await api.send(reader, 'GET', ATTRIBUTES)).statusCode).toBe(200)
    expect((await api.send(reader, 'POST', ATTRIBUTES, { body })).statusCode).toBe(403)
    const name = await define({ type: 'string' })
    const elsewhere = await api.addPerson(['*'], await api.addOrganisation('attributes-elsewhere'))
    expect((await api.send(elsewhere, 'DELETE', `${ATTRIBUTES}/${name}?users=0`)).statusCode).toBe(404)
    const foreign = { body: { email: 'foreign@attributes.test', attributes: { [name]: 'x' } } }
    expect((await api.send(elsewhere, 'POST', USERS, foreign)).statusCode).toBe(400)
  })

  it('has at most 100 definitions', async () => {
    const organisation = await api.addOrganisation('attributes-many')
    const person = await api.addPerson(['*'], organisation)
    await api.prisma.userAttributeDefinition.createMany({
      data: Array.from({ length: 99 }, (_, index) => ({
        id: crypto.randomUUID(),
        organisationId: organisation.id,
        name: `a${index}`,
        type: 'string',
        access: 'hidden',
        createdAt: api.clock.now(),
        updatedAt: api.clock.now(),
      })),
    })
    const one = (name: string) => api.send(person, 'POST', ATTRIBUTES, { body: { name, type: 'string' } })
    const answers = await Promise.all([one('x'), one('y'), one('z')])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  })
})

describe('the attributes of a user', () => {
  it('are stored by type, returned, changed, removed and recorded', async () => {
    const [text, number, flag, date, choice, list] = [
      await define({ type: 'string', maxLength: 5 }),
      await define({ type: 'number' }),
      await define({ type: 'boolean' }),
      await define({ type: 'date' }),
      await define({ type: 'enum', options: ['S', 'M'] }),
      await define({ type: 'string[]' }),
    ]
    const attributes = {
      [text]: 'abc',
      [number]: 1.5,
      [flag]: false,
      [date]: '2027-02-28',
      [choice]: 'M',
      [list]: ['b', 'a'],
    }
    const user = await created(attributes)
    expect(user.attributes).toEqual(attributes)
    const { [text]: _, ...rest } = attributes
    const changed = await set(user.id, { [text]: null, [list]: ['c'] })
    expect(changed.json<typeof user>().attributes).toEqual({ ...rest, [list]: ['c'] })
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { type: 'user.updated', resourceId: user.id } })
    expect(event.metadata).toEqual({ fields: [`attributes.${text}`, `attributes.${list}`] })
    expect(event.changes).toEqual([
      { field: `attributes.${text}`, from: 'abc', to: null },
      { field: `attributes.${list}`, from: ['b', 'a'], to: ['c'] },
    ])
    const wrong = {
      [text]: 'abcdef',
      [number]: '1',
      [flag]: 1,
      [date]: '2027-02-30',
      [choice]: 'L',
      [list]: ['a', 'a'],
      x: 1,
    }
    const answer = await set(user.id, wrong)
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: string[] }[] }>().errors.map(({ path }) => path[1])).toEqual(
      Object.keys(wrong),
    )
    const long = await define({ type: 'string' })
    expect((await set(user.id, { [long]: 'ä'.repeat(2_048) })).statusCode).toBe(400)
    expect((await set(user.id, { [long]: 'ä'.repeat(2_047) })).statusCode).toBe(200)
  })

  it('are found by the filter, and by search where that was defined', async () => {
    const [city, level, tags] = [
      await define({ type: 'string', searchable: true }),
      await define({ type: 'number' }),
      await define({ type: 'string[]' }),
    ]
    const one = await created({ [city]: 'Wuppertal', [level]: 3, [tags]: ['red', 'blue'] })
    const other = await created({ [city]: 'Solingen', [level]: 3, [tags]: ['red'] })
    expect(await found(`filter[attributes.${city}]=Wuppertal`)).toEqual([one.id])
    expect(await found(`filter[attributes.${level}]=3.0&sort=createdAt`)).toEqual([one.id, other.id])
    expect(await found(`filter[attributes.${level}]=three`)).toEqual([])
    expect(await found(`filter[attributes.${tags}]=blue&filter[attributes.${level}]=3`)).toEqual([one.id])
    expect(await found('filter[attributes.unknown]=x')).toBe(400)
    expect(await found(`filter[attributes.${city}]=a&filter[attributes.${city}]=b`)).toBe(400)
    expect(await found('search=solinge')).toEqual([other.id])
    await set(other.id, { [city]: 'Remscheid' })
    expect([await found('search=solinge'), await found('search=REMSCHEID')]).toEqual([[], [other.id]])
    await api.send(api.owner, 'DELETE', `${ATTRIBUTES}/${city}?users=2`)
    expect(await found('search=remscheid')).toEqual([])
  })

  it('are required of new users, and stay', async () => {
    const organisation = await api.addOrganisation('attributes-required')
    const person = await api.addPerson(['*'], organisation)
    await api.send(person, 'POST', ATTRIBUTES, { body: { name: 'badge', type: 'string', required: true } })
    const send = (body: object) => api.send(person, 'POST', USERS, { body })
    expect((await send({ email: 'badge@attributes.test' })).statusCode).toBe(400)
    const answer = await send({ email: 'badge@attributes.test', attributes: { badge: '1' } })
    expect(answer.statusCode).toBe(201)
    const url = `${USERS}/${answer.json<{ id: string }>().id}`
    expect((await api.send(person, 'PATCH', url, { body: { attributes: { badge: null } } })).statusCode).toBe(400)
    expect((await api.send(person, 'PATCH', url, { body: { nickname: 'B' } })).statusCode).toBe(200)
  })

  it('are unique where that is defined, also when two requests race', async () => {
    const name = await define({ type: 'string', unique: true })
    const answers = await Promise.all([create({ [name]: '1' }), create({ [name]: '1' }), create({ [name]: '1' })])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
    const second = await created({ [name]: '2' })
    expect((await set(second.id, { [name]: '1' })).statusCode).toBe(409)
    const rule = (unique: boolean) => api.send(api.owner, 'PATCH', `${ATTRIBUTES}/${name}`, { body: { unique } })
    expect((await rule(false)).statusCode).toBe(200)
    expect((await set(second.id, { [name]: '1' })).statusCode).toBe(200)
    expect((await rule(true)).statusCode).toBe(409)
    await set(second.id, { [name]: '2' })
    expect((await rule(true)).statusCode).toBe(200)
    expect((await create({ [name]: '2' })).statusCode).toBe(409)
  })

  it('are read and written by the user as their definition allows', async () => {
    const [editable, readable, hidden] = [
      await define({ type: 'string', access: 'editable' }),
      await define({ type: 'string', access: 'readable' }),
      await define({ type: 'string', access: 'hidden' }),
    ]
    const person = await api.addPerson([])
    await set(person.id, { [editable]: 'e', [readable]: 'r', [hidden]: 'h' })
    const profile = async () =>
      (await api.send(person, 'GET', PROFILE)).json<{ attributes: Record<string, unknown> }>().attributes
    expect(await profile()).toEqual({ [editable]: 'e', [readable]: 'r' })
    const answer = await api.send(person, 'PATCH', PROFILE, { body: { attributes: { [editable]: 'mine' } } })
    expect(answer.json()).toMatchObject({ attributes: { [editable]: 'mine', [readable]: 'r' } })
    const refusals = await Promise.all(
      [readable, hidden, 'unknown'].map(async (name) => {
        const refused = await api.send(person, 'PATCH', PROFILE, { body: { attributes: { [name]: 'x' } } })
        return [refused.statusCode, refused.json<{ errors: { message: string }[] }>().errors[0]?.message]
      }),
    )
    expect(new Set(refusals.map(String)).size).toBe(1)
    expect(refusals[0]?.[0]).toBe(400)
    expect(await profile()).toEqual({ [editable]: 'mine', [readable]: 'r' })
  })

  it('are deleted with the user', async () => {
    const name = await define({ type: 'string', unique: true })
    const user = await created({ [name]: 'free' })
    await api.send(api.owner, 'DELETE', `${USERS}/${user.id}?erase=true`)
    expect(await api.prisma.userAttribute.count({ where: { userId: user.id } })).toBe(0)
    expect((await create({ [name]: 'free' })).statusCode).toBe(201)
  })
})
