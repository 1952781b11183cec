import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { codeIn, openMailbox, type Mailbox } from '../../support/mailbox.ts'
import { REDIRECT_URI, relyingParty } from '../../support/relying-party.ts'

const DOMAINS = '/v1/admin/domains'
const MEMBERSHIPS = '/v1/admin/memberships'
const MINE = '/v1/me/memberships'

interface Organisation {
  id: string
  slug: string
}

let api: Api
let mailbox: Mailbox
let made = 0
beforeAll(async () => {
  mailbox = await openMailbox()
  // Every name has the record that a domain of this test would need.
  const records = new Map<string, string>()
  api = await createApi({
    mail: mailbox.transport,
    resolveTxt: async (name) => {
      const domain = name.replace('_cerberus-challenge.', '')
      const stored = await api.prisma.organisationDomain.findMany({ where: { domain } })
      for (const { token } of stored) records.set(token, `cerberus-domain-verification=${token}`)
      return { outcome: 'answered', records: [...records.values()] }
    },
  })
})
afterAll(async () => {
  await api.close()
  await mailbox.close()
})

/** An organisation with an administrator, a default role, and a verified domain with this policy. */
async function withDomain(policy: object) {
  const organisation = await api.addOrganisation(`org-${(made += 1)}`)
  const administrator = await api.addPerson(['*'], organisation)
  const role = await api.send(administrator, 'POST', '/v1/admin/roles', {
    body: { name: 'Reader', slug: 'reader', permissions: ['teams:read'], isDefault: true },
  })
  const domain = `acme-${made}.example`
  const { id } = (await api.send(administrator, 'POST', DOMAINS, { body: { domain } })).json<{ id: string }>()
  expect((await api.send(administrator, 'POST', `${DOMAINS}/${id}/verify`)).statusCode).toBe(200)
  const changed = await api.send(administrator, 'PATCH', `${DOMAINS}/${id}`, { body: policy })
  expect([changed.statusCode, changed.json()]).toEqual([200, expect.objectContaining(policy)])
  return { organisation, administrator, domain, roleId: role.json<{ id: string }>().id, url: `${DOMAINS}/${id}` }
}

/** A user whose address has the domain and is not verified. */
async function userOf(domain: string, home?: Organisation): Promise<Person & { email: string }> {
  const person = await api.addPerson([], home)
  const email = `person-${(made += 1)}@${domain}`
  await api.prisma.user.update({ where: { id: person.id }, data: { email, emailKey: email } })
  return { ...person, email }
}
async function confirm({ email }: { email: string }) {
  await api.send(undefined, 'POST', '/v1/auth/send-verification-email', { body: { email } })
  const code = codeIn(await mailbox.next(email))
  expect((await api.send(undefined, 'POST', '/v1/auth/verify-email', { body: { email, code } })).statusCode).toBe(200)
}
const mine = async (person: Person) =>
  (await api.send(person, 'GET', MINE)).json<{
    data: { organisation: Organisation; isHome: boolean; state: string; source: string }[]
    suggestions: { organisation: Organisation; domain: string }[]
  }>()
const isMember = async (person: Person, { id }: Organisation) =>
  (await mine(person)).data.some(({ organisation }) => organisation.id === id)
const join = (person: Person, { id }: Organisation) => api.send(person, 'POST', MINE, { body: { organisationId: id } })
/** Signs a user in at a new client of the organisation. Undefined where that is refused. */
async function signInAtClient(administrator: Person, person: Person & { email: string }): Promise<Person | undefined> {
  const created = await api.send(administrator, 'POST', '/v1/admin/clients', {
    body: {
      name: 'App',
      clientType: 'public',
      redirectUris: [REDIRECT_URI],
      scopes: ['openid'],
      requireConsent: false,
    },
  })
  const browser = api.browser()
  await browser.get(relyingParty(api, created.json()).authorizeUrl({ scope: 'openid' }))
  await browser.submit({ email: person.email, password: PASSWORD }, 'sign-in')
  const session = browser.cookies.get('cerb_sid')
  return session === undefined ? undefined : { ...person, cookie: `cerb_sid=${session}` }
}

describe('a domain that makes members automatically', () => {
  it('makes a user of the operator a member who confirms an address, with the default role', async () => {
    const { organisation, domain, administrator } = await withDomain({ membership: 'automatic' })
    const person = await userOf(domain)
    expect(await isMember(person, organisation)).toBe(false)
    await confirm(person)
    expect((await mine(person)).data).toMatchObject([
      { isHome: true, source: 'local' },
      { organisation: { slug: organisation.slug }, isHome: false, state: 'active', source: 'domain' },
    ])
    const event = await api.prisma.auditEvent.findFirstOrThrow({
      where: { type: 'membership.joined', organisationId: organisation.id },
    })
    expect(event).toMatchObject({ userId: person.id, metadata: { domain }, ipAddress: '127.0.0.1' })
    const guest = await signInAtClient(administrator, person)
    expect((await api.send(guest, 'GET', '/v1/admin/teams')).statusCode).toBe(200)
    expect((await api.send(guest, 'GET', '/v1/admin/users')).statusCode).toBe(403)
    const listed = await api.send(administrator, 'GET', `${MEMBERSHIPS}?search=${person.email}`)
    expect(listed.json()).toMatchObject({ data: [{ userId: person.id, homeOrganisation: { slug: 'acme' } }] })
  })

  it('gives the role of the domain', async () => {
    const { organisation, domain, administrator, url } = await withDomain({ membership: 'automatic' })
    const body = { name: 'Clients', slug: 'clients', permissions: ['clients:read'] }
    const role = (await api.send(administrator, 'POST', '/v1/admin/roles', { body })).json<{ id: string }>()
    expect((await api.send(administrator, 'PATCH', url, { body: { roleId: role.id } })).statusCode).toBe(200)
    const person = await userOf(domain)
    await confirm(person)
    const given = await api.prisma.roleAssignment.findMany({
      where: { userId: person.id, organisationId: organisation.id },
    })
    expect(given).toMatchObject([{ roleId: role.id }])
  })

  it('is no reason to trust the administrators of other organisations', async () => {
    const { organisation, domain, administrator, url } = await withDomain({ membership: 'automatic' })
    const home = await api.addOrganisation(`home-${made}`)
    const person = await userOf(domain, home)
    await confirm(person)
    expect(await mine(person)).toMatchObject({ data: [{ isHome: true }], suggestions: [] })
    expect((await join(person, organisation)).statusCode).toBe(404)
    await api.send(administrator, 'PATCH', url, { body: { fromAnyOrganisation: true } })
    expect((await join(person, organisation)).statusCode).toBe(201)
  })

  it('does not count an address that an administrator declared verified, or that has changed since', async () => {
    const { organisation, domain } = await withDomain({ membership: 'automatic' })
    const declared = await userOf(domain)
    await api.prisma.user.update({ where: { id: declared.id }, data: { emailVerified: true } })
    expect((await join(declared, organisation)).statusCode).toBe(404)
    const moved = await userOf('elsewhere.example')
    await confirm(moved)
    const email = `moved@${domain}`
    await api.prisma.user.update({ where: { id: moved.id }, data: { email, emailKey: email } })
    expect((await mine(moved)).suggestions).toEqual([])
    expect((await join(moved, organisation)).statusCode).toBe(404)
  })
})

describe('a domain that suggests membership', () => {
  it('lets users join once, leave, and join again', async () => {
    const { organisation, domain, administrator } = await withDomain({ membership: 'suggested' })
    const person = await userOf(domain)
    expect((await join(person, organisation)).statusCode).toBe(404)
    await confirm(person)
    expect(await mine(person)).toMatchObject({
      data: [{ isHome: true }],
      suggestions: [{ organisation: { id: organisation.id, slug: organisation.slug }, domain }],
    })
    const joined = await Promise.all([join(person, organisation), join(person, organisation)])
    expect(joined.map(({ statusCode }) => statusCode).toSorted((one, other) => one - other)).toEqual([201, 404])
    expect((await mine(person)).suggestions).toEqual([])
    const leave = () => api.send(person, 'DELETE', `${MINE}/${organisation.id}`)
    expect([(await leave()).statusCode, (await leave()).statusCode]).toEqual([204, 404])
    expect(await signInAtClient(administrator, person)).toBeUndefined()
    expect((await api.send(person, 'DELETE', `${MINE}/${person.organisation.id}`)).statusCode).toBe(404)
    expect((await join(person, organisation)).statusCode).toBe(201)
  })

  it('needs a caller who holds the role of new members', async () => {
    const { organisation, url, roleId } = await withDomain({ membership: 'none' })
    const some = await api.addPerson(['domains:*'], organisation)
    const patch = async (body: object) => (await api.send(some, 'PATCH', url, { body })).statusCode
    expect(await patch({ membership: 'suggested' })).toBe(403)
    expect(await patch({ roleId })).toBe(403)
    expect(await patch({ roleId: some.id })).toBe(400)
    expect(await patch({ membership: 'all' })).toBe(400)
    const dryRun = await api.send(some, 'PATCH', `${url}?dryRun=true`, { body: { fromAnyOrganisation: true } })
    expect(dryRun.json()).toMatchObject({ changes: [{ member: 'fromAnyOrganisation', from: false, to: true }] })
  })
})

describe('members from other organisations', () => {
  it('are suspended, cannot leave and join again then, and are removed', async () => {
    const { organisation, domain, administrator } = await withDomain({ membership: 'suggested' })
    const person = await userOf(domain)
    await confirm(person)
    await join(person, organisation)
    const guest = await signInAtClient(administrator, person)
    const statusThere = async () => (await api.send(guest, 'GET', '/v1/admin/teams')).statusCode
    expect(await statusThere()).toBe(200)
    const url = `${MEMBERSHIPS}/${person.id}`
    const limited = await api.addPerson(['users:*'], organisation)
    expect((await api.send(limited, 'POST', `${url}/suspend`, { body: {} })).statusCode).toBe(403)
    const suspended = await api.send(administrator, 'POST', `${url}/suspend`, { body: { reason: 'Left' } })
    expect(suspended.json()).toMatchObject({ state: 'suspended', suspendedReason: 'Left' })
    expect(await statusThere()).toBe(401)
    expect((await api.send(person, 'DELETE', `${MINE}/${organisation.id}`)).statusCode).toBe(404)
    expect((await join(person, organisation)).statusCode).toBe(404)
    expect((await api.send(administrator, 'POST', `${url}/reactivate`)).json()).toMatchObject({ state: 'active' })
    expect((await api.send(administrator, 'POST', `${url}/reactivate`)).statusCode).toBe(409)
    expect((await api.send(administrator, 'DELETE', url)).statusCode).toBe(204)
    expect((await api.send(administrator, 'DELETE', url)).statusCode).toBe(404)
    const roles = { userId: person.id, organisationId: organisation.id }
    expect(await api.prisma.roleAssignment.count({ where: roles })).toBe(0)
    // The account, and its own members, belong to the home organisation.
    expect((await api.send(administrator, 'DELETE', `${MEMBERSHIPS}/${administrator.id}`)).statusCode).toBe(404)
    expect((await mine(person)).data).toMatchObject([{ isHome: true, state: 'active' }])
  })
  it('get roles from administrators who hold the permissions, and lose them', async () => {
    const { organisation, domain, administrator, roleId } = await withDomain({ membership: 'suggested' })
    const person = await userOf(domain)
    await confirm(person)
    await join(person, organisation)
    const url = `${MEMBERSHIPS}/${person.id}`
    const body = { name: 'Clients', slug: 'clients', permissions: ['clients:read'] }
    const role = (await api.send(administrator, 'POST', '/v1/admin/roles', { body })).json<{ id: string }>()
    const give = (as: Person, given: object) => api.send(as, 'POST', `${url}/roles`, { body: given })
    const limited = await api.addPerson(['users:*'], organisation)
    expect((await give(limited, { roleId: role.id })).statusCode).toBe(403)
    expect((await give(api.owner, { roleId: role.id })).statusCode).toBe(404)
    expect((await give(administrator, { roleId: role.id })).json()).toMatchObject({
      message: expect.stringContaining('now'),
    })
    expect((await give(administrator, { roleId: role.id })).statusCode).toBe(200)
    const guest = await signInAtClient(administrator, person)
    const clients = async () => (await api.send(guest, 'GET', '/v1/admin/clients')).statusCode
    expect(await clients()).toBe(200)
    expect((await api.send(administrator, 'GET', url)).json()).toMatchObject({
      roles: [{ slug: 'clients' }, { id: roleId }],
      teams: [],
    })
    const listed = (await api.send(administrator, 'GET', `${url}/roles`)).json<{ data: unknown[] }>()
    expect(listed.data).toMatchObject([
      { role: { slug: 'clients' }, grantedBy: administrator.id },
      { role: { id: roleId } },
    ])
    expect((await api.send(limited, 'DELETE', `${url}/roles/${role.id}`)).statusCode).toBe(403)
    expect((await api.send(administrator, 'DELETE', `${url}/roles/${role.id}`)).statusCode).toBe(200)
    expect(await clients()).toBe(403)
    const unknown = `${MEMBERSHIPS}/${administrator.id}/roles`
    expect((await api.send(administrator, 'POST', unknown, { body: { roleId } })).statusCode).toBe(404)
  })

  it('are administered by those whose role is limited to their team', async () => {
    const { organisation, domain, administrator, roleId } = await withDomain({ membership: 'suggested' })
    const [person, other] = [await userOf(domain), await userOf(domain)]
    for (const one of [person, other]) {
      await confirm(one)
      await join(one, organisation)
    }
    const post = async (url: string, body: object) =>
      (await api.send(administrator, 'POST', url, { body })).json<{ id: string }>()
    const team = await post('/v1/admin/teams', { name: 'Team', slug: 'team' })
    const added = await api.send(administrator, 'POST', `/v1/admin/teams/${team.id}/members`, {
      body: { userIds: [person.id] },
    })
    expect(added.statusCode).toBe(201)
    const role = await post('/v1/admin/roles', {
      name: 'Lead',
      slug: 'lead',
      permissions: ['users:read', 'users:update', 'teams:read'],
    })
    const lead = await api.addPerson([], organisation)
    const limit = { roleId: role.id, teamId: team.id }
    expect(
      (await api.send(administrator, 'POST', `/v1/admin/users/${lead.id}/roles`, { body: limit })).statusCode,
    ).toBe(200)
    const list = (await api.send(lead, 'GET', MEMBERSHIPS)).json<{ data: { userId: string }[]; total: number }>()
    expect(list.data.map(({ userId }) => userId)).toEqual([person.id])
    const give = async (id: string, body: object) =>
      (await api.send(lead, 'POST', `${MEMBERSHIPS}/${id}/roles`, { body })).statusCode
    expect(await give(other.id, { roleId, teamId: team.id })).toBe(404)
    expect(await give(person.id, { roleId })).toBe(400)
    expect(await give(person.id, { roleId, teamId: team.id })).toBe(200)
    const suspend = async (id: string) =>
      (await api.send(lead, 'POST', `${MEMBERSHIPS}/${id}/suspend`, { body: {} })).statusCode
    // The role of new members counts in the whole organisation, where the lead holds nothing.
    expect([await suspend(other.id), await suspend(person.id)]).toEqual([404, 403])
    await api.send(administrator, 'DELETE', `${MEMBERSHIPS}/${person.id}/roles/${roleId}`)
    expect(await suspend(person.id)).toBe(200)
    expect((await api.send(lead, 'DELETE', `${MEMBERSHIPS}/${person.id}`)).statusCode).toBe(403)
  })
})
