import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const settings = {
  clientType: 'confidential',
  grantTypes: ['authorization_code', 'refresh_token'],
  requireConsent: true,
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

interface Consents {
  data: { userId: string; email: string; scopes: string[]; grantedAt: string }[]
  total: number
  moreThanTotal: boolean
}
const list = async (id: string, query = '') =>
  (await api.send(api.owner, 'GET', `${PATH}/${id}/consents${query}`)).json<Consents>()
const revoke = async (id: string, userId = '') =>
  (await api.send(api.owner, 'DELETE', `${PATH}/${id}/consents${userId && `/${userId}`}`)).statusCode
const typesOf = async (id: string) =>
  (await api.events()).filter(({ clientId }) => clientId === id).map(({ type }) => type)

/** People who have agreed that a client may know who they are. */
async function addConsents(clientId: string, count: number, revokedAt: Date | null = null) {
  const { id: organisationId } = api.owner.organisation
  await api.prisma.$executeRaw`
    WITH made AS (
      INSERT INTO users (id, organisation_id, email, email_key, created_at, updated_at)
      SELECT gen_random_uuid(), ${organisationId}::uuid, k, k, now(), now()
      FROM (SELECT gen_random_uuid()::text AS k FROM generate_series(1, ${count}::int)) AS keys RETURNING id)
    INSERT INTO consents (user_id, client_id, organisation_id, scopes, granted_at, revoked_at)
    SELECT id, ${clientId}::uuid, ${organisationId}::uuid, '{openid}', ${api.clock.now()}, ${revokedAt} FROM made`
}

describe('the consents to a client', () => {
  it('are listed with who gave them, to what and when', async () => {
    const client = await api.registerClient(settings)
    await addConsents(client.id, 1, api.clock.now())
    const rp = relyingParty(api, client)
    api.clock.advance(1)
    const agreedAt = api.clock.now().toISOString()
    await rp.tokens(api.browser(), { scope: 'openid email' })
    expect(await list(client.id)).toMatchObject({
      data: [{ userId: api.owner.id, email: 'owner@acme.test', scopes: ['openid', 'email'], grantedAt: agreedAt }],
      total: 1,
      moreThanTotal: false,
    })
    expect(await list(client.id, '?offset=1')).toMatchObject({ data: [] })
  })

  it('are revoked one by one, with their grants, and are requested again', async () => {
    const client = await api.registerClient(settings)
    const other = await api.registerClient(settings)
    await addConsents(client.id, 1)
    const browser = api.browser()
    const [rp, elsewhere] = [relyingParty(api, client), relyingParty(api, other)]
    const [mine, others] = [await rp.tokens(browser), await elsewhere.tokens()]
    await browser.get(rp.authorizeUrl())
    expect(browser.url).toContain('code=')
    expect(await revoke(client.id, api.owner.id)).toBe(204)
    expect((await rp.refresh(mine.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await rp.userinfo(mine.access_token)).statusCode).toBe(401)
    expect((await elsewhere.refresh(others.refresh_token)).statusCode).toBe(200)
    await browser.get(rp.authorizeUrl())
    expect(new URL(browser.url).pathname).toBe('/oauth2/consent')
    expect(await list(client.id)).toMatchObject({ total: 1 })
    expect(await revoke(client.id, api.owner.id)).toBe(404)
    expect(await typesOf(client.id)).toEqual(['client.created', 'oauth2.consent.revoked'])
    await browser.submit({}, 'allow')
    expect(await list(client.id)).toMatchObject({ total: 2 })
  })

  it('are revoked all at once, however many there are', async () => {
    const client = await api.registerClient(settings)
    const rp = relyingParty(api, client)
    const tokens = await rp.tokens()
    await addConsents(client.id, 1_200)
    expect(await list(client.id)).toMatchObject({ total: 1_000, moreThanTotal: true })
    expect(await revoke(client.id)).toBe(204)
    expect(await list(client.id)).toMatchObject({ data: [], total: 0, moreThanTotal: false })
    expect(await api.prisma.consent.count({ where: { clientId: client.id, revokedAt: null } })).toBe(0)
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect(await typesOf(client.id)).toEqual(['client.created', 'client.consents_revoked'])
  })

  it('cannot be read or revoked by another organisation', async () => {
    const client = await api.registerClient(settings)
    await relyingParty(api, client).tokens()
    const stranger = await api.addPerson(['clients:*'], await api.addOrganisation('strangers'))
    const reader = await api.addPerson(['clients:read'])
    const tried = async (person: typeof reader, method: 'GET' | 'DELETE', path = '') =>
      (await api.send(person, method, `${PATH}/${client.id}/consents${path}`)).statusCode
    expect([await tried(stranger, 'GET'), await tried(stranger, 'DELETE', `/${api.owner.id}`)]).toEqual([404, 404])
    expect(await tried(stranger, 'DELETE')).toBe(404)
    expect([await tried(reader, 'GET'), await tried(reader, 'DELETE'), await tried(reader, 'DELETE', '/x')]).toEqual([
      200, 403, 403,
    ])
    expect(await revoke(client.id, 'unknown')).toBe(400)
    expect(await list(client.id)).toMatchObject({ total: 1 })
  })
})

describe('the grants of a client', () => {
  it('are counted to 1,000 and no further', async () => {
    const client = await api.registerClient(settings)
    const { id: organisationId } = api.owner.organisation
    await api.prisma.$executeRaw`
      INSERT INTO grants (id, organisation_id, client_id, user_id, scopes, auth_time, amr, created_at)
      SELECT gen_random_uuid(), ${organisationId}::uuid, ${client.id}::uuid, ${api.owner.id}::uuid, '{openid}', now(), '{pwd}', ${api.clock.now()}
      FROM generate_series(1, 1_001)`
    const read = async (query: string) =>
      (await api.send(api.owner, 'GET', `${PATH}/${client.id}/grants${query}`)).json<Consents>()
    expect(await read('?limit=10')).toMatchObject({ total: 1_000, moreThanTotal: true })
    expect((await read('?limit=10&offset=1000')).data).toHaveLength(1)
  })
})
