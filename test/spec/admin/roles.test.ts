import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

const ROLES = '/v1/admin/roles'
const PERMISSIONS = '/v1/admin/permissions'

interface RoleBody {
  id: string
  slug: string
  isDefault: boolean
  permissions: { id: string; slug: string }[]
}

let api: Api
let permissionIds: Map<string, string>
beforeAll(async () => {
  api = await createApi()
  permissionIds = new Map((await api.prisma.permission.findMany()).map(({ id, slug }) => [slug, id]))
})
afterAll(() => api.close())

let made = 0
const nextSlug = () => `role-${(made += 1)}`
const create = (body: object = {}, as: Person = api.owner) =>
  api.send(as, 'POST', ROLES, { body: { name: 'Support', slug: nextSlug(), ...body } })
async function createRole(body: object = {}, as: Person = api.owner): Promise<RoleBody> {
  const answer = await create(body, as)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json<RoleBody>()
}
const get = async (id: string, as: Person = api.owner) => (await api.send(as, 'GET', `${ROLES}/${id}`)).json<RoleBody>()
const slugsOf = (role: RoleBody) => role.permissions.map(({ slug }) => slug)
const idOf = async (slug: string) =>
  (await api.prisma.role.findFirstOrThrow({ where: { slug, organisationId: api.owner.organisation.id } })).id
const assign = (userId: string, roleId: string) =>
  api.prisma.roleAssignment.create({
    data: { userId, roleId, organisationId: api.owner.organisation.id, grantedAt: api.clock.now() },
  })
const eventsOf = async (id: string) =>
  (await api.prisma.auditEvent.findMany({ where: { resourceId: id }, orderBy: { id: 'asc' } })).map(
    ({ type, category, userId, resourceType, metadata, changes }) => ({
      type,
      category,
      userId,
      resourceType,
      metadata,
      changes,
    }),
  )

describe('a new role', () => {
  it('has a slug, a name and the permissions that are named by id, slug or alias', async () => {
    const answer = await create({
      name: 'Help desk',
      slug: 'help-desk',
      description: 'Answers questions',
      permissionIds: [permissionIds.get('teams:read')],
      permissions: ['users:write', 'audit_logs:read', 'oauth2:clients:read'],
    })
    expect(answer.statusCode).toBe(201)
    const role = answer.json<RoleBody>()
    expect(answer.headers.location).toBe(`${ROLES}/${role.id}`)
    expect(role).toEqual({
      id: expect.any(String),
      name: 'Help desk',
      slug: 'help-desk',
      description: 'Answers questions',
      isDefault: false,
      isSystemRole: false,
      organisationId: api.owner.organisation.id,
      permissions: expect.any(Array),
      createdAt: api.clock.now().toISOString(),
      updatedAt: api.clock.now().toISOString(),
      _count: { users: 0, teams: 0 },
    })
    expect(slugsOf(role)).toEqual(['audit:read', 'clients:read', 'teams:read', 'users:create', 'users:update'])
    expect(role.permissions[2]).toEqual({
      id: permissionIds.get('teams:read'),
      slug: 'teams:read',
      name: 'Read teams',
      description: expect.any(String),
      category: 'teams',
      resource: 'teams',
      action: 'read',
    })
    expect(await get(role.id)).toEqual(role)
    expect(await eventsOf(role.id)).toEqual([
      {
        type: 'role.created',
        category: 'permission',
        userId: api.owner.id,
        resourceType: 'role',
        metadata: { role: 'help-desk', name: 'Help desk', isDefault: false, permissions: slugsOf(role) },
        changes: expect.arrayContaining([{ field: 'slug', to: 'help-desk' }]),
      },
    ])
  })

  it('cannot have the slug of another, of this organisation', async () => {
    const first = await createRole()
    const before = await api.prisma.role.count()
    expect((await create({ slug: first.slug, isDefault: true })).statusCode).toBe(409)
    expect(await api.prisma.role.count()).toBe(before)
    const elsewhere = await api.addPerson(['*'], await api.addOrganisation('roles-elsewhere'))
    expect((await create({ slug: first.slug }, elsewhere)).statusCode).toBe(201)
  })

  it('is rejected with every invalid member', async () => {
    const unknown = '0193a1c2-7b5e-7000-8000-000000000001'
    for (const [body, paths] of [
      [{ slug: 'Owner' }, ['slug']],
      [{ slug: 'a--b' }, ['slug']],
      [{ slug: '-a' }, ['slug']],
      [{ slug: 'x'.repeat(64) }, ['slug']],
      [{ slug: 'owner' }, ['slug']],
      [{ slug: null, name: '' }, ['name', 'slug']],
      [{ name: 'a\nb' }, ['name']],
      [{ description: 'a\0' }, ['description']],
      [{ isDefault: 'yes' }, ['isDefault']],
      [
        { permissionIds: [unknown], permissions: ['users:frobnicate', 'api_keys:write'] },
        ['permissionIds', 'permissions', 'permissions'],
      ],
      [{ permissionIds: ['users:read'] }, ['permissionIds.0']],
      [{ isSystemRole: true }, ['']],
    ] as const) {
      const answer = await create(body)
      expect([body, answer.statusCode]).toEqual([body, 400])
      expect(
        answer
          .json<{ errors: { path: string[] }[] }>()
          .errors.map(({ path }) => path.join('.'))
          .toSorted(),
      ).toEqual([...paths].toSorted())
    }
  })

  it('is not stored by a dry run', async () => {
    const body = { name: 'Support', slug: 'dry', permissions: ['users:read'] }
    const answer = await api.send(api.owner, 'POST', `${ROLES}?dryRun=true`, { body })
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      {
        dryRun: true,
        warnings: [],
        changes: [
          { member: 'name', to: 'Support' },
          { member: 'slug', to: 'dry' },
          { member: 'description', to: null },
          { member: 'isDefault', to: false },
          { member: 'permissions', to: ['users:read'] },
        ],
      },
    ])
    expect(await api.prisma.role.count({ where: { slug: 'dry' } })).toBe(0)
  })
})

describe('the list of roles', () => {
  it('is sorted, searched and paged', async () => {
    const person = await api.addPerson(['*'], await api.addOrganisation('roles-listed'))
    for (const [slug, name, description] of [
      ['b-role', 'alpha', 'Billing ÜBER'],
      ['a-role', 'Beta', null],
      ['c-role', 'gamma', '100%'],
    ])
      await createRole({ slug, name, description }, person)
    const list = async (query: string) =>
      (await api.send(person, 'GET', `${ROLES}?${query}`)).json<{ data: RoleBody[]; total: number }>()
    const slugs = async (query: string) =>
      (await list(query)).data.map(({ slug }) => slug).filter((slug) => slug.endsWith('-role'))
    expect(await slugs('')).toEqual(['b-role', 'a-role', 'c-role'])
    expect(await slugs('sort=-slug')).toEqual(['c-role', 'b-role', 'a-role'])
    expect(await slugs('sort=createdAt')).toEqual(['b-role', 'a-role', 'c-role'])
    expect(await slugs('search=BILL')).toEqual(['b-role'])
    expect(await slugs(`search=${encodeURIComponent('über')}`)).toEqual(['b-role'])
    expect(await slugs('search=0%25')).toEqual(['c-role'])
    expect(await list('search=-role&sort=slug&limit=1&page=2')).toMatchObject({
      data: [{ slug: 'b-role' }],
      page: 2,
      limit: 1,
      offset: 1,
    })
    for (const query of ['sort=permissions', 'search=a&search=b', 'search=%00', 'limit=0', 'page=1&offset=1']) {
      expect([query, (await api.send(person, 'GET', `${ROLES}?${query}`)).statusCode]).toEqual([query, 400])
    }
  })

  it('counts the users of each role, without deleted ones', async () => {
    const role = await createRole()
    const [one, other] = [await api.addPerson([]), await api.addPerson([])]
    await assign(one.id, role.id)
    await assign(other.id, role.id)
    expect(await get(role.id)).toMatchObject({ _count: { users: 2 } })
    await api.prisma.user.update({ where: { id: other.id }, data: { deletedAt: api.clock.now() } })
    expect(await get(role.id)).toMatchObject({ _count: { users: 1 } })
  })
})

describe('a change of a role', () => {
  it('sets name and description, in an event with both values', async () => {
    const role = await createRole({ description: 'Old' })
    const answer = await api.send(api.owner, 'PATCH', `${ROLES}/${role.id}`, {
      body: { name: 'New', description: null },
    })
    expect(answer.json()).toEqual({ ...role, name: 'New', description: null, updatedAt: api.clock.now().toISOString() })
    await api.send(api.owner, 'PATCH', `${ROLES}/${role.id}`, { body: { name: 'New' } })
    expect((await eventsOf(role.id)).slice(1)).toMatchObject([
      {
        type: 'role.updated',
        metadata: { role: role.slug },
        changes: [
          { field: 'name', from: 'Support', to: 'New' },
          { field: 'description', from: 'Old', to: null },
        ],
      },
    ])
  })

  it('cannot set the slug', async () => {
    const { id } = await createRole()
    expect((await api.send(api.owner, 'PATCH', `${ROLES}/${id}`, { body: { slug: 'other' } })).statusCode).toBe(400)
  })

  it('applies to the version that If-Match names', async () => {
    const { id } = await createRole()
    const url = `${ROLES}/${id}`
    const etag = String((await api.send(api.owner, 'GET', url)).headers.etag)
    expect((await api.send(api.owner, 'GET', url, { headers: { 'if-none-match': etag } })).statusCode).toBe(304)
    await api.send(api.owner, 'POST', `${url}/permissions`, { body: { permission: 'users:read' } })
    const stale = { headers: { 'if-match': etag } }
    expect((await api.send(api.owner, 'PATCH', url, { body: { name: 'New' }, ...stale })).statusCode).toBe(412)
    expect((await api.send(api.owner, 'DELETE', url, stale)).statusCode).toBe(412)
    const current = String((await api.send(api.owner, 'GET', url)).headers.etag)
    const changed = await api.send(api.owner, 'PATCH', url, { body: { name: 'New' }, headers: { 'if-match': current } })
    expect([changed.statusCode, changed.headers.etag === current]).toEqual([200, false])
  })

  it('has no effect as a dry run', async () => {
    const role = await createRole({ permissions: ['users:read'] })
    const url = `${ROLES}/${role.id}`
    for (const [method, path, body, changes] of [
      ['PATCH', url, { name: 'New' }, [{ member: 'name', from: 'Support', to: 'New' }]],
      [
        'POST',
        `${url}/permissions`,
        { permission: 'teams:read' },
        [{ member: 'permissions', from: ['users:read'], to: ['teams:read', 'users:read'] }],
      ],
      [
        'DELETE',
        `${url}/permissions`,
        { permission: 'users:read' },
        [{ member: 'permissions', from: ['users:read'], to: [] }],
      ],
      ['DELETE', url, undefined, [{ member: 'id', from: role.id }]],
    ] as const) {
      const answer = await api.send(api.owner, method, `${path}?dryRun=true`, { body })
      expect([answer.statusCode, answer.json()]).toEqual([200, { dryRun: true, changes, warnings: [] }])
    }
    expect(await get(role.id)).toEqual(role)
    expect(await eventsOf(role.id)).toHaveLength(1)
  })
})

describe('the default role', () => {
  const defaults = async ({ id }: Person['organisation']) =>
    (await api.prisma.role.findMany({ where: { organisationId: id, isDefault: true } })).map(({ slug }) => slug)

  it('is at most one', async () => {
    const person = await api.addPerson(['*'], await api.addOrganisation('roles-default'))
    const first = await createRole({ slug: 'first', isDefault: true }, person)
    expect(await defaults(person.organisation)).toEqual(['first'])
    const second = await createRole({ slug: 'second', isDefault: true }, person)
    expect(await defaults(person.organisation)).toEqual(['second'])
    await api.send(person, 'PATCH', `${ROLES}/${first.id}`, { body: { isDefault: true } })
    expect(await defaults(person.organisation)).toEqual(['first'])
    await api.send(person, 'PATCH', `${ROLES}/${second.id}`, { body: { isDefault: false } })
    expect(await defaults(person.organisation)).toEqual(['first'])
    await api.send(person, 'PATCH', `${ROLES}/${first.id}`, { body: { isDefault: false } })
    expect(await defaults(person.organisation)).toEqual([])
    expect(await defaults(api.owner.organisation)).toEqual(['staff'])
  })

  it('is one after changes at the same time', async () => {
    const person = await api.addPerson(['*'], await api.addOrganisation('roles-raced'))
    const roles = await Promise.all(Array.from({ length: 6 }, () => createRole({ isDefault: true }, person)))
    expect(await defaults(person.organisation)).toHaveLength(1)
    const answers = await Promise.all(
      roles.map(({ id }) => api.send(person, 'PATCH', `${ROLES}/${id}`, { body: { isDefault: true } })),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(roles.map(() => 200))
    expect(await defaults(person.organisation)).toHaveLength(1)
  })
})

describe('a role is deleted', () => {
  it('if no user has it', async () => {
    const role = await createRole({ permissions: ['users:read'] })
    const gone = await api.addPerson([])
    await assign(gone.id, role.id)
    await api.prisma.user.update({ where: { id: gone.id }, data: { deletedAt: api.clock.now() } })
    expect((await api.send(api.owner, 'DELETE', `${ROLES}/${role.id}`)).statusCode).toBe(204)
    expect((await api.send(api.owner, 'GET', `${ROLES}/${role.id}`)).statusCode).toBe(404)
    expect((await eventsOf(role.id)).at(-1)).toMatchObject({ type: 'role.deleted', metadata: { role: role.slug } })
    expect((await create({ slug: role.slug })).statusCode).toBe(201)
  })

  it('not while users have it: the answer says how many', async () => {
    const role = await createRole()
    await assign((await api.addPerson([])).id, role.id)
    await assign((await api.addPerson([])).id, role.id)
    const answer = await api.send(api.owner, 'DELETE', `${ROLES}/${role.id}`)
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      409,
      '2 users have this role. Take it from them first.',
    ])
    expect(await get(role.id)).toMatchObject({ _count: { users: 2 } })
  })

  it('not if the server created it', async () => {
    for (const slug of ['admin', 'manager', 'staff', 'owner']) {
      expect((await api.send(api.owner, 'DELETE', `${ROLES}/${await idOf(slug)}`)).statusCode).toBe(400)
    }
  })
})

describe('the role owner', () => {
  it('cannot be changed', async () => {
    const url = `${ROLES}/${await idOf('owner')}`
    for (const [method, path, body] of [
      ['PATCH', url, { name: 'Boss' }],
      ['PATCH', url, { isDefault: true }],
      ['POST', `${url}/permissions`, { permission: 'users:read' }],
      ['DELETE', `${url}/permissions`, { permission: '*' }],
      ['DELETE', `${url}/permissions/${permissionIds.get('*')}`, undefined],
      ['DELETE', url, undefined],
    ] as const) {
      const answer = await api.send(api.owner, method, path, { body })
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
        400,
        expect.stringContaining('is the role owner'),
      ])
    }
  })
})

describe('the permissions of a role', () => {
  it('are given and revoked by id or by slug', async () => {
    const { id, slug } = await createRole()
    const url = `${ROLES}/${id}/permissions`
    const read = permissionIds.get('users:read') ?? ''
    const given = await api.send(api.owner, 'POST', url, { body: { permissionId: read } })
    expect([given.statusCode, given.json()]).toEqual([
      201,
      {
        message: 'The role has the permission now.',
        roleId: id,
        permissionId: read,
        permissions: [{ id: read, slug: 'users:read' }],
      },
    ])
    expect((await api.send(api.owner, 'POST', url, { body: { permission: 'users:read' } })).statusCode).toBe(409)
    // An alias gives what is missing.
    await api.send(api.owner, 'POST', url, { body: { permission: 'users:update' } })
    const alias = await api.send(api.owner, 'POST', url, { body: { permission: 'users:write' } })
    expect(alias.json<RoleBody>().permissions.map((entry) => entry.slug)).toEqual(['users:create'])
    expect(slugsOf(await get(id))).toEqual(['users:create', 'users:read', 'users:update'])
    expect((await api.send(api.owner, 'DELETE', `${url}/${read}`)).statusCode).toBe(200)
    expect((await api.send(api.owner, 'DELETE', `${url}/${read}`)).statusCode).toBe(404)
    expect((await api.send(api.owner, 'DELETE', url, { body: { permission: 'users:write' } })).statusCode).toBe(200)
    expect(slugsOf(await get(id))).toEqual([])
    expect((await eventsOf(id)).slice(1).map(({ type, metadata }) => [type, metadata])).toEqual([
      ['permission.granted', { role: slug, permissions: ['users:read'] }],
      ['permission.granted', { role: slug, permissions: ['users:update'] }],
      ['permission.granted', { role: slug, permissions: ['users:create'] }],
      ['permission.revoked', { role: slug, permissions: ['users:read'] }],
      ['permission.revoked', { role: slug, permissions: ['users:create', 'users:update'] }],
    ])
  })

  it('are named in one way, and exist', async () => {
    const { id } = await createRole()
    const read = permissionIds.get('users:read')
    for (const method of ['POST', 'DELETE'] as const) {
      for (const body of [
        {},
        { permission: 'users:read', permissionId: read },
        { permission: 'reports:read' },
        { permissionId: 'x' },
        { permissionId: id },
        [],
      ]) {
        const answer = await api.send(api.owner, method, `${ROLES}/${id}/permissions`, { body })
        expect([method, body, answer.statusCode]).toEqual([method, body, 400])
      }
    }
    expect((await api.send(api.owner, 'DELETE', `${ROLES}/${id}/permissions`)).statusCode).toBe(400)
  })

  it('are all kept when they are given at the same time', async () => {
    const { id } = await createRole()
    const permissions = ['users:read', 'teams:read', 'roles:read', 'clients:read']
    const answers = await Promise.all(
      permissions.map((permission) =>
        api.send(api.owner, 'POST', `${ROLES}/${id}/permissions`, { body: { permission } }),
      ),
    )
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 201, 201, 201])
    expect(slugsOf(await get(id))).toEqual(permissions.toSorted())
  })

  it('take effect at the next request', async () => {
    const person = await api.addPerson([])
    const role = await createRole({ permissions: ['roles:read'] })
    await assign(person.id, role.id)
    expect((await api.send(person, 'GET', ROLES)).statusCode).toBe(200)
    await api.send(api.owner, 'DELETE', `${ROLES}/${role.id}/permissions`, { body: { permission: 'roles:read' } })
    expect((await api.send(person, 'GET', ROLES)).statusCode).toBe(403)
  })
})

describe('a caller', () => {
  it('needs the permission of the operation', async () => {
    const { id } = await createRole()
    const read = permissionIds.get('users:read')
    for (const [method, url, permission, body] of [
      ['GET', ROLES, 'roles:read', undefined],
      ['GET', `${ROLES}/${id}`, 'roles:read', undefined],
      ['POST', ROLES, 'roles:create', { name: 'x', slug: 'x' }],
      ['PATCH', `${ROLES}/${id}`, 'roles:update', { name: 'x' }],
      ['DELETE', `${ROLES}/${id}`, 'roles:delete', undefined],
      ['POST', `${ROLES}/${id}/permissions`, 'roles:update', { permission: 'users:read' }],
      ['DELETE', `${ROLES}/${id}/permissions`, 'roles:update', { permission: 'users:read' }],
      ['DELETE', `${ROLES}/${id}/permissions/${read}`, 'roles:update', undefined],
      ['GET', PERMISSIONS, 'permissions:read', undefined],
      ['GET', `${PERMISSIONS}/${read}`, 'permissions:read', undefined],
    ] as const) {
      const others = ['roles:create', 'roles:read', 'roles:update', 'roles:delete', 'permissions:read', 'users:read']
      const person = await api.addPerson(others.filter((other) => other !== permission))
      const answer = await api.send(person, method, url, { body })
      expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
        403,
        `You lack the permission ${permission}.`,
      ])
    }
  })

  it('does not see the roles of another organisation', async () => {
    const role = await createRole()
    const person = await api.addPerson(['*'], await api.addOrganisation('roles-foreign'))
    const read = permissionIds.get('users:read')
    const before = await get(role.id)
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'x' }],
      ['PATCH', '', { isDefault: true }],
      ['DELETE', '', undefined],
      ['POST', '/permissions', { permission: 'users:read' }],
      ['DELETE', '/permissions', { permission: 'users:read' }],
      ['DELETE', `/permissions/${read}`, undefined],
    ] as const) {
      expect((await api.send(person, method, `${ROLES}/${role.id}${path}`, { body })).statusCode).toBe(404)
    }
    expect((await api.send(person, 'GET', ROLES)).body).not.toContain(role.id)
    expect(await get(role.id)).toEqual(before)
  })
})

describe('a role gives no caller more than they hold', () => {
  const keeper = () => api.addPerson(['roles:*', 'users:read', 'teams:read'])
  const outcome = async (answer: ReturnType<Api['send']>) => {
    const { statusCode, body } = await answer
    return [statusCode, (JSON.parse(body) as { detail?: string }).detail]
  }

  it.each([
    ['clients:read', 'clients:read'],
    ['users:*', 'users:*'],
    ['users:manage', 'users:*'],
    ['users:write', 'users:create, users:update'],
    ['oauth2:clients:read', 'clients:read'],
    ['audit_logs:read', 'audit:read'],
    ['*', '*'],
  ])('by creating one with %s, or adding it later', async (permission, missing) => {
    const person = await keeper()
    const expected = [403, `The role would have permissions that you lack: ${missing}.`]
    expect(await outcome(create({ permissions: ['users:read', permission] }, person))).toEqual(expected)
    const own = await createRole({ permissions: ['users:read'] }, person)
    const url = `${ROLES}/${own.id}/permissions`
    expect(await outcome(api.send(person, 'POST', url, { body: { permission } }))).toEqual(expected)
    expect(slugsOf(await get(own.id))).toEqual(['users:read'])
  })

  it('by taking a role over that has more: neither its name, its default nor its permissions', async () => {
    const person = await keeper()
    const role = await createRole({ permissions: ['clients:read', 'users:read'] })
    const url = `${ROLES}/${role.id}`
    for (const [method, path, body] of [
      ['PATCH', url, { name: 'Mine' }],
      ['PATCH', url, { isDefault: true }],
      ['POST', `${url}/permissions`, { permission: 'teams:read' }],
      // Without it the role would be the caller's to change and to give.
      ['DELETE', `${url}/permissions`, { permission: 'clients:read' }],
      ['DELETE', `${url}/permissions/${permissionIds.get('clients:read')}`, undefined],
      ['DELETE', url, undefined],
    ] as const) {
      expect(await outcome(api.send(person, method, path, { body }))).toEqual([
        403,
        'The role has permissions that you lack: clients:read.',
      ])
    }
    expect(await get(role.id)).toEqual(role)
  })

  it('by a role of their own', async () => {
    const person = await api.addPerson([])
    const own = await createRole({ permissions: ['roles:update'] })
    await assign(person.id, own.id)
    const url = `${ROLES}/${own.id}/permissions`
    for (const permission of ['roles:*', 'roles:create', '*']) {
      expect((await api.send(person, 'POST', url, { body: { permission } })).statusCode).toBe(403)
    }
    expect((await api.send(person, 'POST', url, { body: { permission: 'roles:update' } })).statusCode).toBe(409)
  })

  it('by a token with fewer scopes than the client or the user has', async () => {
    const client = await api.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['roles:write', 'users:read'],
    })
    const token = await relyingParty(api, client).exchange('', {
      grant_type: 'client_credentials',
      scope: 'roles:write',
    })
    const headers = { authorization: `Bearer ${token.json<{ access_token: string }>().access_token}` }
    const post = (permissions: string[]) =>
      api.send(undefined, 'POST', ROLES, { body: { name: 'x', slug: nextSlug(), permissions }, headers })
    expect((await post([])).statusCode).toBe(201)
    expect((await post(['users:read'])).statusCode).toBe(403)
  })
})

describe('an alias of a permission is a permission', () => {
  it('when a client is given it', async () => {
    const person = await api.addPerson(['clients:*'])
    const registration = (scope: string) =>
      api.send(person, 'POST', '/v1/admin/clients', {
        body: {
          name: 'x',
          clientType: 'confidential',
          grantTypes: ['client_credentials'],
          redirectUris: [],
          scopes: [scope],
        },
      })
    for (const scope of ['audit_logs:read', 'organisations:manage', 'roles:write', 'users:manage']) {
      expect([scope, (await registration(scope)).statusCode]).toEqual([scope, 403])
    }
    for (const scope of ['oauth2:clients:read', 'clients:manage', 'clients:write', 'oauth2:other:read']) {
      expect([scope, (await registration(scope)).statusCode]).toEqual([scope, 201])
    }
  })
})

describe('the catalogue of permissions', () => {
  it('is listed by slug and read by id', async () => {
    const listed = await api.send(api.owner, 'GET', `${PERMISSIONS}?limit=100`)
    const { data, total } = listed.json<{ data: { id: string; slug: string }[]; total: number }>()
    expect(data.map(({ slug }) => slug)).toEqual([...permissionIds.keys()].toSorted())
    expect(total).toBe(permissionIds.size)
    const id = permissionIds.get('users:read')
    expect((await api.send(api.owner, 'GET', `${PERMISSIONS}/${id}`)).json()).toEqual({
      id,
      slug: 'users:read',
      name: 'Read users',
      description: expect.any(String),
      category: 'users',
      resource: 'users',
      action: 'read',
      organisationId: null,
      isSystemPermission: true,
    })
    const unknown = '0193a1c2-7b5e-7000-8000-000000000001'
    expect((await api.send(api.owner, 'GET', `${PERMISSIONS}/${unknown}`)).statusCode).toBe(404)
    expect((await api.send(api.owner, 'GET', `${PERMISSIONS}/x`)).statusCode).toBe(400)
  })
})
