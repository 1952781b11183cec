import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'
import { OWNER } from '../../../support/app.ts'
import { createTenant } from '../../../support/tenant.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const USERS = '/v1/admin/users'
const PASSWORD = 'a password that is long enough'

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

interface UserBody {
  id: string
  email: string
  status: string
  roles: { id: string; slug: string }[]
  [member: string]: unknown
}

let created = 0
async function createUser(body: Record<string, unknown> = {}, person = api.owner): Promise<UserBody> {
  created += 1
  const answer = await api.send(person, 'POST', USERS, { body: { email: `user-${created}@acme.test`, ...body } })
  if (answer.statusCode !== 201) throw new Error(`${answer.statusCode} ${answer.body}`)
  return answer.json<UserBody>()
}

const signIn = (email: string, password = PASSWORD) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email, password } })

/** The id of a role of the first organisation. */
async function roleId(slug: string): Promise<string> {
  const role = await api.prisma.role.findFirstOrThrow({ where: { slug, organisationId: api.owner.organisation.id } })
  return role.id
}

async function listed(query: string, person = api.owner) {
  const answer = await api.send(person, 'GET', `${USERS}?${query}`)
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`)
  return answer.json<{ data: UserBody[]; total: number; nextCursor: string | null }>()
}

describe('POST /v1/admin/users', () => {
  it('creates a user who can sign in, with the default role', async () => {
    const user = await createUser({
      email: ' Ada@Acme.test'.trim(),
      password: PASSWORD,
      firstName: 'Ada',
      lastName: 'Lovelace',
    })
    expect(user).toMatchObject({
      email: 'Ada@Acme.test',
      name: 'Ada Lovelace',
      emailVerified: false,
      status: 'active',
      hasPassword: true,
      roles: [{ slug: 'staff' }],
    })
    const answer = await signIn('ada@acme.test')
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({ user: { id: user.id } })
  })

  it('stores every standard claim', async () => {
    const details = {
      externalId: 'hr-4711',
      emailVerified: true,
      name: 'Grace B. Hopper',
      firstName: 'Grace',
      middleName: 'Brewster',
      lastName: 'Hopper',
      nickname: 'Amazing Grace',
      preferredUsername: 'grace',
      profile: 'https://acme.test/grace',
      picture: 'https://acme.test/grace.png',
      website: 'https://grace.test/',
      gender: 'female',
      birthdate: '1906-12-09',
      zoneinfo: 'America/New_York',
      locale: 'en-US',
      phone: '+1 (202) 555-0143',
      phoneVerified: true,
      address: { locality: 'Arlington', country: 'US' },
    }
    const user = await createUser(details)
    expect(user).toMatchObject({ ...details, phone: '+12025550143' })
    const read = await api.send(api.owner, 'GET', `${USERS}/${user.id}`)
    expect(read.json()).toEqual(user)
  })

  it('writes an audit event with its actor', async () => {
    const user = await createUser()
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { type: 'user.created', resourceId: user.id } })
    expect(event).toMatchObject({ userId: api.owner.id, category: 'user', action: 'create', success: true })
  })

  it.each([
    ['no e-mail address', {}, ['email']],
    ['an e-mail address without a host', { email: 'ada' }, ['email']],
    ['a weak password', { email: 'weak@acme.test', password: 'password' }, ['password']],
    ['the e-mail address as password', { email: 'same@acme.test', password: 'same@acme.test' }, ['password']],
    ['a date that does not exist', { email: 'date@acme.test', birthdate: '2023-02-30' }, ['birthdate']],
    ['a time zone that does not exist', { email: 'zone@acme.test', zoneinfo: 'Mars/Olympus' }, ['zoneinfo']],
    ['a script as website', { email: 'site@acme.test', website: 'javascript:alert(1)' }, ['website']],
    ['a phone number without country code', { email: 'phone@acme.test', phone: '030 1234567' }, ['phone']],
    ['half of a surrogate pair', '{"email":"half@acme.test","firstName":"\\ud800"}', ['firstName']],
    ['a role that does not exist', { email: 'role@acme.test', roleIds: [crypto.randomUUID()] }, ['roleIds', 0]],
  ])('rejects %s', async (_, body, path) => {
    const answer = await api.send(api.owner, 'POST', USERS, { body })
    expect(answer.statusCode).toBe(400)
    expect(answer.json<{ errors: { path: unknown[] }[] }>().errors.map((issue) => issue.path)).toContainEqual(path)
  })

  it('rejects an e-mail address that differs in case or width only, in every organisation', async () => {
    await createUser({ email: 'Unique@Acme.test' })
    const elsewhere = await api.addPerson(['*'], await api.addOrganisation('elsewhere'))
    for (const person of [api.owner, elsewhere]) {
      for (const email of ['unique@acme.test', 'UNIQUE@ACME.TEST', 'ｕnique@acme.test']) {
        const answer = await api.send(person, 'POST', USERS, { body: { email } })
        expect(answer.statusCode).toBe(409)
      }
    }
  })

  it('creates one user when two requests race for an e-mail address', async () => {
    const create = () => api.send(api.owner, 'POST', USERS, { body: { email: 'race@acme.test' } })
    const answers = await Promise.all([create(), create(), create()])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
  })
})

describe('GET /v1/admin/users', () => {
  it('finds users by every part of their identity, in any case', async () => {
    const user = await createUser({
      email: 'Needle@haystack.test',
      firstName: 'Sören',
      lastName: 'Kierkegaard',
      nickname: 'Climacus',
      preferredUsername: 'either-or',
      phone: '+45 33 47 47 47',
      externalId: 'K-1813',
    })
    const parts = ['needle@', 'SÖREN', 'kierke', 'climac', 'EITHER', '4533474747', 'k-1813', user.id.slice(0, 18)]
    for (const part of parts) {
      const { data } = await listed(`search=${encodeURIComponent(part)}`)
      expect(data.map(({ id }) => id)).toContain(user.id)
    }
    expect((await listed('search=%25')).total).toBe(0)
  })

  it('finds and sorts by the full name, given or made of first and last name', async () => {
    const [ada, grace] = [
      await createUser({ firstName: 'Zoe', lastName: 'Quinn' }),
      await createUser({ firstName: 'Zoe', lastName: 'Abel', name: 'Zoe van Abel' }),
    ]
    const found = async (name: string) => (await listed(`search=${name}&sort=name`)).data.map(({ id }) => id)
    expect(await found('zoe%20quinn')).toEqual([ada.id])
    expect(await found('zoe')).toEqual([ada.id, grace.id])
    await api.send(api.owner, 'PATCH', `${USERS}/${grace.id}`, { body: { name: null } })
    expect(await found('zoe%20abel')).toEqual([grace.id])
  })

  it('filters by e-mail address, external id, role and status, with the names of the contract as well', async () => {
    const user = await createUser({ email: 'Filter@acme.test', externalId: 'f-1', roleIds: [await roleId('manager')] })
    for (const query of [
      'email=filter%40ACME.test',
      'filter[email]=filter%40acme.test',
      'externalId=f-1',
      'filter[role]=manager&search=filter%40',
      `role=${await roleId('manager')}&search=filter%40`,
      'filter[status]=active&filter[search]=filter%40&per_page=5',
      'filter[mfa_enabled]=0&email=filter%40acme.test',
    ]) {
      expect((await listed(query)).data.map(({ id }) => id)).toEqual([user.id])
    }
    for (const query of ['filter[status]=invited', 'filter[mfa_enabled]=true', 'status=blocked&search=filter%40']) {
      expect((await listed(query)).data).toEqual([])
    }
  })

  it.each(['email', '-email', 'name', '-name', 'createdAt', '-createdAt', 'lastLoginAt', '-lastLoginAt'])(
    'walks all users once by cursor, sorted by %s',
    async (sort) => {
      const whole = await listed(`sort=${sort}&limit=100`)
      const walked: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: Awaited<ReturnType<typeof listed>> = await listed(
          `sort=${sort}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
        )
        walked.push(...page.data.map(({ id }) => id))
        cursor = page.nextCursor
      }
      expect(walked).toEqual(whole.data.map(({ id }) => id))
      expect(whole.total).toBe(walked.length)
    },
  )

  it.each([
    'cursor=x',
    'cursor=W10',
    'sort=age',
    'limit=0',
    'cursor=x&page=1',
    'email=a&filter[email]=b',
    'search=%00',
  ])('rejects %s', async (query) => {
    expect((await api.send(api.owner, 'GET', `${USERS}?${query}`)).statusCode).toBe(400)
  })

  it('rejects a cursor of a list in another order', async () => {
    const { nextCursor } = await listed('sort=email&limit=1')
    expect((await api.send(api.owner, 'GET', `${USERS}?sort=name&cursor=${nextCursor}`)).statusCode).toBe(400)
  })
})

describe('PATCH /v1/admin/users/:id', () => {
  it('changes and removes values, and names the changed members in the audit event', async () => {
    const user = await createUser({
      firstName: 'Ada',
      lastName: 'Byron',
      nickname: 'A',
      phone: '+49 30 1234567',
      phoneVerified: true,
    })
    const answer = await api.send(api.owner, 'PATCH', `${USERS}/${user.id}`, {
      body: { lastName: 'Lovelace', nickname: null, phone: '+49 30 7654321' },
    })
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      name: 'Ada Lovelace',
      nickname: null,
      phone: '+49307654321',
      phoneVerified: false,
    })
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { type: 'user.updated', resourceId: user.id } })
    expect(event.metadata).toEqual({ fields: ['familyName', 'nickname', 'phoneNumber'] })
  })

  it('rejects an external id that another user has', async () => {
    await createUser({ externalId: 'taken' })
    const user = await createUser()
    const answer = await api.send(api.owner, 'PATCH', `${USERS}/${user.id}`, { body: { externalId: 'taken' } })
    expect(answer.statusCode).toBe(409)
  })

  it('rejects the e-mail address, and blocking together with other members', async () => {
    const user = await createUser()
    for (const body of [
      { email: 'new@acme.test' },
      { blockedAt: '2026-01-01T00:00:00Z', firstName: 'Ada' },
      { blockedReason: 'because' },
    ]) {
      const answer = await api.send(api.owner, 'PATCH', `${USERS}/${user.id}`, { body })
      expect(answer.statusCode).toBe(400)
    }
    expect((await api.send(api.owner, 'GET', `${USERS}/${user.id}`)).json()).toEqual(user)
  })
})

/** A user with a browser session and tokens of a client. */
async function userWithTokens() {
  const client = await api.registerClient({
    clientType: 'confidential',
    backchannelLogoutUri: 'https://app.example.com/logout',
  })
  const user = await createUser({ password: PASSWORD })
  const rp = relyingParty(api, client)
  const browser = api.browser()
  const login = await signIn(user.email)
  const cookie = login.cookies.find(({ name }) => name === 'cerb_sid')
  browser.cookies.set('cerb_sid', cookie?.value ?? '')
  const tokens = await rp.tokens(browser, { scope: 'openid offline_access' })
  return { user, rp, tokens, headers: { cookie: `cerb_sid=${cookie?.value}` } }
}

async function expectAccessEnded({ user, rp, tokens, headers }: Awaited<ReturnType<typeof userWithTokens>>) {
  expect((await api.app.inject({ url: '/v1/me/profile', headers })).statusCode).toBe(401)
  expect((await rp.introspect(tokens.access_token)).json()).toEqual({ active: false })
  expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  expect(await api.prisma.backchannelLogout.count({ where: { userId: user.id } })).toBe(1)
}

describe('If-Match of a change of a user', () => {
  const patch = (id: string, etag: unknown, body: object) =>
    api.send(api.owner, 'PATCH', `${USERS}/${id}`, { body, headers: { 'if-match': String(etag) } })

  it('rejects a change of a version that is gone', async () => {
    const { id } = await createUser({ email: 'versions@acme.test', firstName: 'Ada' })
    const read = async () => (await api.send(api.owner, 'GET', `${USERS}/${id}`)).headers['etag']
    const first = await read()
    const changed = await patch(id, first, { lastName: 'Byron' })
    expect([changed.statusCode, changed.headers['etag']]).toEqual([200, await read()])
    expect((await patch(id, first, { lastName: 'King' })).statusCode).toBe(412)
    expect((await patch(id, first, { blockedAt: '2030-01-01T00:00:00Z' })).statusCode).toBe(412)
    expect((await patch(id, changed.headers['etag'], { lastName: 'King' })).statusCode).toBe(200)
    expect((await patch(id, '*', { nickname: 'Lady' })).statusCode).toBe(200)
    const before = await read()
    const role = await api.prisma.role.findFirstOrThrow({
      where: { slug: 'manager', organisationId: api.owner.organisation.id },
    })
    await api.send(api.owner, 'POST', `${USERS}/${id}/roles`, { body: { roleId: role.id } })
    expect(await read()).not.toBe(before)
  })

  it('lets one of several writers change the version that all have read', async () => {
    const { id } = await createUser({ email: 'writers@acme.test' })
    const { etag } = (await api.send(api.owner, 'GET', `${USERS}/${id}`)).headers
    const answers = await Promise.all(['A', 'B', 'C', 'D'].map((firstName) => patch(id, etag, { firstName })))
    expect(answers.map(({ statusCode }) => statusCode).toSorted((one, other) => one - other)).toEqual([
      200, 412, 412, 412,
    ])
    const unconditional = ['E', 'F', 'G'].map((nickname) =>
      api.send(api.owner, 'PATCH', `${USERS}/${id}`, { body: { nickname } }),
    )
    expect((await Promise.all(unconditional)).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200])
  })
})

describe('a user who is the last owner of another organisation', () => {
  it('is blocked, deleted and erased at home when that one has another owner', async () => {
    const other = await api.addOrganisation('owned')
    const { id } = await createUser({ email: 'owner-elsewhere@acme.test' })
    const now = api.clock.now()
    const stamps = { organisationId: other.id, createdAt: now, updatedAt: now }
    const role = await api.prisma.role.create({
      data: { ...stamps, id: crypto.randomUUID(), slug: 'owner', name: 'Owner' },
    })
    const make = async (userId: string) =>
      api.prisma.roleAssignment.create({ data: { userId, roleId: role.id, organisationId: other.id, grantedAt: now } })
    await api.prisma.membership.create({
      data: { userId: id, organisationId: other.id, source: 'invitation', joinedAt: now, updatedAt: now },
    })
    await make(id)
    const block = () => api.send(api.owner, 'PATCH', `${USERS}/${id}`, { body: { blockedAt: '2030-01-01T00:00:00Z' } })
    const refused = await block()
    expect([refused.statusCode, refused.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining('Another organisation') },
    ])
    expect((await api.send(api.owner, 'DELETE', `${USERS}/${id}`)).statusCode).toBe(409)
    expect((await api.send(api.owner, 'DELETE', `${USERS}/${id}?erase=true`)).statusCode).toBe(409)
    const bulk = { filter: { email: 'owner-elsewhere@acme.test' }, action: 'block', expectedCount: 1 }
    const counted = await api.send(api.owner, 'POST', `${USERS}/bulk`, { body: bulk })
    expect(counted.json()).toMatchObject({ outcomes: { changed: 0, owner: 1 } })
    expect(await api.prisma.user.findUniqueOrThrow({ where: { id } })).toMatchObject({
      blockedAt: null,
      deletedAt: null,
    })
    expect((await api.send(api.owner, 'POST', `${USERS}/${id}/suspend`, { body: {} })).statusCode).toBe(200)
    await make((await api.addPerson([], other)).id)
    expect((await block()).statusCode).toBe(200)
  })
})

describe('blocking, deleting and erasing a user', () => {
  it('ends sessions and tokens at once, and unblocking does not bring them back', async () => {
    const blocked = await userWithTokens()
    const url = `${USERS}/${blocked.user.id}`
    const answer = await api.send(api.owner, 'PATCH', url, {
      body: { blockedAt: '2026-01-01T00:00:00Z', blockedReason: 'left' },
    })
    expect(answer.json()).toMatchObject({ status: 'blocked', blockedReason: 'left' })
    await expectAccessEnded(blocked)
    expect((await signIn(blocked.user.email)).statusCode).toBe(401)

    const unblocked = await api.send(api.owner, 'PATCH', url, { body: { blockedAt: null } })
    expect(unblocked.json()).toMatchObject({ status: 'active', blockedAt: null, blockedReason: null })
    await expectAccessEnded(blocked)
    expect((await signIn(blocked.user.email)).statusCode).toBe(200)
  })

  it('ends sessions and tokens when a membership is suspended, which the account survives', async () => {
    const suspended = await userWithTokens()
    const url = `${USERS}/${suspended.user.id}`
    const answer = await api.send(api.owner, 'POST', `${url}/suspend`, { body: { reason: 'on leave' } })
    expect(answer.json()).toMatchObject({
      status: 'suspended',
      blockedAt: null,
      membership: { state: 'suspended', source: 'local', suspendedReason: 'on leave' },
    })
    await expectAccessEnded(suspended)
    expect((await signIn(suspended.user.email)).statusCode).toBe(401)
    const inList = async (status: string) => (await listed(`status=${status}&email=${suspended.user.email}`)).total
    expect([await inList('suspended'), await inList('active'), await inList('blocked')]).toEqual([1, 0, 0])
    const own = api.send(api.owner, 'POST', `${USERS}/${api.owner.id}/suspend`, { body: {} })
    expect((await own).statusCode).toBe(409)

    const reactivated = await api.send(api.owner, 'POST', `${url}/reactivate`)
    expect(reactivated.json()).toMatchObject({
      status: 'active',
      membership: { suspendedAt: null, suspendedReason: null },
    })
    await expectAccessEnded(suspended)
    expect((await signIn(suspended.user.email)).statusCode).toBe(200)
    const types = await api.prisma.auditEvent.findMany({
      where: { resourceId: suspended.user.id, type: { in: ['user.suspended', 'user.reactivated'] } },
      orderBy: { id: 'asc' },
    })
    expect(types.map(({ type }) => type)).toEqual(['user.suspended', 'user.reactivated'])
  })

  it('rejects what was issued before by the membership alone, whichever way it was suspended', async () => {
    const { user, rp, tokens, headers } = await userWithTokens()
    await api.prisma.membership.updateMany({ where: { userId: user.id }, data: { state: 'suspended' } })
    expect((await api.app.inject({ url: '/v1/me/profile', headers })).statusCode).toBe(401)
    expect((await rp.introspect(tokens.access_token)).json()).toEqual({ active: false })
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('keeps a deleted user for thirty days, who can be restored with their roles', async () => {
    const deleted = await userWithTokens()
    const url = `${USERS}/${deleted.user.id}`
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(204)
    await expectAccessEnded(deleted)
    expect((await api.send(api.owner, 'GET', url)).statusCode).toBe(404)
    expect((await listed(`email=${deleted.user.email}`)).data).toEqual([])
    expect((await listed(`status=deleted&email=${deleted.user.email}`)).data).toHaveLength(1)
    const taken = await api.send(api.owner, 'POST', USERS, { body: { email: deleted.user.email } })
    expect(taken.statusCode).toBe(409)

    const restored = await api.send(api.owner, 'POST', `${url}/restore`)
    expect(restored.json()).toMatchObject({ id: deleted.user.id, status: 'active', roles: [{ slug: 'staff' }] })
    expect((await api.send(api.owner, 'POST', `${url}/restore`)).statusCode).toBe(404)
  })

  it('frees the e-mail address when the retention period of a deleted user ends', async () => {
    const user = await createUser()
    await api.send(api.owner, 'DELETE', `${USERS}/${user.id}`)
    const sweepAsIfDeletedBefore = async (days: number) => {
      const deletedAt = new Date(api.clock.now().getTime() - days * 86_400_000)
      await api.prisma.user.update({ where: { id: user.id }, data: { deletedAt } })
      await api.repositories.sweep(api.clock.now())
      return api.prisma.user.count({ where: { id: user.id } })
    }
    expect(await sweepAsIfDeletedBefore(29)).toBe(1)
    expect(await sweepAsIfDeletedBefore(31)).toBe(0)
    const events = await api.prisma.auditEvent.findMany({ where: { resourceId: user.id } })
    expect(events.map(({ changes }) => changes)).toEqual([null, null])
    expect(await createUser({ email: user.email })).not.toMatchObject({ id: user.id })
  })

  it('erases a user at once when asked to', async () => {
    const erased = await userWithTokens()
    await api.send(api.owner, 'PATCH', `${USERS}/${erased.user.id}`, { body: { lastName: 'Forgettable' } })
    const answer = await api.send(api.owner, 'DELETE', `${USERS}/${erased.user.id}?erase=true`)
    expect(answer.statusCode).toBe(204)
    await expectAccessEnded(erased)
    expect(await createUser({ email: erased.user.email })).not.toMatchObject({ id: erased.user.id })
    const events = await api.prisma.auditEvent.findMany({ where: { resourceId: erased.user.id } })
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user.created', 'user.updated', 'user.erased']),
    )
    for (const personal of [erased.user.email, 'Forgettable']) expect(JSON.stringify(events)).not.toContain(personal)
  })

  it('refuses to let administrators lock themselves out', async () => {
    const administrator = await api.addPerson(['users:*'])
    const own = `${USERS}/${administrator.id}`
    const block = { blockedAt: '2026-01-01T00:00:00Z' }
    expect((await api.send(administrator, 'PATCH', own, { body: block })).statusCode).toBe(409)
    expect((await api.send(administrator, 'DELETE', own)).statusCode).toBe(409)
    expect((await api.send(administrator, 'DELETE', `${own}?erase=true`)).statusCode).toBe(409)
  })
})

describe('a member of a second organisation', () => {
  it('signs in at its clients while that membership is active, and has the roles of that organisation there', async () => {
    const tenant = await createTenant(api)
    const { organisation } = tenant
    const rp = relyingParty(api, await tenant.registerClient({ isFirstParty: true }))
    const user = await createUser({ password: PASSWORD })
    const attempt = async () => {
      const browser = api.browser()
      await browser.get(rp.authorizeUrl())
      await browser.submit({ email: user.email, password: PASSWORD }, 'sign-in')
      return browser
    }
    expect((await attempt()).page.body).toContain('name="password"')

    const key = { userId: user.id, organisationId: organisation.id }
    const now = api.clock.now()
    await api.prisma.membership.create({ data: { ...key, source: 'invitation', joinedAt: now, updatedAt: now } })
    const role = { id: crypto.randomUUID(), organisationId: organisation.id, slug: 'guest', name: 'Guest' }
    await api.prisma.role.create({ data: { ...role, createdAt: now, updatedAt: now } })
    await api.prisma.roleAssignment.create({ data: { ...key, roleId: role.id, grantedAt: now } })
    const browser = await attempt()
    const code = browser.answer().get('code') ?? ''
    const { access_token: token } = (await rp.exchange(code)).json<{ access_token: string }>()
    expect((await rp.userinfo(token)).json()).toMatchObject({
      sub: user.id,
      organisation: { id: organisation.id, slug: organisation.slug },
      roles: [{ slug: 'guest' }],
      permissions: [],
    })
    // The session is one of that organisation: at home, the user signs in again.
    const home = relyingParty(api, await api.registerClient())
    await browser.get(home.authorizeUrl())
    expect(browser.page.body).toContain('name="password"')
    const session = await api.prisma.session.findFirstOrThrow({ where: { userId: user.id } })
    expect(session.organisationId).toBe(organisation.id)

    // Blocking concerns the account: what ends with it stays ended in every organisation.
    for (const blockedAt of ['2026-01-01T00:00:00Z', null]) {
      expect((await rp.introspect(token)).json()).toMatchObject({ active: blockedAt !== null })
      await api.send(api.owner, 'PATCH', `${USERS}/${user.id}`, { body: { blockedAt } })
    }
    expect((await rp.introspect(token)).json()).toEqual({ active: false })
    await api.prisma.membership.update({ where: { userId_organisationId: key }, data: { state: 'suspended' } })
    expect((await attempt()).page.body).toContain('name="password"')
    expect((await signIn(user.email)).statusCode).toBe(200)
  })
})

describe('setting a password and ending sessions', () => {
  it('lets the user sign in with the new password only, and ends what was issued before', async () => {
    const person = await userWithTokens()
    const url = `${USERS}/${person.user.id}/password`
    expect((await api.send(api.owner, 'POST', url, { body: { password: 'short' } })).statusCode).toBe(400)
    const answer = await api.send(api.owner, 'POST', url, { body: { password: 'another long password' } })
    expect(answer.json()).toEqual({ sessions: 1, grants: 1 })
    await expectAccessEnded(person)
    expect((await signIn(person.user.email)).statusCode).toBe(401)
    expect((await signIn(person.user.email, 'another long password')).statusCode).toBe(200)
  })

  it('lists the sessions of a user and ends them', async () => {
    const person = await userWithTokens()
    const url = `${USERS}/${person.user.id}/sessions`
    const sessions = (await api.send(api.owner, 'GET', url)).json<{ data: unknown[] }>()
    expect(sessions.data).toEqual([expect.objectContaining({ ipAddress: '127.0.0.1' })])
    expect((await api.send(api.owner, 'DELETE', url)).json()).toEqual({ sessions: 1, grants: 1 })
    await expectAccessEnded(person)
    expect((await api.send(api.owner, 'GET', url)).json()).toEqual({ data: [] })
  })
})

describe('roles of a user', () => {
  it('are given and taken, idempotently, and explain permissions', async () => {
    const user = await createUser()
    const body = { roleId: await roleId('manager') }
    const effective = async (permission: string) =>
      (await api.send(api.owner, 'GET', `${USERS}/${user.id}/effective?permission=${permission}`)).json<unknown>()
    expect(await effective('teams:update')).toEqual({ permission: 'teams:update', granted: false, through: [] })
    for (const message of ['The user has the role now.', 'The user had the role already.']) {
      expect((await api.send(api.owner, 'POST', `${USERS}/${user.id}/roles`, { body })).json()).toEqual({ message })
    }
    expect(await effective('invitations:delete')).toMatchObject({
      granted: true,
      through: [{ role: { slug: 'manager' }, permission: 'invitations:*' }],
    })
    expect((await api.send(api.owner, 'DELETE', `${USERS}/${user.id}/roles`)).statusCode).toBe(400)
    expect((await api.send(api.owner, 'DELETE', `${USERS}/${user.id}/roles`, { body })).statusCode).toBe(200)
    const role = `${USERS}/${user.id}/roles/${body.roleId}`
    expect((await api.send(api.owner, 'DELETE', role)).json()).toEqual({ message: 'The user did not have the role.' })
    const types = await api.prisma.auditEvent.findMany({
      where: { resourceId: user.id, type: { startsWith: 'user.role_' } },
      orderBy: { id: 'asc' },
    })
    expect(types.map(({ type }) => type)).toEqual(['user.role_assigned', 'user.role_removed'])
  })

  it('never leave the organisation without an active owner, whichever way is tried', async () => {
    const owner = await roleId('owner')
    const administrator = await api.addPerson(['*'])
    const url = `${USERS}/${api.owner.id}`
    const attempts = () => [
      api.send(administrator, 'DELETE', `${url}/roles`, { body: { roleId: owner } }),
      api.send(administrator, 'PATCH', url, { body: { blockedAt: '2026-01-01T00:00:00Z' } }),
      api.send(administrator, 'DELETE', url),
      api.send(administrator, 'POST', `${url}/suspend`, { body: {} }),
      api.send(administrator, 'DELETE', `${url}?erase=true`),
    ]
    const answers = await Promise.all(attempts())
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([409, 409, 409, 409, 409])
  })

  it('leave one of two owners who remove each other at once', async () => {
    const organisation = await api.addOrganisation('two-owners')
    const people = [await api.addPerson(['*'], organisation), await api.addPerson(['*'], organisation)] as const
    const now = api.clock.now()
    const role = { id: crypto.randomUUID(), organisationId: organisation.id, slug: 'owner', name: 'Owner' }
    await api.prisma.role.create({ data: { ...role, createdAt: now, updatedAt: now } })
    for (const { id: userId } of people) {
      await api.prisma.roleAssignment.create({
        data: { userId, roleId: role.id, organisationId: organisation.id, grantedAt: api.clock.now() },
      })
    }
    const [one, other] = people
    const remove = (by: Person, of: Person) =>
      api.send(by, 'DELETE', `${USERS}/${of.id}/roles`, { body: { roleId: role.id } })
    const answers = await Promise.all([remove(one, other), remove(other, one)])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 409])
  })
})

describe('what an administrator lacks', () => {
  const escalations: [string, (manager: Person, user: UserBody, admin: string) => ReturnType<Api['send']>][] = [
    [
      'create a user with more permissions',
      async (manager, _user, admin) =>
        api.send(manager, 'POST', USERS, { body: { email: 'puppet@acme.test', roleIds: [admin] } }),
    ],
    [
      'give a role',
      async (manager, user, admin) =>
        api.send(manager, 'POST', `${USERS}/${user.id}/roles`, { body: { roleId: admin } }),
    ],
    [
      'take a role',
      async (manager, user, admin) =>
        api.send(manager, 'DELETE', `${USERS}/${user.id}/roles`, { body: { roleId: admin } }),
    ],
    [
      'set the password of a user who has more',
      async (manager, user) =>
        api.send(manager, 'POST', `${USERS}/${user.id}/password`, { body: { password: PASSWORD } }),
    ],
    [
      'change a user who has more',
      async (manager, user) => api.send(manager, 'PATCH', `${USERS}/${user.id}`, { body: { emailVerified: true } }),
    ],
    [
      'block a user who has more',
      async (manager, user) =>
        api.send(manager, 'PATCH', `${USERS}/${user.id}`, { body: { blockedAt: '2026-01-01T00:00:00Z' } }),
    ],
    [
      'suspend a user who has more',
      async (manager, user) => api.send(manager, 'POST', `${USERS}/${user.id}/suspend`, { body: {} }),
    ],
    ['delete a user who has more', async (manager, user) => api.send(manager, 'DELETE', `${USERS}/${user.id}`)],
    [
      'erase a user who has more',
      async (manager, user) => api.send(manager, 'DELETE', `${USERS}/${user.id}?erase=true`),
    ],
    [
      'end the sessions of a user who has more',
      async (manager, user) => api.send(manager, 'DELETE', `${USERS}/${user.id}/sessions`),
    ],
  ]

  it.each(escalations)('does not let them %s', async (_, attempt) => {
    const admin = await roleId('admin')
    const manager = await api.addPerson(['users:*', 'roles:*'])
    const user = await createUser({ roleIds: [admin] })
    const answer = await attempt(manager, user, admin)
    expect(answer.statusCode).toBe(403)
    expect((await api.send(api.owner, 'GET', `${USERS}/${user.id}`)).json()).toEqual(user)
  })

  it('is asked for by every operation', async () => {
    const withoutPermissions = await api.addPerson([])
    const { id } = await createUser()
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', `/${id}`],
      ['PATCH', `/${id}`],
      ['DELETE', `/${id}`],
      ['POST', `/${id}/restore`],
      ['POST', `/${id}/roles`],
      ['DELETE', `/${id}/roles`],
      ['DELETE', `/${id}/roles/${id}`],
      ['GET', `/${id}/effective?permission=users:read`],
      ['GET', `/${id}/sessions`],
      ['DELETE', `/${id}/sessions`],
      ['POST', `/${id}/password`],
    ] as const) {
      expect((await api.send(withoutPermissions, method, `${USERS}${path}`)).statusCode).toBe(403)
      expect((await api.send(undefined, method, `${USERS}${path}`)).statusCode).toBe(401)
    }
  })

  it('is asked of an API key for the account of its own user as well', async () => {
    const body = { name: 'Key', scopes: ['users:update', 'organisation:delete'] }
    const answer = await api.send(api.owner, 'POST', '/v1/admin/api-keys', { body })
    const headers = { authorization: `Bearer ${answer.json<{ key: string }>().key}` }
    const attempt = (url: string, payload: object) => api.app.inject({ method: 'POST', url, headers, payload })
    expect((await attempt(`${USERS}/${api.owner.id}/password`, { password: PASSWORD })).statusCode).toBe(403)
    const transfer = { userId: (await createUser()).id, confirm: api.owner.organisation.slug }
    expect((await attempt('/v1/admin/organisation/transfer-ownership', transfer)).statusCode).toBe(403)
    expect((await signIn(OWNER.email, OWNER.password)).statusCode).toBe(200)
  })

  it('includes the users of other organisations', async () => {
    const stranger = await api.addPerson(['*'], await api.addOrganisation('strangers'))
    const user = await createUser()
    const body = { roleId: await roleId('staff') }
    for (const answer of [
      await api.send(stranger, 'GET', `${USERS}/${user.id}`),
      await api.send(stranger, 'PATCH', `${USERS}/${user.id}`, { body: { firstName: 'Eve' } }),
      await api.send(stranger, 'DELETE', `${USERS}/${user.id}`),
      await api.send(stranger, 'DELETE', `${USERS}/${user.id}?erase=true`),
      await api.send(stranger, 'POST', `${USERS}/${user.id}/restore`),
      await api.send(stranger, 'POST', `${USERS}/${user.id}/roles`, { body }),
      await api.send(stranger, 'GET', `${USERS}/${user.id}/sessions`),
      await api.send(stranger, 'POST', `${USERS}/${user.id}/password`, { body: { password: PASSWORD } }),
    ]) {
      expect(answer.statusCode).toBe(404)
    }
    expect((await listed(`search=${user.email}`, stranger)).data).toEqual([])
    const own = await api.send(stranger, 'GET', USERS)
    expect(own.json<{ data: UserBody[] }>().data.map(({ id }) => id)).toEqual([stranger.id])
  })
})

it('the first sign-in of the first owner still works', async () => {
  expect((await signIn(OWNER.email, OWNER.password)).statusCode).toBe(200)
})
