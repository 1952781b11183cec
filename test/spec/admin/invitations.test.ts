import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../support/api.ts'
import { createTestApp } from '../../support/app.ts'

const INVITATIONS = '/v1/admin/invitations'
const DAY = 86_400
const GOOD = 'a long enough passphrase'

interface Issued {
  id: string
  email: string
  status: string
  link: string
  roles: { slug: string }[]
  expiresAt: string
}

let api: Api
let count = 0
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const address = () => `guest-${(count += 1)}@example.test`
const create = (body: object, as: Person = api.owner) => api.send(as, 'POST', INVITATIONS, { body })
async function invite(body: object = {}, as: Person = api.owner): Promise<Issued> {
  const answer = await create({ email: address(), ...body }, as)
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
const tokenOf = ({ link }: { link: string }) => new URL(link).searchParams.get('token') ?? ''
const look = (token: string) => api.send(undefined, 'GET', `/v1/public/invitations/${token}`)
const accept = (token: string, body: object = {}) =>
  api.send(undefined, 'POST', `/v1/public/invitations/${token}/accept`, {
    body: { firstName: 'Grace', lastName: 'Hopper', password: GOOD, ...body },
  })
const shown = async ({ id }: { id: string }) =>
  (await api.send(api.owner, 'GET', `${INVITATIONS}/${id}`)).json<Issued>()
const roleOf = async (slug: string) =>
  api.prisma.role.findFirstOrThrow({ where: { slug, organisationId: api.owner.organisation.id } })

describe('inviting', () => {
  it('returns a link once, with the default role, for seven days', async () => {
    const invitation = await invite()
    const { link, ...rest } = invitation
    expect(link).toMatch(/^https:\/\/auth\.example\.com\/invitation\?token=inv_[A-Za-z0-9_-]{43}$/)
    expect(rest).toMatchObject({
      status: 'pending',
      role: 'Staff',
      roleDetails: { slug: 'staff' },
      roles: [{ slug: 'staff' }],
      teamIds: [],
      invitedBy: { id: api.owner.id },
      acceptedAt: null,
    })
    expect(Math.round((Date.parse(rest.expiresAt) - api.clock.now().getTime()) / DAY / 1000)).toBe(7)
    expect(await shown(invitation)).toEqual(rest)
    const rows = await api.prisma.$queryRaw`SELECT * FROM invitations`
    expect(JSON.stringify(rows)).not.toContain(tokenOf(invitation).slice(4))
    expect(api.logs.join('')).not.toContain(tokenOf(invitation).slice(4))
  })

  it('needs the permissions of the roles, and of the roles of the teams', async () => {
    const admin = await roleOf('admin')
    const manager = await api.addPerson(['invitations:create', 'users:read'])
    expect((await create({ email: address(), roleId: admin.id }, manager)).statusCode).toBe(403)
    const team = await api.send(api.owner, 'POST', '/v1/admin/teams', {
      body: { name: 'Operators', slug: 'operators' },
    })
    const { id: teamId } = team.json<{ id: string }>()
    await api.send(api.owner, 'POST', `/v1/admin/teams/${teamId}/roles`, { body: { roleId: admin.id } })
    const everything = await api.addPerson([
      'organisation:read',
      'users:*',
      'roles:*',
      'permissions:*',
      'teams:*',
      'invitations:*',
    ])
    expect((await create({ email: address() }, everything)).statusCode).toBe(201)
    expect((await create({ email: address(), teamIds: [teamId] }, everything)).statusCode).toBe(403)
    expect((await create({ email: address(), teamIds: [teamId] })).statusCode).toBe(201)
  })

  it('needs the permissions of roles that are limited to the teams', async () => {
    const team = await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Watched', slug: 'watched' } })
    const { id: teamId } = team.json<{ id: string }>()
    const delegate = await api.addPerson([])
    const body = { roleId: (await roleOf('admin')).id, teamId }
    const assigned = await api.send(api.owner, 'POST', `/v1/admin/users/${delegate.id}/roles`, { body })
    expect(assigned.statusCode).toBe(200)
    const held = ['organisation:read', 'users:*', 'roles:*', 'permissions:*', 'teams:*', 'invitations:*']
    const inviter = await api.addPerson(held)
    expect((await create({ email: address(), teamIds: [teamId] }, inviter)).statusCode).toBe(403)
    expect((await create({ email: address(), teamIds: [teamId] })).statusCode).toBe(201)
  })

  it('is refused for an address with an account or an open invitation, and for unknown roles and teams', async () => {
    const { email } = await invite()
    const unknown = '0193a1c2-7b5e-7000-8000-000000000001'
    expect((await create({ email: email.toUpperCase() })).statusCode).toBe(409)
    const owner = await api.prisma.user.findUniqueOrThrow({ where: { id: api.owner.id } })
    expect((await create({ email: owner.email })).statusCode).toBe(409)
    expect((await create({ email: address(), roleIds: [unknown] })).statusCode).toBe(400)
    expect((await create({ email: address(), teamIds: [unknown] })).statusCode).toBe(400)
    expect((await create({ email: 'no address' })).statusCode).toBe(400)
    expect((await create({ email: address(), expiresInDays: 31 })).statusCode).toBe(400)
  })

  it('may be repeated when the first has expired or was revoked', async () => {
    const { email, id } = await invite({ expiresInDays: 1 })
    expect((await api.send(api.owner, 'DELETE', `${INVITATIONS}/${id}`)).statusCode).toBe(204)
    const second = await invite({ email, expiresInDays: 1 })
    await api.prisma.invitation.update({ where: { id: second.id }, data: { expiresAt: api.clock.now() } })
    expect((await shown(second)).status).toBe('expired')
    expect((await create({ email })).statusCode).toBe(201)
    expect((await shown(second)).status).toBe('revoked')
  })
})

describe('accepting an invitation', () => {
  it('creates a user with name, roles and teams, who can sign in', async () => {
    const { id: teamId } = (
      await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Guests', slug: 'guests' } })
    ).json<{ id: string }>()
    const invitation = await invite({ roleIds: [(await roleOf('manager')).id], teamIds: [teamId] })
    const token = tokenOf(invitation)
    expect((await look(token)).json()).toMatchObject({
      email: invitation.email,
      organisationName: expect.any(String),
      expiresAt: invitation.expiresAt,
    })
    const answer = await accept(token, { email: invitation.email.toUpperCase() })
    expect(answer.statusCode).toBe(201)
    const { user } = answer.json<{ user: { id: string; email: string; name: string } }>()
    expect(user).toMatchObject({ email: invitation.email, name: 'Grace Hopper' })
    await api.signIn({ email: invitation.email, password: GOOD })
    expect(await api.prisma.user.findUnique({ where: { id: user.id } })).toMatchObject({ name: 'Grace Hopper' })
    expect((await api.send(api.owner, 'GET', `/v1/admin/users/${user.id}`)).json()).toMatchObject({
      firstName: 'Grace',
      roles: [{ slug: 'manager' }],
      teams: [{ id: teamId }],
    })
    expect(await shown(invitation)).toMatchObject({ status: 'accepted', acceptedBy: user.id })
    expect((await api.events()).at(-1)).toMatchObject({ type: 'invitation.accepted', userId: user.id })
  })

  it('happens once, however many try at the same time', async () => {
    const token = tokenOf(await invite())
    const answers = await Promise.all(Array.from({ length: 8 }, () => accept(token)))
    expect(answers.map(({ statusCode }) => statusCode).sort((one, other) => one - other)).toEqual([
      201, 404, 404, 404, 404, 404, 404, 404,
    ])
    expect((await look(token)).statusCode).toBe(404)
  })

  it('leaves out roles and teams that are gone', async () => {
    const role = (
      await api.send(api.owner, 'POST', '/v1/admin/roles', { body: { name: 'Short', slug: 'short', permissions: [] } })
    ).json<{ id: string }>()
    const invitation = await invite({ roleIds: [role.id] })
    expect((await api.send(api.owner, 'DELETE', `/v1/admin/roles/${role.id}`)).statusCode).toBeLessThan(300)
    expect((await accept(tokenOf(invitation))).statusCode).toBe(201)
    expect((await shown(invitation)).roles).toEqual([])
  })

  it('needs the address that was invited and a good password, and stays open otherwise', async () => {
    const token = tokenOf(await invite())
    expect((await accept(token, { email: 'another@example.test' })).statusCode).toBe(400)
    expect((await accept(token, { password: 'short' })).statusCode).toBe(400)
    expect((await accept(token, { password: 'password1234' })).statusCode).toBe(400)
    expect((await accept(token)).statusCode).toBe(201)
  })

  it('fails without the account of the address, and leaves nothing behind', async () => {
    const invitation = await invite()
    const created = await api.send(api.owner, 'POST', '/v1/admin/users', { body: { email: invitation.email } })
    expect(created.statusCode).toBe(201)
    expect((await accept(tokenOf(invitation))).statusCode).toBe(409)
    expect((await shown(invitation)).status).toBe('pending')
  })

  it.each([
    ['revoked', async ({ id }: Issued) => api.send(api.owner, 'DELETE', `${INVITATIONS}/${id}`)],
    ['renewed', async ({ id }: Issued) => api.send(api.owner, 'POST', `${INVITATIONS}/${id}/resend`)],
    [
      'expired',
      async ({ id }: Issued) => api.prisma.invitation.update({ where: { id }, data: { expiresAt: api.clock.now() } }),
    ],
  ])('is not possible by the link of an invitation that was %s', async (_, end) => {
    const invitation = await invite()
    await end(invitation)
    expect((await look(tokenOf(invitation))).statusCode).toBe(404)
    expect((await accept(tokenOf(invitation))).statusCode).toBe(404)
  })

  it('is possible by the new link of a renewed one', async () => {
    const answer = await api.send(api.owner, 'POST', `${INVITATIONS}/${(await invite()).id}/resend`)
    const { invitation } = answer.json<{ invitation: Issued }>()
    expect((await accept(tokenOf(invitation))).statusCode).toBe(201)
    expect((await api.send(api.owner, 'POST', `${INVITATIONS}/${invitation.id}/resend`)).statusCode).toBe(409)
    expect((await api.send(api.owner, 'DELETE', `${INVITATIONS}/${invitation.id}`)).statusCode).toBe(409)
  })

  it('is limited by network', async () => {
    const limited = await createTestApp()
    const ask = () => limited.app.inject(`/v1/public/invitations/inv_${'x'.repeat(43)}`)
    const statuses: number[] = []
    for (let attempt = 0; attempt < 11; attempt += 1) statuses.push((await ask()).statusCode)
    expect(statuses).toEqual([...Array<number>(10).fill(404), 429])
    await limited.close()
  })
})

describe('the page of an invitation', () => {
  it('creates the account and signs in', async () => {
    const invitation = await invite()
    const browser = api.browser()
    await browser.get(`/invitation?token=${tokenOf(invitation)}`)
    expect(browser.page.body).toContain(invitation.email)
    await browser.submit({ given_name: 'Grace', family_name: 'Hopper', new_password: 'short' }, 'accept')
    expect(browser.page.statusCode).toBe(400)
    expect(browser.page.body).toContain('value="Grace"')
    await browser.submit({ given_name: 'Grace', family_name: 'Hopper', new_password: GOOD }, 'accept')
    expect([browser.page.statusCode, browser.url]).toEqual([200, expect.stringContaining('/auth/login')])
    expect(browser.page.body).toContain('Grace Hopper')
    await browser.get(`/invitation?token=${tokenOf(invitation)}`)
    expect(browser.page.statusCode).toBe(404)
  })

  it('accepts no form of another site, and none without a password', async () => {
    const token = tokenOf(await invite())
    const send = (form: Record<string, string>) =>
      api.app.inject({
        method: 'POST',
        url: '/invitation',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({ token, ...form }).toString(),
      })
    expect((await send({ given_name: 'G', family_name: 'H', new_password: GOOD })).statusCode).toBe(403)
    expect((await look(token)).statusCode).toBe(200)
    const browser = api.browser()
    await browser.get(`/invitation?token=${token}`)
    await browser.submit({ given_name: 'Grace', family_name: 'Hopper' }, 'accept')
    expect(browser.page.statusCode).toBe(400)
  })
})

describe('inviting an address that has an account in another organisation', () => {
  // A network may look at ten invitations in 15 minutes.
  beforeEach(() => api.clock.advance(901))

  /** A user of another organisation, an invitation of their address, and its token. */
  async function inviteUser(body: object = {}) {
    const home = await api.addOrganisation(`home-${(count += 1)}`)
    const person = await api.addPerson([], home)
    const { email } = await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } })
    const invitation = await invite({ email: email.toUpperCase(), ...body })
    return { person, email, invitation, token: tokenOf(invitation) }
  }
  const acceptAs = (person: Person | undefined, token: string) =>
    api.send(person, 'POST', '/v1/me/invitations/accept', { body: { token } })
  const rolesOf = (person: Person) =>
    api.prisma.roleAssignment.findMany({
      where: { userId: person.id, organisationId: api.owner.organisation.id },
      include: { role: true },
    })

  it('makes the signed-in account a member with the roles and teams, once', async () => {
    const { id: teamId } = (
      await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Joiners', slug: 'joiners' } })
    ).json<{ id: string }>()
    const { person, token, invitation } = await inviteUser({
      roleIds: [(await roleOf('manager')).id],
      teamIds: [teamId],
    })
    expect((await look(token)).json()).toMatchObject({ hasAccount: true })
    expect((await accept(token)).statusCode).toBe(409)
    const answers = await Promise.all(Array.from({ length: 4 }, () => acceptAs(person, token)))
    expect(answers.map(({ statusCode }) => statusCode).toSorted((one, other) => one - other)).toEqual([
      201, 404, 404, 404,
    ])
    expect(await rolesOf(person)).toMatchObject([{ role: { slug: 'manager' }, grantedBy: api.owner.id }])
    expect(await api.prisma.teamMember.count({ where: { userId: person.id, teamId } })).toBe(1)
    const guests = await api.send(api.owner, 'GET', `/v1/admin/memberships?search=${invitation.email}`)
    expect(guests.json()).toMatchObject({ data: [{ userId: person.id, source: 'invitation', state: 'active' }] })
    expect(await shown(invitation)).toMatchObject({ status: 'accepted', acceptedBy: person.id })
    const events = (await api.events()).slice(-2)
    expect(events.map(({ type }) => type)).toEqual(['invitation.accepted', 'membership.joined'])
    expect(events.every(({ organisationId }) => organisationId === api.owner.organisation.id)).toBe(true)
    expect((await create({ email: invitation.email })).statusCode).toBe(409)
    expect((await api.send(person, 'GET', '/v1/me/memberships')).json()).toMatchObject({
      data: [{ isHome: true }, { source: 'invitation' }],
    })
  })

  it('needs the account of the address, signed in', async () => {
    const { token } = await inviteUser()
    const { person } = await inviteUser()
    expect((await acceptAs(undefined, token)).statusCode).toBe(401)
    expect((await acceptAs(person, token)).statusCode).toBe(403)
    expect((await acceptAs(person, 'inv_unknown')).statusCode).toBe(404)
    expect((await look(token)).statusCode).toBe(200)
  })

  it('is a conflict for a member, and keeps the invitation', async () => {
    const { person, token, invitation } = await inviteUser()
    const membership = { userId: person.id, organisationId: api.owner.organisation.id, source: 'domain' }
    const now = api.clock.now()
    await api.prisma.membership.create({ data: { ...membership, joinedAt: now, updatedAt: now } })
    expect((await acceptAs(person, token)).statusCode).toBe(409)
    expect((await shown(invitation)).status).toBe('pending')
    expect(await rolesOf(person)).toEqual([])
  })

  it('is accepted on the page, after signing in with the account', async () => {
    const { person, email, token } = await inviteUser()
    const browser = api.browser()
    await browser.get(`/invitation?token=${token}`)
    expect(browser.page.body).toContain(email.toUpperCase())
    expect(browser.page.body).not.toContain('new_password')
    const signIn = /href="([^"]*auth\/login[^"]*)"/.exec(browser.page.body)?.[1] ?? ''
    await browser.get(signIn.replaceAll('&amp;', '&'))
    await browser.submit({ email, password: PASSWORD }, 'sign-in')
    expect(browser.url).toContain(`/invitation?token=${token}`)
    await browser.submit({}, 'join')
    expect([browser.page.statusCode, browser.page.body]).toEqual([200, expect.stringContaining('You have joined')])
    expect(await rolesOf(person)).toMatchObject([{ role: { slug: 'staff' } }])
    await browser.get(`/invitation?token=${token}`)
    expect(browser.page.statusCode).toBe(404)
  })

  it('takes no form of another site, and returns after a sign-in to no other address', async () => {
    const { token } = await inviteUser()
    const payload = new URLSearchParams({ token, action: 'join' }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await api.app.inject({ method: 'POST', url: '/invitation', headers, payload })).statusCode).toBe(403)
    const login = await api.app.inject(
      `/auth/login?${new URLSearchParams({ return_to: '/invitation?token=a&b=//evil' })}`,
    )
    expect(login.body).not.toContain('return_to')
  })
})

describe('inviting many at once', () => {
  interface Answer {
    counts: Record<string, number>
    invitations: { outcome: string; id?: string; link?: string; reason?: string }[]
  }
  const send = (invitations: unknown, query = '', as: Person = api.owner) =>
    api.send(as, 'POST', `${INVITATIONS}/import${query}`, { body: { invitations } })

  it('has a result for each, and can be repeated', async () => {
    const pending = await invite()
    const owner = await api.prisma.user.findUniqueOrThrow({ where: { id: api.owner.id } })
    const [one, two] = [address(), address()]
    const lines = [
      { email: one, roles: ['manager'], expiresInDays: 2 },
      { email: two },
      { email: one.toUpperCase() },
      { email: pending.email },
      { email: owner.email },
      { email: address(), roles: ['unknown'] },
      { email: 'no address', colour: 'red' },
      'text',
    ]
    const outcomes = ['created', 'created', 'failed', 'unchanged', 'unchanged', 'failed', 'failed', 'failed']
    const before = await api.prisma.invitation.count()
    const planned = (await send(lines, '?dryRun=true')).json<Answer>()
    expect(planned).toMatchObject({ dryRun: true, counts: { created: 2, unchanged: 2, failed: 4 } })
    expect(planned.invitations.map(({ outcome }) => outcome)).toEqual(outcomes)
    expect(await api.prisma.invitation.count()).toBe(before)

    const { invitations } = (await send(lines)).json<Answer>()
    expect(invitations.map(({ outcome }) => outcome)).toEqual(outcomes)
    expect(invitations[3]).toMatchObject({ id: pending.id })
    expect(invitations[5]?.reason).toContain('"unknown" is not one')
    expect(invitations[6]?.reason).toContain('colour')
    const first = await shown({ id: invitations[0]?.id ?? '' })
    expect(first).toMatchObject({ email: one, roles: [{ slug: 'manager' }] })
    expect(Math.round((Date.parse(first.expiresAt) - api.clock.now().getTime()) / DAY / 1000)).toBe(2)
    expect((await accept(tokenOf({ link: invitations[1]?.link ?? '' }))).statusCode).toBe(201)

    const repeated = (await send(lines.slice(0, 2))).json<Answer>()
    expect(repeated).toMatchObject({ counts: { created: 0, unchanged: 2, failed: 0 } })
  })

  it('needs the permissions of the roles, for each', async () => {
    const some = await api.addPerson(['invitations:create'])
    const answer = await send([{ email: address(), roles: ['admin'] }], '', some)
    expect(answer.json()).toMatchObject({ counts: { created: 0, failed: 1 } })
    expect((await send([{ email: address() }], '', await api.addPerson(['invitations:read']))).statusCode).toBe(403)
    const many = Array.from({ length: 201 }, () => ({ email: address() }))
    expect([(await send(many)).statusCode, (await send([])).statusCode, (await send({})).statusCode]).toEqual([
      400, 400, 400,
    ])
  })
})

it('invitations are listed newest first, by address and status', async () => {
  const organisation = await api.addOrganisation('inviting')
  const person = await api.addPerson(['*'], organisation)
  const one = await invite({ email: 'first@inviting.test', roleIds: [] }, person)
  const two = await invite({ email: 'second@inviting.test' }, person)
  const list = async (query: string) =>
    (await api.send(person, 'GET', `${INVITATIONS}?${query}`)).json<{ data: Issued[] }>().data.map(({ id }) => id)
  expect(await list('')).toEqual([two.id, one.id])
  expect(await list('search=FIRST')).toEqual([one.id])
  await api.send(person, 'DELETE', `${INVITATIONS}/${one.id}`)
  expect(await list('status=pending')).toEqual([two.id])
  expect(await list('status=revoked')).toEqual([one.id])
  expect((await api.send(api.owner, 'GET', `${INVITATIONS}/${one.id}`)).statusCode).toBe(404)
})
