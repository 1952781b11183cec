import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const confidential = { clientType: 'confidential', grantTypes: ['authorization_code', 'refresh_token'] }
const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }

interface Grants {
  data: { id: string; userId: string; email: string; scopes: string[]; offline: boolean; createdAt: string }[]
  total: number
}

let api: Api
let resource: ReturnType<typeof relyingParty>

beforeAll(async () => {
  api = await createApi()
  resource = relyingParty(api, await api.registerClient(machine))
})
afterAll(() => api.close())

const list = async (id: string, query = '') =>
  (await api.send(api.owner, 'GET', `${PATH}/${id}/grants${query}`)).json<Grants>()
const isActive = async (token: string) => (await resource.introspect(token)).json<{ active: boolean }>().active
const typesOf = async (id: string) =>
  (await api.events()).filter(({ clientId }) => clientId === id).map(({ type }) => type)

describe('the grants of a client', () => {
  it('are listed while they live, the newest first', async () => {
    const client = await api.registerClient(confidential)
    const rp = relyingParty(api, client)
    const first = await rp.tokens()
    api.clock.advance(1)
    await rp.tokens(api.browser(), { scope: 'openid offline_access' })
    await relyingParty(api, await api.registerClient(confidential)).tokens()
    const grants = await list(client.id)
    expect(grants).toMatchObject({
      total: 2,
      data: [
        { email: 'owner@acme.test', userId: api.owner.id, scopes: ['openid', 'offline_access'], offline: true },
        { scopes: ['openid', 'profile', 'email'], offline: false },
      ],
    })
    expect(await list(client.id, '?limit=1&page=2')).toMatchObject({ total: 2, data: [{ id: grants.data[1]?.id }] })
    await rp.revoke(first.refresh_token)
    expect((await list(client.id)).data.map(({ id }) => id)).toEqual([grants.data[0]?.id])
  })

  it('are revoked one by one, with their tokens, each once', async () => {
    const client = await api.registerClient(confidential)
    const rp = relyingParty(api, client)
    const [one, other] = [await rp.tokens(), await rp.tokens()]
    const url = `${PATH}/${client.id}/grants/${grantOf(one.access_token)}`
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(204)
    expect([await isActive(one.access_token), await isActive(other.access_token)]).toEqual([false, true])
    expect((await rp.refresh(one.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await rp.refresh(other.refresh_token)).statusCode).toBe(200)
    expect((await api.send(api.owner, 'DELETE', url)).statusCode).toBe(404)
    expect(await typesOf(client.id)).toEqual(['client.created', 'oauth2.grant_revoked'])
  })

  it('are no other client’s to revoke', async () => {
    const [client, other] = [await api.registerClient(confidential), await api.registerClient(confidential)]
    const { access_token } = await relyingParty(api, other).tokens()
    const answer = await api.send(api.owner, 'DELETE', `${PATH}/${client.id}/grants/${grantOf(access_token)}`)
    expect([answer.statusCode, await isActive(access_token)]).toEqual([404, true])
  })

  it('are revoked all at once, and the client goes on', async () => {
    const client = await api.registerClient({
      ...confidential,
      grantTypes: [...confidential.grantTypes, 'client_credentials'],
      scopes: ['openid', 'profile', 'email', 'api'],
    })
    const rp = relyingParty(api, client)
    const { access_token, refresh_token } = await rp.tokens()
    const machines = async () =>
      (await rp.exchange('', { grant_type: 'client_credentials' })).json<{ access_token: string }>().access_token
    const own = await machines()
    api.clock.advance(2)
    expect((await api.send(api.owner, 'DELETE', `${PATH}/${client.id}/grants`)).statusCode).toBe(204)
    expect([await isActive(access_token), await isActive(own)]).toEqual([false, false])
    expect((await rp.refresh(refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
    expect(await list(client.id)).toMatchObject({ data: [], total: 0 })
    api.clock.advance(1)
    expect(await isActive(await machines())).toBe(true)
    expect(await isActive((await rp.tokens()).access_token)).toBe(true)
    expect(await typesOf(client.id)).toEqual(['client.created', 'client.grants_revoked'])
  })
})

describe('a client like another', () => {
  it('has its settings, and an id, a secret and grants of its own', async () => {
    const settings = { ...confidential, name: 'Original', contacts: ['a@example.com'], accessTokenLifetime: 60 }
    const original = await api.registerClient(settings)
    await relyingParty(api, original).tokens()
    await api.send(api.owner, 'POST', `${PATH}/${original.id}/disable`)
    const answer = await api.send(api.owner, 'POST', `${PATH}/${original.id}/clone`)
    expect(answer.statusCode).toBe(201)
    const clone = answer.json<typeof original>()
    const own = { id: '', clientId: '', clientSecret: '', name: '', createdAt: '', updatedAt: '' }
    expect({ ...clone, ...own }).toEqual({ ...original, ...own })
    expect(clone).toMatchObject({ name: 'Original (copy)', isActive: true })
    expect([clone.id, clone.clientId, clone.clientSecret]).not.toEqual(
      expect.arrayContaining([original.id, original.clientId, original.clientSecret]),
    )
    expect(await list(clone.id)).toMatchObject({ total: 0 })
    expect((await relyingParty(api, clone).tokens()).expires_in).toBe(60)
    const events = (await api.events()).filter(({ clientId }) => clientId === clone.id)
    expect(events).toMatchObject([{ type: 'client.created', metadata: { clonedFrom: original.clientId } }])
  })

  it('can have a name of its own, and be rehearsed', async () => {
    const { id } = await api.registerClient(confidential)
    const count = await api.prisma.client.count()
    const body = { name: 'Another' }
    const rehearsed = await api.send(api.owner, 'POST', `${PATH}/${id}/clone?dryRun=true`, { body })
    expect([rehearsed.statusCode, rehearsed.json(), await api.prisma.client.count()]).toMatchObject([
      200,
      { dryRun: true, changes: expect.arrayContaining([{ member: 'name', to: 'Another' }]) },
      count,
    ])
    expect((await api.send(api.owner, 'POST', `${PATH}/${id}/clone`, { body })).json()).toMatchObject(body)
  })

  it('is rejected for a user who lacks the permissions of the clone', async () => {
    const { id } = await api.registerClient({ ...machine, scopes: ['users:read'] })
    const person = await api.addPerson(['clients:create'])
    expect((await api.send(person, 'POST', `${PATH}/${id}/clone`)).statusCode).toBe(403)
  })

  it.each([{ name: '' }, { name: 'A', clientId: 'mine' }, []])('is not made with %j', async (body) => {
    const { id } = await api.registerClient(machine)
    expect((await api.send(api.owner, 'POST', `${PATH}/${id}/clone`, { body })).statusCode).toBe(400)
  })
})

function grantOf(accessToken: string): string {
  const [, claims = ''] = accessToken.split('.')
  return (JSON.parse(Buffer.from(claims, 'base64url').toString()) as { grant_id: string }).grant_id
}
