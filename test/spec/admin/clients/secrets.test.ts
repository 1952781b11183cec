import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const machine = { clientType: 'confidential', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }

interface Secret {
  id: string
  label: string | null
  expiresAt: string | null
  createdAt: string
  clientSecret: string
}

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const add = (id: string, body?: object) =>
  api.send(api.owner, 'POST', `/v1/admin/clients/${id}/secrets`, body && { body })
const list = async (id: string) =>
  (await api.send(api.owner, 'GET', `/v1/admin/clients/${id}/secrets`)).json<{ data: Secret[] }>().data
const remove = (id: string, secretId: string) =>
  api.send(api.owner, 'DELETE', `/v1/admin/clients/${id}/secrets/${secretId}`)
const inSeconds = (seconds: number) => new Date(api.clock.now().getTime() + seconds * 1000).toISOString()
/** The status of a token request with this secret. */
const tried = async (client: RegisteredTestClient, clientSecret: string | null) =>
  (await relyingParty(api, { ...client, clientSecret }).exchange('', { grant_type: 'client_credentials' })).statusCode

describe('the secrets of a client', () => {
  it('are good beside one another, each until its own end', async () => {
    const client = await api.registerClient(machine)
    const expiresAt = inSeconds(600)
    const answer = await add(client.id, { label: 'Second data centre', expiresAt })
    expect(answer.statusCode).toBe(201)
    const second = answer.json<Secret>()
    expect(second).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      label: 'Second data centre',
      expiresAt,
      createdAt: api.clock.now().toISOString(),
      lastUsedAt: null,
      clientSecret: expect.stringMatching(/^secret_[\w-]{43}$/),
    })
    const third = (await add(client.id)).json<Secret>()
    const all = [client.clientSecret, second.clientSecret, third.clientSecret]
    expect(await Promise.all(all.map((secret) => tried(client, secret)))).toEqual([200, 200, 200])

    api.clock.advance(600)
    expect(await Promise.all(all.map((secret) => tried(client, secret)))).toEqual([200, 401, 200])
    expect((await list(client.id)).map(({ id }) => id)).not.toContain(second.id)
  })

  it('are listed without the secrets, and shown nowhere else', async () => {
    const client = await api.registerClient(machine)
    const { clientSecret, ...second } = (await add(client.id, { label: 'Two' })).json<Secret>()
    const listed = await list(client.id)
    expect(listed).toEqual([
      { id: expect.any(String), label: null, expiresAt: null, createdAt: expect.any(String), lastUsedAt: null },
      second,
    ])
    const read = await api.send(api.owner, 'GET', `/v1/admin/clients/${client.id}`)
    const events = (await api.events()).filter(({ clientId }) => clientId === client.id)
    expect(JSON.stringify([listed, read.json(), events])).not.toContain(clientSecret)
    expect(events.at(-1)).toMatchObject({
      type: 'client.secret_added',
      metadata: { secretId: second.id, label: 'Two' },
    })
  })

  it('are deleted one by one', async () => {
    const client = await api.registerClient(machine)
    const second = (await add(client.id)).json<Secret>()
    const [first] = await list(client.id)
    expect((await remove(client.id, first?.id ?? '')).statusCode).toBe(204)
    await expect.poll(() => tried(client, client.clientSecret)).toBe(401)
    expect(await tried(client, second.clientSecret)).toBe(200)
    const again = await remove(client.id, first?.id ?? '')
    expect([again.statusCode, again.json()]).toMatchObject([404, { detail: 'The client has no such secret.' }])
    const types = (await api.events()).filter(({ clientId }) => clientId === client.id).map(({ type }) => type)
    expect(types).toEqual(['client.created', 'client.secret_added', 'client.secret_deleted'])
  })

  it('belong to their client alone', async () => {
    const [client, other] = [await api.registerClient(machine), await api.registerClient(machine)]
    const [theirs] = await list(other.id)
    expect((await remove(client.id, theirs?.id ?? '')).statusCode).toBe(404)
    expect(await list(other.id)).toHaveLength(1)
    const { clientSecret } = (await add(other.id)).json<Secret>()
    expect(await tried(client, clientSecret)).toBe(401)
  })

  it('are five at most, however many are asked for at once; those that have ended do not count', async () => {
    const client = await api.registerClient(machine)
    await add(client.id, { expiresAt: inSeconds(60) })
    const answers = await Promise.all(Array.from({ length: 8 }, () => add(client.id)))
    const made = answers.filter(({ statusCode }) => statusCode === 201)
    const refused = answers.filter(({ statusCode }) => statusCode === 409)
    expect([made.length, refused.length, (await list(client.id)).length]).toEqual([3, 5, 5])
    api.clock.advance(60)
    expect((await add(client.id)).statusCode).toBe(201)
  })

  it('end together when one is made by rotation', async () => {
    const client = await api.registerClient(machine)
    const second = (await add(client.id, { expiresAt: inSeconds(1000) })).json<Secret>()
    const rotated = await api.send(api.owner, 'POST', `/v1/admin/clients/${client.id}/rotate-secret`)
    const { clientSecret } = rotated.json<Secret>()
    await expect.poll(() => tried(client, clientSecret)).toBe(200)
    expect(await Promise.all([client.clientSecret, second.clientSecret].map((one) => tried(client, one)))).toEqual([
      401, 401,
    ])
  })

  it('sign assertions, where that is what they are for', async () => {
    const client = await api.registerClient({ ...machine, tokenEndpointAuthMethod: 'client_secret_jwt' })
    const { id } = (await add(client.id)).json<Secret>()
    const row = await api.prisma.clientSecret.findUniqueOrThrow({ where: { id } })
    expect(row.sealedSecret).not.toBeNull()
  })

  it('are made for signing before a client comes to sign with one', async () => {
    const url = (id: string) => `/v1/admin/clients/${id}`
    const signing = { body: { tokenEndpointAuthMethod: 'client_secret_jwt', jwks: null } }
    for (const method of ['client_secret_basic', 'self_signed_tls_client_auth']) {
      const jwks = method === 'client_secret_basic' ? null : { keys: [] }
      const client = await api.registerClient({ ...machine, tokenEndpointAuthMethod: method, jwks })
      expect((await add(client.id)).statusCode).toBe(method === 'client_secret_basic' ? 201 : 409)
      for (const query of ['', '?dryRun=true']) {
        const refused = await api.send(api.owner, 'PATCH', url(client.id) + query, signing)
        expect([refused.statusCode, refused.body]).toEqual([400, expect.stringContaining('forSigning')])
      }
      const { clientSecret } = (await add(client.id, { forSigning: true })).json<Secret>()
      expect(await tried(client, clientSecret)).toBe(method === 'client_secret_basic' ? 200 : 401)
      expect((await api.send(api.owner, 'PATCH', url(client.id), signing)).statusCode).toBe(200)
      const seconds = Math.floor(api.clock.now().getTime() / 1000)
      const claims = { iss: client.clientId, sub: client.clientId, aud: ISSUER, jti: client.id, exp: seconds + 60 }
      const answer = await relyingParty(api, client).post('/oauth2/token', {
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(clientSecret ?? '')),
      })
      expect(answer.statusCode).toBe(200)
    }
    const open = await api.registerClient()
    expect((await add(open.id, { forSigning: true })).statusCode).toBe(409)
  })

  it.each([
    [{ label: 7 }, ['label']],
    [{ label: 'a\u0000b' }, ['label']],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, ['expiresAt']],
    [{ expiresAt: 'soon' }, ['expiresAt']],
    [{ clientSecret: 'mine' }, ['']],
    [[], ['']],
  ])('are not made from %j', async (body, path) => {
    const client = await api.registerClient(machine)
    const answer = await add(client.id, body)
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { errors: [{ path }] }])
    expect(await list(client.id)).toHaveLength(1)
  })

  it('are none for a client that has no use for one', async () => {
    const client = await api.registerClient()
    expect((await add(client.id)).statusCode).toBe(409)
    expect(await list(client.id)).toEqual([])
    expect((await remove(client.id, 'x')).statusCode).toBe(400)
  })
})
