import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../src/lib/crypto/hash.ts'
import { createApi, type Api } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const CALLBACK = 'https://app.example.com/callback'
const web = { name: 'Web', clientType: 'confidential', redirectUris: [CALLBACK], scopes: ['openid'] }
const spa = { ...web, name: 'Page', clientType: 'public' }

let api: Api

beforeAll(async () => {
  api = await createApi()
})

afterAll(() => api.close())

/** The events that `act` leaves. */
async function eventsOf(act: () => Promise<unknown>) {
  const before = new Set((await api.events()).map(({ id }) => id))
  await act()
  return (await api.events()).filter(({ id }) => !before.has(id))
}

async function register(body: object = web) {
  const answer = await api.send(api.owner, 'POST', PATH, { body })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string; clientId: string; clientSecret: string; updatedAt: string }>()
}

/** Hashes of the secrets that are good at this moment. */
async function liveSecrets(clientId: string): Promise<string[]> {
  const client = await api.repositories.clientCache.find(clientId)
  return (client?.secrets ?? [])
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > api.clock.now())
    .map(({ secretHash }) => Buffer.from(secretHash).toString('hex'))
}

const hashOf = (secret: string) => sha256(secret).toString('hex')

describe('a new secret', () => {
  it.each(['rotate-secret', 'regenerate-secret'])('by %s ends the one before at once', async (action) => {
    const client = await register()
    let clientSecret = ''
    const events = await eventsOf(async () => {
      const answer = await api.send(api.owner, 'POST', `${PATH}/${client.id}/${action}`)
      clientSecret = answer.json<{ clientSecret: string }>().clientSecret
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({ id: client.id, clientId: client.clientId })
      expect(await liveSecrets(client.clientId)).toEqual([hashOf(clientSecret)])
    })
    expect(events).toMatchObject([{ type: 'client.secret_regenerated', clientId: client.id }])
    expect(JSON.stringify(events)).not.toContain(clientSecret)
  })

  it('leaves the one before for as long as was asked', async () => {
    const client = await register()
    const path = `${PATH}/${client.clientId}/rotate-secret`
    const answer = await api.send(api.owner, 'POST', path, { body: { overlapSeconds: 60 } })
    const fresh = hashOf(answer.json<{ clientSecret: string }>().clientSecret)
    expect((await liveSecrets(client.clientId)).toSorted()).toEqual([hashOf(client.clientSecret), fresh].toSorted())
    api.clock.advance(60)
    expect(await liveSecrets(client.clientId)).toEqual([fresh])
  })

  it.each([[{ overlapSeconds: 2_592_001 }], [{ overlapSeconds: -1 }], [{ overlap: 5 }], ['"soon"'], ['[]']])(
    'is refused with %j',
    async (body) => {
      const client = await register()
      const answer = await api.send(api.owner, 'POST', `${PATH}/${client.id}/rotate-secret`, { body })
      expect(answer.statusCode).toBe(400)
      expect(await liveSecrets(client.clientId)).toEqual([hashOf(client.clientSecret)])
    },
  )

  it('is no use to a public client', async () => {
    const { id } = await register(spa)
    const answer = await api.send(api.owner, 'POST', `${PATH}/${id}/rotate-secret`)
    expect([answer.statusCode, answer.json()]).toMatchObject([
      409,
      { detail: 'A client that authenticates by none has no secret.' },
    ])
  })
})

describe('ending a client', () => {
  it('by revoke makes it inactive, and it can be made active again', async () => {
    const { id } = await register()
    const events = await eventsOf(async () => {
      const answer = await api.send(api.owner, 'POST', `${PATH}/${id}/revoke`)
      expect([answer.statusCode, answer.json()]).toEqual([200, { message: expect.any(String) }])
    })
    expect(events).toMatchObject([{ type: 'client.revoked', clientId: id }])
    const revokedAt = api.clock.now().toISOString()
    const read = await api.send(api.owner, 'GET', `${PATH}/${id}`)
    expect(read.json()).toMatchObject({ isActive: false, revokedAt })
    const again = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { isActive: true } })
    // From then on: what it was given before stays void.
    expect(again.json()).toMatchObject({ isActive: true, revokedAt: api.clock.now().toISOString() })
  })

  it('by delete is final, and leaves one event', async () => {
    const { id, clientId } = await register()
    const events = await eventsOf(async () => {
      const answer = await api.send(api.owner, 'DELETE', `${PATH}/${id}`)
      expect([answer.statusCode, answer.body]).toEqual([204, ''])
      const repeated = await api.send(api.owner, 'DELETE', `${PATH}/${id}`)
      expect(repeated.statusCode).toBe(404)
    })
    expect(events).toMatchObject([{ type: 'client.deleted', clientId: id }])
    expect(await api.repositories.clientCache.find(clientId)).toBeUndefined()
    const read = await api.send(api.owner, 'GET', `${PATH}/${clientId}`)
    expect(read.statusCode).toBe(404)
  })
})
