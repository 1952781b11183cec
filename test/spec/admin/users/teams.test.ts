import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const TEAMS = '/v1/admin/teams'
const USERS = '/v1/admin/users'
const ROLES = '/v1/admin/roles'
const MINUTE = 60

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

interface Body {
  id: string
  slug: string
  [member: string]: unknown
}
type Method = Parameters<Api['send']>[1]

/** The body of a response that must be a success. */
async function ok<Result = Body>(person: Person, method: Method, url: string, body?: unknown): Promise<Result> {
  const answer = await api.send(person, method, url, body === undefined ? {} : { body })
  if (answer.statusCode >= 300) throw new Error(`${method} ${url}: ${answer.statusCode} ${answer.body}`)
  return answer.json<Result>()
}
const statusOf = async (person: Person, method: Method, url: string, body?: unknown) =>
  (await api.send(person, method, url, body === undefined ? {} : { body })).statusCode

let made = 0
const createTeam = (person = api.owner, more: object = {}) => {
  made += 1
  return ok(person, 'POST', TEAMS, { name: `Team ${made}`, slug: `team-${made}`, ...more })
}
const createRole = (permissions: string[], person = api.owner) => {
  made += 1
  return ok(person, 'POST', ROLES, { name: `Role ${made}`, slug: `role-${made}`, permissions })
}
const addMember = (team: Body, person: Pick<Person, 'id'>) =>
  ok(api.owner, 'POST', `${TEAMS}/${team.id}/members`, { userId: person.id })
const roleId = async (slug: string, person = api.owner) =>
  (await api.prisma.role.findFirstOrThrow({ where: { slug, organisationId: person.organisation.id } })).id
const after = (seconds: number) => new Date(api.clock.now().getTime() + seconds * 1000).toISOString()
const profileOf = (person: Person) =>
  ok<{ roles: { slug: string }[]; permissions: string[] }>(person, 'GET', '/v1/me/profile')

describe('/v1/admin/teams', () => {
  it('creates, reads, changes and deletes a team, by version and on trial', async () => {
    const trial = await api.send(api.owner, 'POST', `${TEAMS}?dryRun=true`, { body: { name: 'Trial', slug: 'trial' } })
    expect([trial.statusCode, trial.json()]).toMatchObject([200, { dryRun: true }])
    const answer = await api.send(api.owner, 'POST', TEAMS, { body: { name: 'Käufer', slug: 'trial' } })
    const team = answer.json<Body>()
    const url = `${TEAMS}/${team.id}`
    expect(answer.headers.location).toBe(url)
    expect(team).toMatchObject({ description: null, members: [], roles: [], _count: { members: 0 } })
    expect(await statusOf(api.owner, 'POST', TEAMS, { name: 'Other', slug: 'trial' })).toBe(409)
    expect(await statusOf(api.owner, 'POST', TEAMS, { name: 'Other', slug: 'Not A Slug' })).toBe(400)

    const read = await api.send(api.owner, 'GET', url)
    expect(read.headers.etag).toBe(answer.headers.etag)
    const headers = { 'if-match': String(read.headers.etag) }
    const body = { name: 'Buyers', description: 'They buy' }
    const changed = await api.send(api.owner, 'PATCH', url, { headers, body })
    expect(changed.json()).toMatchObject({ ...body, slug: 'trial' })
    expect((await api.send(api.owner, 'PATCH', url, { headers, body: { name: 'Late' } })).statusCode).toBe(412)
    expect(await statusOf(api.owner, 'PATCH', url, { slug: 'new' })).toBe(400)

    expect(
      (await ok<{ data: Body[]; total: number }>(api.owner, 'GET', `${TEAMS}?search=BUY&sort=-slug`)).data,
    ).toEqual([changed.json()])
    expect((await api.send(api.owner, 'DELETE', url, { headers })).statusCode).toBe(412)
    expect(await statusOf(api.owner, 'DELETE', `${url}?dryRun=true`)).toBe(200)
    expect(await statusOf(api.owner, 'DELETE', url)).toBe(204)
    expect(await statusOf(api.owner, 'GET', url)).toBe(404)
    const events = await api.prisma.auditEvent.findMany({ where: { resourceId: team.id }, orderBy: { id: 'asc' } })
    expect(events.map(({ type }) => type)).toEqual(['team.created', 'team.updated', 'team.deleted'])
  })

  it('adds and removes members one by one and together, all or none', async () => {
    const team = await createTeam()
    const people = [await api.addPerson([]), await api.addPerson([]), await api.addPerson([])]
    const [one, two, three] = people.map(({ id }) => id)
    const url = `${TEAMS}/${team.id}/members`
    const added = await api.send(api.owner, 'POST', url, { body: { userId: one } })
    expect([added.statusCode, added.json()]).toMatchObject([201, { teamId: team.id, userId: one }])
    expect(await statusOf(api.owner, 'POST', url, { userId: one })).toBe(409)
    const foreign = await api.addPerson([], await api.addOrganisation('elsewhere'))
    expect(await statusOf(api.owner, 'POST', url, { userIds: [two, foreign.id] })).toBe(400)
    expect(await statusOf(api.owner, 'POST', url, { userId: one, userIds: [two] })).toBe(400)
    expect(await ok(api.owner, 'POST', url, { userIds: [one, two, three] })).toMatchObject({ userIds: [two, three] })

    const filtered = async (query: string) =>
      (await ok<{ data: Body[] }>(api.owner, 'GET', `${USERS}?${query}`)).data.map(({ id }) => id)
    expect((await filtered(`team=${team.slug}`)).toSorted()).toEqual([one, two, three].toSorted())
    expect(await filtered(`filter[team]=${team.id}&search=${one}`)).toEqual([one])
    expect(await ok(api.owner, 'GET', `${USERS}/${one}`)).toMatchObject({ teams: [{ slug: team.slug }] })
    const listed = await ok<{ data: Body[]; total: number }>(api.owner, 'GET', `${url}?limit=2&page=2`)
    expect([listed.total, listed.data.map(({ id }) => id)]).toEqual([3, [three]])

    expect(await ok(api.owner, 'DELETE', `${url}/${one}`)).toMatchObject({ userId: one })
    expect(await statusOf(api.owner, 'DELETE', `${url}/${one}`)).toBe(404)
    expect(await ok(api.owner, 'DELETE', url, { userIds: [one, two] })).toMatchObject({ userIds: [two] })
    expect(await statusOf(api.owner, 'DELETE', `${USERS}/${three}?erase=true`)).toBe(204)
    expect(await ok(api.owner, 'GET', `${TEAMS}/${team.id}`)).toMatchObject({ members: [], _count: { members: 0 } })
  })

  it('makes a new user a member', async () => {
    const team = await createTeam()
    const body = { email: 'member@acme.test', teamIds: [team.id] }
    expect(await ok(api.owner, 'POST', USERS, body)).toMatchObject({ teams: [{ id: team.id }] })
    const unknown = { email: 'other-member@acme.test', teamIds: [team.id, crypto.randomUUID()] }
    expect(await statusOf(api.owner, 'POST', USERS, unknown)).toBe(400)
    expect(await api.prisma.user.count({ where: { email: unknown.email } })).toBe(0)
  })

  it('gives its roles to its members, at the API and in tokens, from the next request on', async () => {
    const client = await api.registerClient({ isFirstParty: true })
    const rp = relyingParty(api, client)
    const browser = api.browser()
    const person = await api.addPerson(['organisation:read'])
    browser.cookies.set('cerb_sid', person.cookie.slice('cerb_sid='.length))
    const tokens = await rp.tokens(browser, { scope: 'openid offline_access' })
    const team = await createTeam()
    const role = await createRole(['clients:read'])
    await addMember(team, person)
    await ok(api.owner, 'POST', `${TEAMS}/${team.id}/roles`, { roleId: role.id })
    await ok(api.owner, 'POST', `${USERS}/${person.id}/roles`, { roleId: role.id })

    const roles = [{ slug: role.slug }, { slug: person.id }]
    const bySlug = (list: { slug: string }[]) => list.map(({ slug }) => slug).toSorted()
    const inToken = async () => {
      const refreshed = await rp.refresh(tokens.refresh_token)
      const { access_token: token, refresh_token: next } = refreshed.json<typeof tokens>()
      tokens.refresh_token = next
      return { token, userinfo: (await rp.userinfo(token)).json<{ roles: Body[]; permissions: Body[] }>() }
    }
    const { token, userinfo } = await inToken()
    expect(bySlug(userinfo.roles)).toEqual(bySlug(roles))
    expect(bySlug(userinfo.permissions)).toEqual(['clients:read', 'organisation:read'])
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { roles: string[] }
    expect(payload.roles).toEqual(bySlug(roles))
    expect(bySlug((await profileOf(person)).roles)).toEqual(bySlug(roles))
    expect(await ok(api.owner, 'GET', `${ROLES}/${role.id}`)).toMatchObject({ _count: { users: 1, teams: 1 } })
    expect((await ok<{ data: Body[] }>(api.owner, 'GET', `${USERS}?role=${role.slug}`)).data).toHaveLength(1)

    await ok(api.owner, 'DELETE', `${USERS}/${person.id}/roles/${role.id}`)
    expect((await profileOf(person)).permissions).toContain('clients:read')
    expect(await statusOf(api.owner, 'DELETE', `${ROLES}/${role.id}`)).toBe(409)
    expect(await statusOf(api.owner, 'DELETE', `${TEAMS}/${team.id}`)).toBe(204)
    expect((await profileOf(person)).permissions).toEqual(['organisation:read'])
    expect((await inToken()).userinfo.permissions).toHaveLength(1)
    expect(await statusOf(api.owner, 'DELETE', `${ROLES}/${role.id}`)).toBe(204)
  })
})

describe('a role with an end', () => {
  it('has no effect from then on, without a job, and is still listed', async () => {
    const person = await api.addPerson([])
    const role = await createRole(['clients:read'])
    const url = `${USERS}/${person.id}/roles`
    const expiresAt = after(10 * MINUTE)
    expect(await statusOf(api.owner, 'POST', url, { roleId: role.id, expiresAt: after(-1) })).toBe(400)
    await ok(api.owner, 'POST', url, { roleId: role.id, expiresAt })
    expect(await statusOf(person, 'GET', '/v1/admin/clients')).toBe(200)
    expect(await ok(api.owner, 'GET', `${USERS}/${person.id}/effective?permission=clients:read`)).toEqual({
      permission: 'clients:read',
      granted: true,
      through: [
        {
          role: { id: role.id, name: role['name'], slug: role.slug },
          permission: 'clients:read',
          team: null,
          within: null,
          expiresAt,
        },
      ],
    })
    api.clock.advance(10 * MINUTE)
    expect(await statusOf(person, 'GET', '/v1/admin/clients')).toBe(403)
    expect(await ok(api.owner, 'GET', `${USERS}/${person.id}/effective?permission=clients:read`)).toMatchObject({
      granted: false,
      through: [],
    })
    const { data } = await ok<{ data: Body[] }>(api.owner, 'GET', url)
    expect(data.find(({ expiresAt: end }) => end === expiresAt)).toMatchObject({
      role: { slug: role.slug },
      grantedBy: api.owner.id,
      isEffective: false,
    })
    expect((await ok<{ data: Body[] }>(api.owner, 'GET', `${USERS}?role=${role.slug}`)).data).toEqual([])
    await ok(api.owner, 'POST', url, { roleId: role.id })
    expect(await statusOf(person, 'GET', '/v1/admin/clients')).toBe(200)
  })

  it('may be the role of a team, which the answer names', async () => {
    const person = await api.addPerson([])
    const team = await createTeam()
    const role = await createRole(['clients:read'])
    await addMember(team, person)
    const expiresAt = after(10 * MINUTE)
    await ok(api.owner, 'POST', `${TEAMS}/${team.id}/roles`, { roleId: role.id, expiresAt })
    expect(await ok(api.owner, 'GET', `${USERS}/${person.id}/effective?permission=clients:read`)).toMatchObject({
      granted: true,
      through: [{ team: { slug: team.slug }, within: null, expiresAt }],
    })
    api.clock.advance(10 * MINUTE)
    expect(await statusOf(person, 'GET', '/v1/admin/clients')).toBe(403)
    expect(await ok(api.owner, 'GET', `${TEAMS}/${team.id}`)).toMatchObject({ roles: [] })
    expect(await statusOf(api.owner, 'DELETE', `${ROLES}/${role.id}`)).toBe(204)
  })
})

describe('a role that is limited to a team', () => {
  it('lets its holder administer the members of this team, and no one else', async () => {
    const team = await createTeam()
    const other = await createTeam()
    const [delegate, member, outsider] = [await api.addPerson([]), await api.addPerson([]), await api.addPerson([])]
    await addMember(team, member)
    await addMember(other, outsider)
    const role = await createRole(['users:read', 'users:update', 'teams:read'])
    expect(await statusOf(delegate, 'GET', USERS)).toBe(403)
    const body = { roleId: role.id, teamId: team.id }
    await ok(api.owner, 'POST', `${USERS}/${delegate.id}/roles`, body)

    const { data } = await ok<{ data: Body[]; total: number }>(delegate, 'GET', USERS)
    expect(data.map(({ id }) => id)).toEqual([member.id])
    expect((await ok<{ data: Body[] }>(delegate, 'GET', TEAMS)).data.map(({ id }) => id)).toEqual([team.id])
    const attempts = (id: string): [Method, string, unknown?][] => [
      ['GET', `${USERS}/${id}`],
      ['PATCH', `${USERS}/${id}`, { nickname: 'Nick' }],
      ['GET', `${USERS}/${id}/sessions`],
      ['GET', `${USERS}/${id}/roles`],
      ['GET', `${USERS}/${id}/effective?permission=users:read`],
      ['DELETE', `${USERS}/${id}/sessions`],
      ['PATCH', `${USERS}/${id}`, { blockedAt: after(0), blockedReason: 'gone' }],
      ['PATCH', `${USERS}/${id}`, { blockedAt: null }],
      ['POST', `${USERS}/${id}/suspend`, {}],
      ['POST', `${USERS}/${id}/reactivate`],
    ]
    for (const attempt of attempts(member.id)) {
      expect([attempt, await statusOf(delegate, ...attempt)]).toEqual([attempt, 200])
    }
    for (const id of [outsider.id, api.owner.id, delegate.id]) {
      for (const attempt of attempts(id)) {
        expect([attempt, await statusOf(delegate, ...attempt)]).toEqual([attempt, 404])
      }
    }
    expect(await statusOf(delegate, 'GET', `${TEAMS}/${other.id}/members`)).toBe(404)
    const forbidden: [Method, string, unknown?][] = [
      ['DELETE', `${USERS}/${member.id}`],
      ['POST', `${USERS}/${member.id}/password`, { password: 'a password that is long enough' }],
      ['POST', USERS, { email: 'new@acme.test' }],
      ['POST', `${TEAMS}/${team.id}/members`, { userId: outsider.id }],
      ['GET', ROLES],
    ]
    for (const attempt of forbidden) {
      expect([attempt, await statusOf(delegate, ...attempt)]).toEqual([attempt, 403])
    }
    // Neither in tokens nor at the own account.
    expect((await profileOf(delegate)).permissions).toEqual([])
    await ok(api.owner, 'DELETE', `${USERS}/${delegate.id}/roles/${role.id}?teamId=${team.id}`)
    expect(await statusOf(delegate, 'GET', USERS)).toBe(403)
  })

  it('lets its holder give within the team what they hold there, and change no one who has more', async () => {
    const team = await createTeam()
    const other = await createTeam()
    const [delegate, member, chief] = [
      await api.addPerson([]),
      await api.addPerson([]),
      await api.addPerson(['audit:read']),
    ]
    await ok(api.owner, 'POST', `${TEAMS}/${team.id}/members`, { userIds: [member.id, chief.id] })
    const held = await createRole(['users:read', 'users:update'])
    const more = await createRole(['users:delete'])
    await ok(api.owner, 'POST', `${USERS}/${delegate.id}/roles`, { roleId: held.id, teamId: team.id })
    const give = (body: object) => statusOf(delegate, 'POST', `${USERS}/${member.id}/roles`, body)
    expect(await give({ roleId: held.id, teamId: team.id })).toBe(200)
    expect(await give({ roleId: more.id, teamId: team.id })).toBe(403)
    expect(await give({ roleId: held.id })).toBe(400)
    expect(await give({ roleId: held.id, teamId: other.id })).toBe(400)
    expect(await ok(api.owner, 'GET', `${USERS}/${member.id}/effective?permission=users:read`)).toMatchObject({
      granted: false,
      through: [{ within: { slug: team.slug } }],
    })
    expect(await statusOf(delegate, 'PATCH', `${USERS}/${chief.id}`, { nickname: 'Nick' })).toBe(403)
    await ok(api.owner, 'POST', `${USERS}/${member.id}/roles`, { roleId: more.id, teamId: other.id })
    expect(await statusOf(delegate, 'PATCH', `${USERS}/${member.id}`, { nickname: 'Nick' })).toBe(403)
    // A team may have such a role, too: all its members are delegates then.
    await ok(api.owner, 'POST', `${TEAMS}/${other.id}/roles`, { roleId: held.id, teamId: team.id })
    const colleague = await api.addPerson([])
    await addMember(other, colleague)
    expect((await ok<{ total: number }>(colleague, 'GET', USERS)).total).toBe(2)
  })

  it('is limited by the scopes of an access token as well', async () => {
    const client = await api.registerClient({ scopes: ['openid', 'users:read'], isFirstParty: true })
    const rp = relyingParty(api, client)
    const team = await createTeam()
    const [delegate, member] = [await api.addPerson([]), await api.addPerson([])]
    await addMember(team, member)
    const role = await createRole(['users:read', 'users:update'])
    await ok(api.owner, 'POST', `${USERS}/${delegate.id}/roles`, { roleId: role.id, teamId: team.id })
    const browser = api.browser()
    browser.cookies.set('cerb_sid', delegate.cookie.slice('cerb_sid='.length))
    const { access_token: token } = await rp.tokens(browser, { scope: 'openid users:read' })
    const headers = { authorization: `Bearer ${token}` }
    const list = await api.app.inject({ url: USERS, headers })
    expect(list.json<{ data: Body[] }>().data.map(({ id }) => id)).toEqual([member.id])
    const url = `${USERS}/${member.id}`
    const change = await api.app.inject({ method: 'PATCH', url, headers, payload: { nickname: 'Nick' } })
    expect(change.statusCode).toBe(403)
  })
})

describe('a caller gains no permission that they lack', () => {
  it('through a team: by its members, its roles, its deletion, or a new user', async () => {
    const admin = await roleId('admin')
    const manager = await api.addPerson(['users:*', 'teams:*', 'roles:*'])
    const team = await createTeam()
    await ok(api.owner, 'POST', `${TEAMS}/${team.id}/roles`, { roleId: admin })
    const empty = await createTeam()
    const person = await api.addPerson([])
    const before = JSON.stringify(await ok(api.owner, 'GET', `${TEAMS}/${team.id}`))
    const attempts: [Method, string, unknown?][] = [
      ['POST', `${TEAMS}/${team.id}/members`, { userId: manager.id }],
      ['POST', `${TEAMS}/${team.id}/members`, { userId: person.id }],
      ['DELETE', `${TEAMS}/${team.id}/members`, { userId: person.id }],
      ['DELETE', `${TEAMS}/${team.id}`],
      ['POST', `${TEAMS}/${empty.id}/roles`, { roleId: admin }],
      ['POST', `${TEAMS}/${empty.id}/roles`, { roleId: admin, teamId: empty.id }],
      ['DELETE', `${TEAMS}/${team.id}/roles/${admin}`],
      ['POST', `${USERS}/${manager.id}/roles`, { roleId: admin, teamId: empty.id }],
      ['POST', USERS, { email: 'puppet@acme.test', roleIds: [], teamIds: [team.id] }],
      ['POST', ROLES, { name: 'More', slug: 'more', permissions: ['clients:read'] }],
    ]
    for (const attempt of attempts) {
      expect([attempt, await statusOf(manager, ...attempt)]).toEqual([attempt, 403])
    }
    expect(JSON.stringify(await ok(api.owner, 'GET', `${TEAMS}/${team.id}`))).toBe(before)
    // Nor by a role within a team that would reach further.
    const extending = await api.addPerson(['teams:update'])
    const within = await createRole(['users:update'])
    await ok(api.owner, 'POST', `${USERS}/${extending.id}/roles`, { roleId: within.id, teamId: empty.id })
    const members = `${TEAMS}/${empty.id}/members`
    expect(await statusOf(extending, 'POST', members, { userId: person.id })).toBe(403)
    expect(await statusOf(manager, 'POST', members, { userId: person.id })).toBe(201)
    // A member of the team has its permissions: the manager changes no such account.
    await addMember(team, person)
    expect(await statusOf(manager, 'PATCH', `${USERS}/${person.id}`, { nickname: 'Nick' })).toBe(403)
  })
})

describe('the last owner', () => {
  /** An organisation with one owner, who has the role through a team or by themselves. */
  async function ownedBy(how: 'team' | 'user') {
    made += 1
    const organisation = await api.addOrganisation(`owned-${made}`)
    const [administrator, owner] = [await api.addPerson(['*'], organisation), await api.addPerson(['*'], organisation)]
    const now = api.clock.now()
    const role = { id: crypto.randomUUID(), organisationId: organisation.id, slug: 'owner', name: 'Owner' }
    await api.prisma.role.create({ data: { ...role, createdAt: now, updatedAt: now } })
    const team = await createTeam(administrator)
    await ok(administrator, 'POST', `${TEAMS}/${team.id}/members`, { userId: owner.id })
    const url = how === 'team' ? `${TEAMS}/${team.id}/roles` : `${USERS}/${owner.id}/roles`
    await ok(administrator, 'POST', url, { roleId: role.id })
    return { administrator, owner, role, team, url }
  }

  it.each(['team', 'user'] as const)('keeps the role that they have by a %s, whichever way is tried', async (how) => {
    const { administrator, owner, role, team, url } = await ownedBy(how)
    const user = `${USERS}/${owner.id}`
    const attempts: [Method, string, unknown?][] = [
      ['POST', url, { roleId: role.id, expiresAt: after(MINUTE) }],
      ['DELETE', `${url}/${role.id}`],
      ['POST', `${user}/suspend`, {}],
      ['PATCH', user, { blockedAt: after(0) }],
      ['DELETE', user],
      ['DELETE', `${user}?erase=true`],
    ]
    const ofTeam: [Method, string, unknown?][] = [
      ['DELETE', `${TEAMS}/${team.id}/members/${owner.id}`],
      ['DELETE', `${TEAMS}/${team.id}`],
    ]
    const all = how === 'team' ? [...attempts, ...ofTeam] : attempts
    const before = await api.prisma.auditEvent.count()
    expect(await Promise.all(all.map((attempt) => statusOf(administrator, ...attempt)))).toEqual(all.map(() => 409))
    expect(await api.prisma.auditEvent.count()).toBe(before)
    // A second owner whose role has an end does not count, one without does.
    const second = `${USERS}/${administrator.id}/roles`
    await ok(administrator, 'POST', second, { roleId: role.id, expiresAt: after(60 * MINUTE) })
    expect(await statusOf(administrator, 'POST', `${user}/suspend`, {})).toBe(409)
    await ok(administrator, 'POST', second, { roleId: role.id })
    expect(await statusOf(administrator, 'POST', `${user}/suspend`, {})).toBe(200)
  })

  it('is one of two, whose roles are taken at once in different ways', async () => {
    for (const how of ['team', 'user', 'team', 'user'] as const) {
      const { administrator, owner, role, team } = await ownedBy(how)
      const other = await api.addPerson(['*'], administrator.organisation)
      await ok(administrator, 'POST', `${USERS}/${other.id}/roles`, { roleId: role.id })
      const first = how === 'team' ? `${TEAMS}/${team.id}` : `${USERS}/${owner.id}`
      const statuses = await Promise.all([
        statusOf(administrator, 'DELETE', first),
        statusOf(administrator, 'POST', `${USERS}/${other.id}/roles`, { roleId: role.id, expiresAt: after(MINUTE) }),
      ])
      expect(statuses.filter((status) => status === 409)).toHaveLength(1)
      expect(statuses.filter((status) => status === 200 || status === 204)).toHaveLength(1)
    }
  })

  it('is replaced by a transfer, which only an owner makes', async () => {
    const { administrator, owner, role } = await ownedBy('user')
    const url = '/v1/admin/organisation/transfer-ownership'
    const { slug: confirm } = owner.organisation
    const transfer = { userId: administrator.id, confirm }
    expect(await statusOf(administrator, 'POST', url, { userId: owner.id, confirm })).toBe(403)
    expect(await statusOf(owner, 'POST', url, { ...transfer, confirm: 'other' })).toBe(400)
    expect(await statusOf(owner, 'POST', url, { ...transfer, userId: owner.id })).toBe(400)
    expect(await statusOf(owner, 'POST', url, { ...transfer, userId: api.owner.id })).toBe(404)
    await ok(owner, 'POST', `${USERS}/${administrator.id}/suspend`, {})
    expect(await statusOf(owner, 'POST', url, transfer)).toBe(400)
    await ok(owner, 'POST', `${USERS}/${administrator.id}/reactivate`)
    const statuses = await Promise.all([statusOf(owner, 'POST', url, transfer), statusOf(owner, 'POST', url, transfer)])
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 403])
    const holders = await api.prisma.roleAssignment.findMany({ where: { roleId: role.id } })
    expect(holders).toMatchObject([{ userId: administrator.id, grantedBy: owner.id, expiresAt: null }])
    expect(
      await api.prisma.auditEvent.findMany({ where: { type: 'organisation.ownership_transferred' } }),
    ).toMatchObject([{ metadata: { from: owner.id, to: administrator.id } }])
  })
})

describe('at once', () => {
  it('a role is given and deleted: it is either gone, or given', async () => {
    for (let round = 0; round < 8; round += 1) {
      const role = await createRole(['users:read'])
      const team = await createTeam()
      const person = await api.addPerson([])
      const [deleted, ...given] = await Promise.all([
        statusOf(api.owner, 'DELETE', `${ROLES}/${role.id}`),
        statusOf(api.owner, 'POST', `${USERS}/${person.id}/roles`, { roleId: role.id }),
        statusOf(api.owner, 'POST', `${TEAMS}/${team.id}/roles`, { roleId: role.id }),
      ])
      const stored = await api.prisma.roleAssignment.count({ where: { roleId: role.id } })
      const exists = await api.prisma.role.count({ where: { id: role.id } })
      expect(given.every((status) => status === 200 || status === 400)).toBe(true)
      expect({ deleted, stored, exists }).toEqual(
        deleted === 204
          ? { deleted, stored: 0, exists: 0 }
          : { deleted: 409, stored: given.filter((status) => status === 200).length, exists: 1 },
      )
    }
  })

  it('a member is added and the team deleted: no member is left of a team that is gone', async () => {
    for (let round = 0; round < 8; round += 1) {
      const team = await createTeam()
      const person = await api.addPerson([])
      const role = await createRole([])
      const [deleted, ...others] = await Promise.all([
        statusOf(api.owner, 'DELETE', `${TEAMS}/${team.id}`),
        statusOf(api.owner, 'POST', `${TEAMS}/${team.id}/members`, { userId: person.id }),
        statusOf(api.owner, 'POST', `${USERS}/${person.id}/roles`, { roleId: role.id, teamId: team.id }),
        statusOf(api.owner, 'POST', USERS, { email: `race-${round}@acme.test`, teamIds: [team.id] }),
      ])
      expect(deleted).toBe(204)
      expect(others.filter((status) => ![200, 201, 400, 404].includes(status))).toEqual([])
      expect(await api.prisma.teamMember.count({ where: { teamId: team.id } })).toBe(0)
      expect(await api.prisma.roleAssignment.count({ where: { withinTeamId: team.id } })).toBe(0)
    }
  })

  it('one role is given many times: it is stored once, with one event', async () => {
    const role = await createRole(['users:read'])
    const person = await api.addPerson([])
    const url = `${USERS}/${person.id}/roles`
    const answers = await Promise.all(Array.from({ length: 8 }, () => ok(api.owner, 'POST', url, { roleId: role.id })))
    expect(answers.filter(({ message }) => message === 'The user has the role now.')).toHaveLength(1)
    expect(await api.prisma.roleAssignment.count({ where: { roleId: role.id } })).toBe(1)
    const where = { type: 'user.role_assigned', resourceId: person.id }
    expect(await api.prisma.auditEvent.count({ where })).toBe(1)
  })
})
