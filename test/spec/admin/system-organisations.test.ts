import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

const ORGANISATIONS = '/v1/organisations'
const PASSWORD = 'a password for the new owner'

interface Created {
  id: string
  slug: string
  status: string
  owner: { id: string; email: string; name: string }
  ownerPassword: string | null
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

let made = 0
const nextEmail = () => `owner-${(made += 1)}@new.example`
const create = (body: object = {}) =>
  api.send(api.owner, 'POST', ORGANISATIONS, { body: { name: 'New', owner: { email: nextEmail() }, ...body } })
async function createOrganisation(body: object = {}): Promise<Created> {
  const answer = await create(body)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json<Created>()
}
const system = (id: string) => `/v1/system/organisations/${id}`
const get = (id: string) => api.send(api.owner, 'GET', system(id))
const patch = (id: string, body: unknown, query = '') => api.send(api.owner, 'PATCH', `${system(id)}${query}`, { body })
const signIn = (email: string, password: string) =>
  api.app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email, password } })
const eventsOf = (organisationId: string) =>
  api.prisma.auditEvent.findMany({
    where: { organisationId, type: { startsWith: 'organisation.' } },
    orderBy: { id: 'asc' },
    select: { type: true, userId: true, resourceId: true, ipAddress: true },
  })

describe('POST /v1/organisations', () => {
  it('creates an organisation whose owner signs in and administers it', async () => {
    const answer = await create({
      name: 'Söhne & Co.',
      owner: { email: 'ada@soehne.example', firstName: 'Ada', lastName: 'Lovelace' },
      passwordPolicy: { minLength: 12 },
      metadata: { plan: 'gold' },
    })
    expect(answer.statusCode).toBe(201)
    const created = answer.json<Created>()
    expect(answer.headers.location).toBe(system(created.id))
    expect(created).toMatchObject({
      slug: 'sohne-co',
      status: 'active',
      isOperator: false,
      ownerId: created.owner.id,
      owner: { email: 'ada@soehne.example', name: 'Ada Lovelace' },
      passwordPolicy: { minLength: 12 },
      metadata: { plan: 'gold' },
      sessionLifetime: 43_200,
    })
    const cookie = await api.signIn({ email: 'ada@soehne.example', password: created.ownerPassword ?? '' })
    const send = (method: 'GET' | 'POST', url: string, payload?: object) =>
      api.app.inject({ method, url, headers: { cookie }, ...(payload && { payload }) })
    const profile = (await send('GET', '/v1/me/profile')).json<Record<string, unknown>>()
    expect(profile).toMatchObject({ firstName: 'Ada', emailVerified: true, permissions: ['*'] })
    const roles = (await send('GET', '/v1/admin/roles')).json<{ data: { slug: string; isDefault: boolean }[] }>().data
    expect(roles.map(({ slug, isDefault }) => [slug, isDefault])).toEqual([
      ['admin', false],
      ['manager', false],
      ['owner', false],
      ['staff', true],
    ])
    const client = { name: 'App', clientType: 'public', redirectUris: ['https://app.soehne.example/callback'] }
    expect((await send('POST', '/v1/admin/clients', client)).statusCode).toBe(201)
    // It operates nothing, although its owner holds every permission.
    for (const url of [
      ORGANISATIONS,
      system(created.id),
      system(api.owner.organisation.id),
      '/v1/admin/signing-keys',
    ]) {
      const rejected = await send('GET', url)
      expect(rejected.statusCode).toBe(403)
      expect(rejected.body).toContain("Only administrators of the operator's organisation")
    }
  })

  it('records an event in both organisations, and names the user in that of the operator only', async () => {
    const { id } = await createOrganisation()
    expect(await eventsOf(id)).toEqual([{ type: 'organisation.created', userId: null, resourceId: id, ipAddress: '' }])
    expect(await eventsOf(api.owner.organisation.id)).toContainEqual(
      expect.objectContaining({ type: 'organisation.created', userId: api.owner.id, resourceId: id }),
    )
  })

  it('stores no password that it generated, and returns none that was given', async () => {
    const email = nextEmail()
    const created = await createOrganisation({ owner: { email, password: PASSWORD } })
    expect(created.ownerPassword).toBeNull()
    expect((await signIn(email, PASSWORD)).statusCode).toBe(200)
    const generated = await createOrganisation()
    const stored = JSON.stringify([await api.prisma.user.findMany(), await api.prisma.auditEvent.findMany()])
    expect(stored).not.toContain(generated.ownerPassword)
    expect(api.logs.join('')).not.toContain(generated.ownerPassword)
  })

  it('finds another slug where that of the name is taken', async () => {
    const first = await createOrganisation({ name: 'Twin' })
    const second = await createOrganisation({ name: 'Twin' })
    expect(first.slug).toBe('twin')
    expect(second.slug).toMatch(/^twin-[a-z0-9]{4}$/)
    expect((await createOrganisation({ name: '株式会社' })).slug).toMatch(/^organisation/)
  })

  it.each([
    ['a slug that is taken', { slug: 'acme' }, 409],
    ['an e-mail address that is taken', { owner: { email: 'Owner@Acme.test' } }, 409],
    ['a slug with capitals', { slug: 'Acme' }, 400],
    ['no owner', { owner: undefined }, 400],
    ['a weak password', { owner: { email: 'weak@new.example', password: 'password' } }, 400],
    [
      'a password that its own policy rejects',
      { owner: { email: 'weak@new.example', password: PASSWORD }, passwordPolicy: { requireNumbers: true } },
      400,
    ],
    ['a status that nothing starts with', { status: 'suspended' }, 400],
    ['an unknown member', { colour: 'red' }, 400],
  ])('rejects %s and stores nothing', async (_, body, status) => {
    const count = async () => [await api.prisma.organisation.count(), await api.prisma.user.count()]
    const before = await count()
    expect((await create(body)).statusCode).toBe(status)
    expect(await count()).toEqual(before)
  })

  it('creates one of two that arrive together for one address', async () => {
    const owner = { email: nextEmail() }
    const answers = await Promise.all([create({ owner }), create({ owner })])
    expect(answers.map(({ statusCode }) => statusCode).toSorted((one, other) => one - other)).toEqual([201, 409])
  })

  it('needs system_organisations:create', async () => {
    const reader = await api.addPerson(['system_organisations:read', 'organisation:*'])
    const body = { name: 'New', owner: { email: nextEmail() } }
    expect((await api.send(reader, 'POST', ORGANISATIONS, { body })).statusCode).toBe(403)
    expect((await api.send(reader, 'GET', ORGANISATIONS)).statusCode).toBe(200)
  })
})

describe('GET /v1/organisations', () => {
  it('lists, searches, filters, sorts and pages', async () => {
    await createOrganisation({ name: 'Zebra Ltd', slug: 'zebra', status: 'trial', email: 'desk@zebra.example' })
    const list = async (query: string) => {
      const answer = await api.send(api.owner, 'GET', `${ORGANISATIONS}?${query}`)
      return answer.json<{ data: { slug: string }[]; total: number }>()
    }
    expect(await list('search=ZEBRA')).toMatchObject({ total: 1, data: [{ slug: 'zebra', status: 'trial' }] })
    expect(await list('search=desk@')).toMatchObject({ total: 1 })
    expect(await list('status=trial')).toMatchObject({ total: 1 })
    expect(await list('search=zebra&page=2&limit=1')).toMatchObject({ total: 1, data: [] })
    expect((await list('sort=-name&limit=1')).data.map(({ slug }) => slug)).not.toEqual(['acme'])
    expect((await list('sort=createdAt&limit=1')).data).toMatchObject([{ slug: 'acme', isOperator: true }])
    expect((await api.send(api.owner, 'GET', `${ORGANISATIONS}?status=closed`)).statusCode).toBe(400)
  })
})

describe('PATCH /v1/system/organisations/:id', () => {
  it('suspends: users and clients are stopped at once, and activation lets them in again', async () => {
    const email = nextEmail()
    const { id } = await createOrganisation({ owner: { email, password: PASSWORD } })
    const cookie = await api.signIn({ email, password: PASSWORD })
    const me = () => api.app.inject({ method: 'GET', url: '/v1/me/profile', headers: { cookie } })
    expect((await me()).statusCode).toBe(200)
    const suspended = await patch(id, { status: 'suspended', statusReason: 'Not paid' })
    expect(suspended.json()).toMatchObject({ status: 'suspended', statusReason: 'Not paid' })
    expect((await me()).statusCode).toBe(401)
    expect((await signIn(email, PASSWORD)).statusCode).toBe(401)
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual(['organisation.created', 'organisation.suspended'])
    expect((await patch(id, { status: 'active' })).json()).toMatchObject({ status: 'active', statusReason: null })
    expect((await signIn(email, PASSWORD)).statusCode).toBe(200)
  })

  it('changes settings, and shows the organisation no reason', async () => {
    const email = nextEmail()
    const { id } = await createOrganisation({ owner: { email, password: PASSWORD } })
    await patch(id, { name: 'Renamed', statusReason: 'A note' })
    expect((await get(id)).json()).toMatchObject({ name: 'Renamed', status: 'active', statusReason: 'A note' })
    const cookie = await api.signIn({ email, password: PASSWORD })
    const own = await api.app.inject({ method: 'GET', url: '/v1/admin/organisation', headers: { cookie } })
    expect(own.json()).toMatchObject({ id, name: 'Renamed' })
    expect(own.body).not.toContain('A note')
    const log = await api.app.inject({ method: 'GET', url: '/v1/admin/audit-logs', headers: { cookie } })
    expect(log.body).toContain('organisation.updated')
    expect(log.body).not.toContain('A note')
  })

  it('rejects what cannot be changed, and shows with dryRun what would be', async () => {
    const { id } = await createOrganisation()
    for (const body of [
      { status: 'cancelled' },
      { slug: 'other' },
      { isOperator: true },
      { deletedAt: '2027-01-01' },
    ]) {
      expect((await patch(id, body)).statusCode).toBe(400)
    }
    expect((await patch(id, { status: 'suspended' }, '?dryRun=true')).json()).toMatchObject({
      changes: [{ member: 'status', from: 'active', to: 'suspended' }],
    })
    expect((await get(id)).json()).toMatchObject({ status: 'active' })
  })

  it("does not suspend the operator's organisation", async () => {
    expect((await patch(api.owner.organisation.id, { status: 'suspended' })).statusCode).toBe(409)
    expect((await get(api.owner.organisation.id)).json()).toMatchObject({ status: 'active', isOperator: true })
  })

  it('answers 404 for an unknown organisation', async () => {
    const unknown = '0193a1c2-7b5e-7000-8000-000000000001'
    expect((await get(unknown)).statusCode).toBe(404)
    expect((await patch(unknown, { name: 'x' })).statusCode).toBe(404)
  })

  it('lets a client of the operator do it by its scopes alone', async () => {
    const client = await api.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['system_organisations:read'],
    })
    const issued = await relyingParty(api, client).exchange('', { grant_type: 'client_credentials' })
    const headers = { authorization: `Bearer ${issued.json<{ access_token: string }>().access_token}` }
    expect((await api.app.inject({ url: ORGANISATIONS, headers })).statusCode).toBe(200)
    const url = system(api.owner.organisation.id)
    const rejected = await api.app.inject({ method: 'PATCH', url, headers, payload: { name: 'Taken' } })
    expect(rejected.statusCode).toBe(403)
  })
})
