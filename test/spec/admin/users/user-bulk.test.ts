import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'

const BULK = '/v1/admin/users/bulk'

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

let groups = 0
/** Three users whom a search finds by a name of their own. */
async function group(size = 3): Promise<{ name: string; ids: string[] }> {
  groups += 1
  const name = `group${groups}x`
  const ids: string[] = []
  for (let index = 0; index < size; index += 1) {
    const body = { email: `${name}-${index}@bulk.test`, roleIds: [await roleOf('manager')] }
    ids.push((await api.send(api.owner, 'POST', '/v1/admin/users', { body })).json<{ id: string }>().id)
  }
  return { name, ids }
}
const roleOf = async (slug: string) =>
  (await api.prisma.role.findFirstOrThrow({ where: { slug, organisationId: api.owner.organisation.id } })).id
const bulk = (name: string, body: Record<string, unknown>, person: Person = api.owner, query = '') =>
  api.send(person, 'POST', `${BULK}${query}`, { body: { filter: { search: name }, ...body } })
const done = async (name: string, body: Record<string, unknown>, person?: Person) => {
  const answer = await bulk(name, body, person)
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`)
  return answer.json<{ outcomes: Record<string, number> }>().outcomes
}
const none = { changed: 0, unchanged: 0, forbidden: 0, owner: 0, ownAccount: 0 }
const eventsOf = async (type: string, ids: string[]) =>
  api.prisma.auditEvent.count({ where: { type, resourceId: { in: ids } } })

describe('POST /v1/admin/users/bulk', () => {
  it('counts first, and changes that number only', async () => {
    const { name, ids } = await group()
    const trial = await bulk(name, { action: 'block' }, api.owner, '?dryRun=true')
    expect(trial.json()).toEqual({ dryRun: true, count: 3 })
    expect((await bulk(name, { action: 'block' })).statusCode).toBe(400)
    const refused = await bulk(name, { action: 'block', expectedCount: 2 })
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([409, expect.stringContaining('3')])
    expect(await eventsOf('user.blocked', ids)).toBe(0)
    expect(await done(name, { action: 'block', reason: 'Left', expectedCount: 3 })).toEqual({ ...none, changed: 3 })
    expect(await eventsOf('user.blocked', ids)).toBe(3)
    expect(await done(name, { action: 'block', expectedCount: 3 })).toEqual({ ...none, unchanged: 3 })
    expect(await done(name, { action: 'unblock', expectedCount: 3 })).toEqual({ ...none, changed: 3 })
  })

  it('finds users by their attributes and second factor', async () => {
    const { name, ids } = await group()
    for (const [attribute, type] of [
      ['site', 'string'],
      ['level', 'number'],
    ]) {
      await api.send(api.owner, 'POST', '/v1/admin/user-attributes', { body: { name: attribute, type } })
    }
    const [first = '', second = ''] = ids
    const give = (id: string, attributes: object) =>
      api.send(api.owner, 'PATCH', `/v1/admin/users/${id}`, { body: { attributes } })
    expect((await give(first, { site: name, level: 3 })).statusCode).toBe(200)
    expect((await give(second, { site: name, level: 4 })).statusCode).toBe(200)
    const count = async (filter: object) => {
      const answer = await api.send(api.owner, 'POST', `${BULK}?dryRun=true`, { body: { filter, action: 'block' } })
      return answer.statusCode === 200 ? answer.json<{ count: number }>().count : answer.statusCode
    }
    expect(await count({ attributes: { site: name } })).toBe(2)
    expect(await count({ attributes: { site: name, level: 3 } })).toBe(1)
    expect(await count({ attributes: { level: 'high' } })).toBe(0)
    expect(await count({ attributes: { unknown: 'x' } })).toBe(400)
    expect(await count({ attributes: { site: ['x'] } })).toBe(400)
    expect([await count({ search: name, mfaEnabled: true }), await count({ search: name, mfaEnabled: false })]).toEqual(
      [0, 3],
    )
    const change = (expectedCount: number, attributes: object) =>
      api.send(api.owner, 'POST', BULK, { body: { filter: { attributes }, action: 'block', expectedCount } })
    expect((await change(1, { level: 'high' })).statusCode).toBe(409)
    expect((await change(0, { level: 'high' })).json()).toMatchObject({ outcomes: none })
    expect((await change(1, { site: name, level: 4 })).json()).toMatchObject({ outcomes: { changed: 1 } })
    expect([await eventsOf('user.blocked', [first]), await eventsOf('user.blocked', [second])]).toEqual([0, 1])
  })

  it('suspends, reactivates and deletes', async () => {
    const { name, ids } = await group()
    for (const action of ['suspend', 'reactivate', 'delete']) {
      expect([action, await done(name, { action, expectedCount: 3 })]).toEqual([action, { ...none, changed: 3 }])
    }
    expect(await api.prisma.user.count({ where: { id: { in: ids }, deletedAt: { not: null } } })).toBe(3)
    expect(await done(name, { action: 'delete', expectedCount: 0 })).toEqual(none)
  })

  it('ends sessions and everything issued at once', async () => {
    const person = await api.addPerson([])
    const { email } = await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } })
    expect(await done(email, { action: 'end-sessions', expectedCount: 1 })).toEqual({ ...none, changed: 1 })
    expect((await api.send(person, 'GET', '/v1/me/profile')).statusCode).toBe(401)
    expect(await done(email, { action: 'end-sessions', expectedCount: 1 })).toEqual({ ...none, unchanged: 1 })
  })

  it('assigns and takes roles and teams', async () => {
    const { name, ids } = await group()
    const roleId = await roleOf('admin')
    const team = await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Bulk', slug: 'bulk' } })
    const teamId = team.json<{ id: string }>().id
    for (const [action, more] of [
      ['assign-role', { roleId }],
      ['remove-role', { roleId }],
      ['add-to-team', { teamId }],
      ['remove-from-team', { teamId }],
    ] as const) {
      const body = { action, ...more, expectedCount: 3 }
      expect([action, await done(name, body)]).toEqual([action, { ...none, changed: 3 }])
      expect([action, await done(name, body)]).toEqual([action, { ...none, unchanged: 3 }])
    }
    expect(await eventsOf('user.role_assigned', ids)).toBe(3)
    expect(
      (await bulk(name, { action: 'assign-role', roleId: crypto.randomUUID(), expectedCount: 3 })).statusCode,
    ).toBe(400)
  })

  it.each([
    [{ action: 'assign-role', expectedCount: 1 }, 'roleId'],
    [{ action: 'block', teamId: crypto.randomUUID(), expectedCount: 1 }, 'teamId'],
    [{ action: 'erase', expectedCount: 1 }, 'action'],
    [{ action: 'block', expectedCount: 10_001 }, 'expectedCount'],
    [{ action: 'block', filter: { status: 'deleted' }, expectedCount: 1 }, 'filter'],
  ])('rejects %j', async (body, path) => {
    const answer = await bulk('x', body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: string[] }[] }>().errors[0]?.path[0]).toBe(path)
  })

  it('leaves users with more permissions, owners and the caller alone', async () => {
    const { name, ids } = await group(2)
    const helper = await api.addPerson(['users:read', 'users:update', 'users:delete'])
    // The managers hold permissions that the helper lacks.
    expect(await done(name, { action: 'block', expectedCount: 2 }, helper)).toEqual({ ...none, forbidden: 2 })
    expect(await eventsOf('user.blocked', ids)).toBe(0)
    const answer = await bulk(name, { action: 'assign-role', roleId: await roleOf('admin'), expectedCount: 2 }, helper)
    expect(answer.statusCode).toBe(403)
    const owners = { filter: { role: 'owner' }, expectedCount: 1 }
    expect(await done('', { ...owners, action: 'delete' })).toEqual({ ...none, ownAccount: 1 })
    const admin = await api.addPerson(['*'])
    for (const [action, more] of [
      ['delete', {}],
      ['suspend', {}],
      ['remove-role', { roleId: await roleOf('owner') }],
    ] as const) {
      expect(await done('', { ...owners, action, ...more }, admin)).toEqual({ ...none, owner: 1 })
    }
    expect((await api.send(api.owner, 'GET', '/v1/me/profile')).statusCode).toBe(200)
  })

  it('needs the permissions of the act, and finds users of the organisation only', async () => {
    const { name } = await group(1)
    const updater = await api.addPerson(['users:update'])
    expect((await bulk(name, { action: 'delete', expectedCount: 1 }, updater)).statusCode).toBe(403)
    const teamId = crypto.randomUUID()
    expect((await bulk(name, { action: 'add-to-team', teamId, expectedCount: 1 }, updater)).statusCode).toBe(403)
    expect((await bulk(name, { action: 'block', expectedCount: 1 }, await api.addPerson([]))).statusCode).toBe(403)
    const elsewhere = await api.addPerson(['*'], await api.addOrganisation('bulk-elsewhere'))
    expect(await done(name, { action: 'block', expectedCount: 0 }, elsewhere)).toEqual(none)
  })
})
