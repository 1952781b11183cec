import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCsv } from '../../../../packages/cli/src/import/csv.ts'
import { createApi, type Api, type Person } from '../../../support/api.ts'

const IMPORT = '/v1/admin/users/import'

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

interface Answer {
  dryRun: boolean
  counts: Record<string, number>
  users: { outcome: string; id?: string; reason?: string }[]
}

const send = (users: unknown, person: Person = api.owner, query = '') =>
  api.send(person, 'POST', `${IMPORT}${query}`, { body: { users } })
async function importUsers(users: unknown[], person?: Person, query?: string): Promise<Answer> {
  const answer = await send(users, person, query)
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`)
  return answer.json<Answer>()
}
const outcomes = async (users: unknown[], person?: Person) =>
  (await importUsers(users, person)).users.map(({ outcome }) => outcome)
const reasonFor = async (user: unknown, person?: Person) => {
  const [result] = (await importUsers([user], person)).users
  return result?.outcome === 'failed' ? result.reason : result?.outcome
}
const userBy = (email: string) => api.prisma.user.findUniqueOrThrow({ where: { emailKey: email } })
const login = (email: string, password: string) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email, password } })

/** One hash per algorithm, of known passwords. */
const hashes = {
  argon2i: ['password', '$argon2i$v=19$m=65536,t=2,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG'],
  bcrypt: ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
  pbkdf2: ['password', '$pbkdf2-sha1$i=4096$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE='],
  scrypt: [
    'pleaseletmein',
    '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw==',
  ],
  firebase: [
    'user1password',
    '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==',
  ],
  ldap: [
    'password',
    '{SSHA512}dOeDLmVpHJThhHeag10Hm2g4T7s3SBE6rGHcXUolXJHVufY4qT782rwZ/0XE6cuLcBZ0KpnwmUzRpAEtZBdv+JYEEtZQs/uC',
  ],
  md5: ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
} as const

describe('POST /v1/admin/users/import', () => {
  it('keeps the password hashes of other systems, until each user signs in', async () => {
    const users = Object.entries(hashes).map(([name, [, passwordHash]]) => ({
      email: `${name}@hash.test`,
      passwordHash,
    }))
    expect((await importUsers(users)).counts).toEqual({ created: 7, updated: 0, unchanged: 0, failed: 0 })
    for (const [name, [password, given]] of Object.entries(hashes)) {
      const email = `${name}@hash.test`
      expect([name, (await login(email, `${password}x`)).statusCode]).toEqual([name, 401])
      const { passwordHash: stored } = await userBy(email)
      const kept = stored === given ? 'as it was' : (stored ?? '').split('$')[1]
      expect([name, kept]).toEqual([name, name === 'ldap' || name === 'md5' ? 'digest' : 'as it was'])
      expect([name, (await login(email, password)).statusCode]).toEqual([name, 200])
      expect([name, (await userBy(email)).passwordHash]).toEqual([name, expect.stringMatching(/^\$argon2id\$/)])
      expect([name, (await login(email, password)).statusCode]).toEqual([name, 200])
    }
    // What was signed in with since is newer than the import.
    const before = await userBy('md5@hash.test')
    expect((await importUsers(users)).counts).toMatchObject({ unchanged: 7 })
    expect((await userBy('md5@hash.test')).passwordHash).toBe(before.passwordHash)
  })

  it('creates, updates and repeats, with one event for each user that changed', async () => {
    await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Moved', slug: 'moved' } })
    await api.send(api.owner, 'POST', '/v1/admin/user-attributes', {
      body: { name: 'badge', type: 'string', unique: true },
    })
    const ada = {
      email: 'Ada@move.test',
      externalId: 'ext-1',
      firstName: 'Ada',
      lastName: 'Lovelace',
      phone: '+49 30 901820',
      address: { locality: 'London' },
      emailVerified: true,
      attributes: { badge: 'A1' },
      roles: ['manager'],
      teams: ['moved'],
    }
    const bob = { email: 'bob@move.test', blocked: true }
    const [dry, wet] = [await importUsers([ada, bob], api.owner, '?dryRun=true'), await importUsers([ada, bob])]
    expect(dry).toEqual({
      dryRun: true,
      counts: { created: 2, updated: 0, unchanged: 0, failed: 0 },
      users: [{ outcome: 'created' }, { outcome: 'created' }],
    })
    expect(wet.users.map(({ outcome }) => outcome)).toEqual(['created', 'created'])
    const path = `/v1/admin/users/${wet.users[0]?.id}`
    expect((await api.send(api.owner, 'GET', path)).json()).toMatchObject({
      email: 'Ada@move.test',
      externalId: 'ext-1',
      name: 'Ada Lovelace',
      phone: '+4930901820',
      address: { locality: 'London' },
      emailVerified: true,
      attributes: { badge: 'A1' },
      roles: [{ slug: 'manager' }],
      teams: [{ slug: 'moved' }],
    })
    expect((await api.send(api.owner, 'GET', `/v1/admin/users/${wet.users[1]?.id}`)).json()).toMatchObject({
      blockedAt: expect.any(String) as string,
      roles: [{ slug: 'staff' }],
    })
    // What was done since is not undone, nor is a role or a block given again.
    await api.send(api.owner, 'PATCH', `/v1/admin/users/${wet.users[1]?.id}`, { body: { blockedAt: null } })
    expect(await outcomes([ada, bob])).toEqual(['unchanged', 'unchanged'])
    const changed = { ...ada, lastName: 'King', phone: null, attributes: { badge: 'A2' }, roles: ['admin'] }
    expect(await outcomes([changed, bob])).toEqual(['updated', 'unchanged'])
    expect(await userBy('ada@move.test')).toMatchObject({ name: 'Ada King', phoneNumber: null, givenName: 'Ada' })
    expect((await userBy('bob@move.test')).blockedAt).toBeNull()
    const events = await api.prisma.auditEvent.findMany({
      where: { resourceId: wet.users[0]?.id ?? '', type: { startsWith: 'user.' } },
      orderBy: { occurredAt: 'asc' },
    })
    expect(events.map(({ type }) => type)).toEqual(['user.created', 'user.updated'])
    expect(events[1]?.changes).toEqual(
      expect.arrayContaining([{ field: 'attributes.badge', from: 'A1', to: 'A2' }]) as unknown,
    )
  })

  it('gives a password to users who have none, and never replaces one', async () => {
    const email = 'late@hash.test'
    expect(await outcomes([{ email }])).toEqual(['created'])
    expect(await outcomes([{ email, passwordHash: hashes.bcrypt[1] }])).toEqual(['updated'])
    expect(await outcomes([{ email, passwordHash: hashes.argon2i[1] }])).toEqual(['unchanged'])
    expect((await login(email, hashes.bcrypt[0])).statusCode).toBe(200)
  })

  it('reports each user who fails, and stores the others', async () => {
    await importUsers([{ email: 'taken@fail.test', externalId: 'fail-1', attributes: { badge: 'F1' } }])
    const elsewhere = await api.addPerson([], await api.addOrganisation('import-elsewhere'))
    const foreign = await api.prisma.user.findUniqueOrThrow({ where: { id: elsewhere.id } })
    const { users } = await importUsers([
      { email: 'good@fail.test', attributes: { badge: 'F2' } },
      { email: 'no address' },
      { email: 'more@fail.test', shoeSize: 42 },
      'text',
      { email: 'GOOD@fail.test' },
      { email: 'other@fail.test', externalId: 'fail-1' },
      { email: 'taken@fail.test', externalId: 'fail-2' },
      { email: foreign.email },
      { email: 'role@fail.test', roles: ['emperor'] },
      { email: 'team@fail.test', teams: ['nowhere'] },
      { email: 'hash@fail.test', passwordHash: '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' },
      { email: 'attribute@fail.test', attributes: { shoe: 1 } },
      { email: 'unique@fail.test', attributes: { badge: 'F1' } },
      { email: 'twice@fail.test', attributes: { badge: 'F2' } },
    ])
    expect(users.map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      'created',
      expect.stringContaining('email must be an e-mail address'),
      expect.stringContaining('shoeSize'),
      expect.stringContaining('must be a JSON object'),
      expect.stringContaining('before'),
      expect.stringContaining('another e-mail address'),
      expect.stringContaining('another externalId'),
      expect.stringContaining('A user with this e-mail address exists'),
      expect.stringContaining('"emperor"'),
      expect.stringContaining('"nowhere"'),
      expect.stringContaining('passwordHash'),
      expect.stringContaining('attributes.shoe'),
      expect.stringContaining('unique'),
      expect.stringContaining('unique'),
    ])
    expect(await api.prisma.user.count({ where: { emailKey: { endsWith: '@fail.test' } } })).toBe(2)
  })

  it('lets callers import only what they may grant, and change only whom they may', async () => {
    const importer = await api.addPerson(['users:create', 'users:update', 'users:read'])
    expect(await reasonFor({ email: 'boss@grant.test', roles: ['owner'] }, importer)).toContain('that you lack')
    // The default role has permissions that this caller lacks.
    expect(await reasonFor({ email: 'staff@grant.test' }, importer)).toContain('that you lack')
    const { email } = await api.prisma.user.findUniqueOrThrow({ where: { id: api.owner.id } })
    expect(await reasonFor({ email, firstName: 'Mallory' }, importer)).toContain('permissions that you lack')
    expect((await api.prisma.user.findUniqueOrThrow({ where: { id: api.owner.id } })).givenName).not.toBe('Mallory')
    for (const permissions of [['users:create'], ['users:update'], []]) {
      expect((await send([{ email: 'x@grant.test' }], await api.addPerson(permissions))).statusCode).toBe(403)
    }
  })

  it('finds users of the organisation only', async () => {
    const other = await api.addPerson(['*'], await api.addOrganisation('import-other'))
    await importUsers([{ email: 'mine@tenant.test', externalId: 'tenant-1' }])
    expect(await reasonFor({ email: 'mine@tenant.test', firstName: 'Eve' }, other)).toContain('exists')
    expect(await reasonFor({ email: 'theirs@tenant.test', externalId: 'tenant-1' }, other)).toBe('created')
  })

  it.each([[{}], [{ users: [] }], [{ users: 'all' }], [{ users: [{}], more: true }], [[]], ['"users"']])(
    'rejects the body %j',
    async (body) => {
      expect((await api.send(api.owner, 'POST', IMPORT, { body })).statusCode).toBe(400)
    },
  )

  it('takes 200 users with twenty members each, and not 201', async () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      email: `many-${index}@many.test`,
      externalId: `many-${index}`,
      firstName: 'Given',
      middleName: 'Middle',
      lastName: `Family ${index}`,
      nickname: 'Nick',
      preferredUsername: `many${index}`,
      profile: 'https://many.test/profile',
      picture: 'https://many.test/picture',
      website: 'https://many.test/',
      gender: 'unknown',
      birthdate: '1990-01-31',
      zoneinfo: 'Europe/Berlin',
      locale: 'de',
      phone: '+4930901820',
      phoneVerified: true,
      address: { locality: 'Berlin', country: 'DE' },
      emailVerified: true,
      passwordHash: hashes.bcrypt[1],
    }))
    expect((await importUsers(many)).counts).toMatchObject({ created: 200 })
    expect((await importUsers(many)).counts).toMatchObject({ unchanged: 200 })
    expect((await send([...many, { email: 'more@many.test' }])).statusCode).toBe(400)
  })

  it('stores two imports of the same users at once, each user once', async () => {
    const users = Array.from({ length: 20 }, (_, index) => ({ email: `race-${index}@race.test` }))
    const answers = await Promise.all([importUsers(users), importUsers(users.toReversed())])
    const created = answers.flatMap((answer) => answer.users.filter(({ outcome }) => outcome === 'created'))
    expect(created).toHaveLength(20)
  })
})

describe('GET /v1/admin/users/export', () => {
  const EXPORT = '/v1/admin/users/export'
  /** The users of the test in an export, by their addresses. */
  const linesOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { email: string })
      .filter(({ email }) => email.endsWith('@export.test'))
      .toSorted((one, other) => (one.email < other.email ? -1 : 1))
  const attributeTypes = [
    ['site', 'string'],
    ['level', 'number'],
    ['tags', 'string[]'],
  ] as const
  /** An organisation with roles, teams and attributes of the same names, and an administrator. */
  async function directory(slug: string): Promise<Person> {
    const person = await api.addPerson(['*'], await api.addOrganisation(slug))
    const post = async (path: string, body: object) =>
      expect((await api.send(person, 'POST', `/v1/admin/${path}`, { body })).statusCode).toBe(201)
    await post('roles', { name: 'Reader', slug: 'reader', permissions: ['users:read'] })
    await post('teams', { name: 'Crew', slug: 'crew' })
    for (const [name, type] of attributeTypes) await post('user-attributes', { name, type })
    return person
  }

  it('writes what the import reads: a round trip loses nothing', async () => {
    const source = await directory('export-source')
    const [, passwordHash] = hashes.bcrypt
    const users = [
      {
        email: 'ada@export.test',
        externalId: '+1',
        emailVerified: true,
        name: 'Ada L.',
        firstName: 'Ada',
        lastName: 'Lovelace, "Countess"',
        phone: '+493012345',
        phoneVerified: true,
        birthdate: '1815-12-10',
        address: { country: 'GB' },
        attributes: { site: "'=1+1", level: 3, tags: ['a', 'b'] },
        passwordHash,
        roles: ['reader'],
        teams: ['crew'],
      },
      {
        email: 'grace@export.test',
        emailVerified: false,
        firstName: 'Grace',
        name: 'Grace',
        passwordHash: hashes.md5[1],
        roles: ['reader'],
        blocked: true,
      },
    ]
    expect((await importUsers(users, source)).counts).toMatchObject({ created: 2 })
    const answer = await api.send(source, 'GET', `${EXPORT}?passwordHashes=true`)
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringContaining('application/x-ndjson'),
      'cache-control': 'no-store',
    })
    const exported = linesOf(answer.body)
    expect(exported[0]).toEqual(users[0])
    // A digest is stored as the Argon2id hash of it.
    expect(exported[1]).toEqual({ ...users[1], passwordHash: expect.not.stringContaining(hashes.md5[1]) })
    const event = await api.prisma.auditEvent.findFirstOrThrow({
      where: { type: 'user.directory_exported', organisationId: source.organisation.id },
    })
    expect(event).toMatchObject({ userId: source.id, metadata: { format: 'ndjson', passwordHashes: true } })

    // Addresses are unique on a server.
    await api.prisma.user.deleteMany({ where: { email: { endsWith: '@export.test' } } })
    const target = await directory('export-target')
    expect((await importUsers(exported, target)).counts).toMatchObject({ created: 2, failed: 0 })
    const again = linesOf((await api.send(target, 'GET', `${EXPORT}?passwordHashes=true`)).body)
    expect(again).toEqual(exported)
    expect((await login('ada@export.test', hashes.bcrypt[0])).statusCode).toBe(200)

    const csv = (await api.send(target, 'GET', `${EXPORT}?format=csv`)).body
    expect(csv).not.toContain('passwordHash')
    const read = readCsv(csv).find(({ email }) => email === 'ada@export.test')
    const { address: _, passwordHash: __, ...text } = users[0] ?? {}
    expect(read).toEqual({ ...text, attributes: { site: "'=1+1", level: '3', tags: 'a b' } })
  })

  it('has password hashes for those alone who may have them, soon after a sign-in', async () => {
    const reader = await api.addPerson(['users:*'])
    const status = async (person: Person, query = '') => (await api.send(person, 'GET', EXPORT + query)).statusCode
    expect([await status(reader), await status(reader, '?passwordHashes=true')]).toEqual([200, 403])
    expect((await api.send(reader, 'GET', EXPORT)).body).not.toContain('passwordHash')
    expect(await status(await api.addPerson(['password_hashes:export']))).toBe(403)
    const both = await api.addPerson(['users:read', 'password_hashes:export', 'api_keys:create'])
    expect(await status(both, '?passwordHashes=true')).toBe(200)
    expect([await status(both, '?passwordHashes=1'), await status(both, '?format=xml')]).toEqual([400, 400])
    api.clock.advance(601)
    const stale = await api.send(both, 'GET', `${EXPORT}?passwordHashes=true`)
    expect([stale.statusCode, stale.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('max_age="600"'),
    ])
    expect(await status(both)).toBe(200)
    const key = await api.send(await api.signInAgain(both), 'POST', '/v1/admin/api-keys', {
      body: { name: 'Export', scopes: ['users:read', 'password_hashes:export'] },
    })
    const headers = { authorization: `Bearer ${key.json<{ key: string }>().key}` }
    expect((await api.send(undefined, 'GET', EXPORT, { headers })).statusCode).toBe(200)
    expect((await api.send(undefined, 'GET', `${EXPORT}?passwordHashes=true`, { headers })).statusCode).toBe(401)
  })
})
