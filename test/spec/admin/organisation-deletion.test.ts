// Suspending, deleting, restoring and purging an organisation that has one of each thing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api } from '../../support/api.ts'
import {
  createOrganisationFixture,
  issueCredentials,
  type IssuedCredentials,
  type OrganisationFixture,
} from '../../support/issued-credentials.ts'

const ORGANISATION = '/v1/admin/organisation'
const DAY = 86_400

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const system = (id: string) => `/v1/system/organisations/${id}`
const idOf = ({ tenant }: OrganisationFixture) => tenant.organisation.id
const setStatus = (fixture: OrganisationFixture, status: string) =>
  api.send(api.owner, 'PATCH', system(idOf(fixture)), { body: { status } })
const statusOf = async (fixture: OrganisationFixture) =>
  (await api.send(api.owner, 'GET', system(idOf(fixture)))).json<{ status: string; deletedAt: string | null }>()
const restore = (fixture: OrganisationFixture) => api.send(api.owner, 'POST', `${system(idOf(fixture))}/restore`)
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const me = (headers: Record<string, string>) => api.app.inject({ url: '/v1/me/profile', headers })
const emailOf = async ({ tenant }: OrganisationFixture) =>
  (await api.prisma.user.findUniqueOrThrow({ where: { id: tenant.person.id } })).email
const deleteOwn = (
  fixture: OrganisationFixture,
  cookie: string,
  body: object = { confirmDomain: fixture.tenant.organisation.slug },
) => api.app.inject({ method: 'DELETE', url: ORGANISATION, headers: { cookie }, payload: body })

/** An owner, as a new organisation has one, who is signed in. */
async function addOwner({ tenant, administrator }: OrganisationFixture): Promise<string> {
  const role = await api.prisma.role.create({
    data: {
      id: crypto.randomUUID(),
      organisationId: tenant.organisation.id,
      slug: 'owner',
      name: 'Owner',
      createdAt: new Date(),
      updatedAt: new Date(),
    },
  })
  const { id: organisationId } = tenant.organisation
  const data = { userId: administrator.id, roleId: role.id, organisationId, grantedAt: new Date() }
  await api.prisma.roleAssignment.create({ data })
  return administrator.cookie
}

/** That nothing works which was issued before. The client itself works. */
async function expectAllEnded({ rp }: OrganisationFixture, has: IssuedCredentials) {
  for (const token of [has.tokens.access_token, has.opaqueToken, has.machineToken, has.tokens.refresh_token]) {
    expect((await rp.introspect(token)).body).toBe('{"active":false}')
  }
  expect((await rp.userinfo(has.tokens.access_token)).statusCode).toBe(401)
  expect((await rp.refresh(has.tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  expect((await rp.exchange(has.code)).json()).toMatchObject({ error: 'invalid_grant' })
  expect((await me({ cookie: has.session.cookie })).statusCode).toBe(401)
  const url = rp.authorizeUrl({ prompt: 'none' })
  const silent = await api.app.inject({ url, headers: { cookie: has.session.cookie } })
  expect(String(silent.headers.location)).toContain('error=login_required')
}

describe('a suspended organisation', () => {
  let fixture: OrganisationFixture
  let has: IssuedCredentials
  beforeAll(async () => {
    fixture = await createOrganisationFixture(api)
    has = await issueCredentials(api, fixture)
  })

  it('has no sessions and no tokens from that moment on', async () => {
    const { rp } = fixture
    expect((await rp.introspect(has.machineToken)).json()).toMatchObject({ active: true })
    expect((await me({ cookie: has.session.cookie })).statusCode).toBe(200)
    expect((await setStatus(fixture, 'suspended')).statusCode).toBe(200)
    expect((await me({ cookie: has.session.cookie })).statusCode).toBe(401)
    expect((await rp.userinfo(has.tokens.access_token)).statusCode).toBe(401)
    expect((await me(bearer(has.tokens.access_token))).statusCode).toBe(401)
    expect((await rp.refresh(has.tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_client' })
    expect((await rp.exchange(has.code)).json()).toMatchObject({ error: 'invalid_client' })
    expect((await rp.exchange('', { grant_type: 'client_credentials' })).json()).toMatchObject({
      error: 'invalid_client',
    })
    expect((await rp.push()).json()).toMatchObject({ error: 'invalid_client' })
    for (const url of [rp.authorizeUrl(), has.pushedUrl]) {
      const page = await api.app.inject({ url, headers: { cookie: has.session.cookie } })
      expect([page.statusCode, page.body.includes('suspended or closed')]).toEqual([403, true])
    }
  })

  it('tells a user with the right password, on a page and as JSON, and no one else', async () => {
    const email = await emailOf(fixture)
    const signIn = async (password: string) => {
      const browser = api.browser()
      await browser.get('/auth/login')
      await browser.submit({ email, password }, 'sign-in')
      return browser.page.body
    }
    expect(await signIn(PASSWORD)).toContain('Your organisation is not available')
    expect(await signIn('a wrong password')).toContain('Incorrect email or password')
    const payload = { email, password: PASSWORD }
    const answer = await api.app.inject({ method: 'POST', url: '/v1/auth/login', payload })
    expect([answer.statusCode, answer.json<{ detail: string }>().detail]).toEqual([
      401,
      'The organisation of this account is suspended or closed. Contact its administrator.',
    ])
  })

  it('is let in again, and what ended stays ended', async () => {
    expect((await setStatus(fixture, 'active')).json()).toMatchObject({ status: 'active' })
    await expectAllEnded(fixture, has)
    const cookie = await api.signIn({ email: await emailOf(fixture), password: PASSWORD })
    expect((await me({ cookie })).statusCode).toBe(200)
    expect((await fixture.rp.exchange('', { grant_type: 'client_credentials', scope: 'api' })).statusCode).toBe(200)
    const sessions = await api.app.inject({ url: '/v1/me/sessions', headers: { cookie } })
    expect(sessions.json<{ data: unknown[] }>().data).toHaveLength(1)
  })
})

describe('DELETE /v1/admin/organisation', () => {
  let fixture: OrganisationFixture
  let has: IssuedCredentials
  let owner: string
  beforeAll(async () => {
    fixture = await createOrganisationFixture(api)
    has = await issueCredentials(api, fixture)
    owner = await addOwner(fixture)
  })

  it('needs the slug, an owner, and a sign-in', async () => {
    expect((await deleteOwn(fixture, owner, {})).statusCode).toBe(400)
    expect((await deleteOwn(fixture, owner, { confirmDomain: 'acme' })).statusCode).toBe(400)
    const everything = await api.addPerson(['*'], fixture.tenant.organisation)
    expect((await deleteOwn(fixture, everything.cookie)).statusCode).toBe(403)
    const manager = await api.addPerson(['organisation:update'], fixture.tenant.organisation)
    expect((await deleteOwn(fixture, manager.cookie)).statusCode).toBe(403)
    expect(await statusOf(fixture)).toMatchObject({ status: 'active', deletedAt: null })
  })

  it("does not delete the operator's organisation", async () => {
    const answer = await api.send(api.owner, 'DELETE', `${ORGANISATION}?confirmDomain=acme`)
    expect(answer.statusCode).toBe(409)
    const bySystem = `${system(api.owner.organisation.id)}?confirmDomain=acme`
    expect((await api.send(api.owner, 'DELETE', bySystem)).statusCode).toBe(409)
  })

  it('ends all access at once, and keeps the slug and the e-mail addresses', async () => {
    expect((await deleteOwn(fixture, owner)).statusCode).toBe(204)
    expect((await me({ cookie: owner })).statusCode).toBe(401)
    expect((await fixture.rp.userinfo(has.tokens.access_token)).statusCode).toBe(401)
    expect(await statusOf(fixture)).toMatchObject({ status: 'cancelled', deletedAt: expect.any(String) })
    const { slug } = fixture.tenant.organisation
    const body = { name: 'Heir', slug, owner: { email: 'heir@new.example' } }
    expect((await api.send(api.owner, 'POST', '/v1/organisations', { body })).statusCode).toBe(409)
    const user = { email: await emailOf(fixture) }
    expect((await api.send(api.owner, 'POST', '/v1/admin/users', { body: user })).statusCode).toBe(409)
    expect((await setStatus(fixture, 'active')).statusCode).toBe(409)
  })

  it('is undone by the operator, in the former status', async () => {
    expect((await restore(fixture)).json()).toMatchObject({ status: 'active', deletedAt: null })
    await expectAllEnded(fixture, has)
    expect((await restore(fixture)).statusCode).toBe(409)
    await setStatus(fixture, 'suspended')
    const { slug } = fixture.tenant.organisation
    const url = `${system(idOf(fixture))}?confirmDomain=${slug}`
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(204)
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(409)
    expect((await restore(fixture)).json()).toMatchObject({ status: 'suspended' })
    expect((await setStatus(fixture, 'active')).statusCode).toBe(200)
  })
})

describe('the purge', () => {
  /** Every table with rows of organisations, from the catalogue. */
  async function tablesOfOrganisations(): Promise<string[]> {
    const { rows } = await api.database.pool.query<{ name: string }>(
      `SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.column_name = 'organisation_id' AND c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  }
  async function rowsOf(organisationId: string): Promise<Record<string, number>> {
    const counted: [string, number][] = []
    for (const name of await tablesOfOrganisations()) {
      const text = `SELECT count(*)::int AS count FROM "${name}" WHERE organisation_id = $1`
      const { rows } = await api.database.pool.query<{ count: number }>(text, [organisationId])
      counted.push([name, rows[0]?.count ?? 0])
    }
    return Object.fromEntries(counted)
  }
  const filled = (counts: Record<string, number>) => Object.keys(counts).filter((name) => (counts[name] ?? 0) > 0)

  it('leaves no row of the organisation in any table after thirty days, and all rows of others', async () => {
    const fixture = await createOrganisationFixture(api)
    await issueCredentials(api, fixture)
    const neighbour = await createOrganisationFixture(api)
    await issueCredentials(api, neighbour)
    const owner = await addOwner(fixture)
    const email = await emailOf(fixture)
    // A user of the neighbour who is a member here, too.
    const joinedAt = api.clock.now()
    await api.prisma.membership.create({
      data: { userId: neighbour.tenant.person.id, organisationId: idOf(fixture), joinedAt, updatedAt: joinedAt },
    })
    expect((await deleteOwn(fixture, owner)).statusCode).toBe(204)

    api.clock.advance(29 * DAY)
    await api.repositories.sweep(api.clock.now())
    expect(filled(await rowsOf(idOf(fixture)))).toEqual(
      expect.arrayContaining([
        'audit_events',
        'client_secrets',
        'clients',
        'memberships',
        'role_assignments',
        'roles',
        'users',
      ]),
    )
    api.owner.cookie = await api.signIn()
    expect((await statusOf(fixture)).status).toBe('cancelled')

    api.clock.advance(DAY + 1)
    const kept = ['clients', 'users', 'roles', 'memberships', 'role_assignments', 'client_secrets']
    const before = await rowsOf(idOf(neighbour))
    await api.repositories.sweep(api.clock.now())
    expect(filled(await rowsOf(idOf(fixture)))).toEqual([])
    expect(await api.prisma.organisation.findUnique({ where: { id: idOf(fixture) } })).toBeNull()
    const after = await rowsOf(idOf(neighbour))
    expect(kept.map((name) => after[name])).toEqual(kept.map((name) => before[name]))
    expect(await api.prisma.auditEvent.findMany({ where: { type: 'organisation.purged' } })).toMatchObject([
      { organisationId: api.owner.organisation.id, resourceId: idOf(fixture) },
    ])

    api.owner.cookie = await api.signIn()
    expect((await restore(fixture)).statusCode).toBe(404)
    const body = { name: 'Heir', slug: fixture.tenant.organisation.slug, owner: { email } }
    expect((await api.send(api.owner, 'POST', '/v1/organisations', { body })).statusCode).toBe(201)
  })

  it('goes on where it was interrupted, and then restores nothing', async () => {
    const fixture = await createOrganisationFixture(api)
    const owner = await addOwner(fixture)
    await deleteOwn(fixture, owner)
    await api.prisma.organisation.update({
      where: { id: idOf(fixture) },
      data: { purgeStartedAt: api.clock.now() },
    })
    expect((await restore(fixture)).statusCode).toBe(409)
    api.clock.advance(31 * DAY)
    await api.repositories.sweep(api.clock.now())
    expect(filled(await rowsOf(idOf(fixture)))).toEqual([])
  })
})
