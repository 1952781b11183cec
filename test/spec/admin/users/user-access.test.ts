import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, PASSWORD, type Api, type Person } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const USERS = '/v1/admin/users'

let api: Api

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

type Method = Parameters<Api['send']>[1]
const send = (method: Method, url: string, by: Person | undefined = api.owner) => api.send(by, method, url)
const listed = async (url: string) =>
  (await send('GET', url)).json<{ data: Record<string, unknown>[]; total: number; limit: number }>()

/** The owner with tokens of a client that asks for consent. */
async function usedClient() {
  // So that lists have an order.
  api.clock.advance(1)
  const client = await api.registerClient({
    clientType: 'confidential',
    grantTypes: ['authorization_code', 'refresh_token'],
    requireConsent: true,
  })
  const rp = relyingParty(api, client)
  const tokens = await rp.tokens()
  return {
    client,
    rp,
    tokens,
    isActive: async () => (await rp.introspect(tokens.access_token)).json<{ active: boolean }>().active,
  }
}

describe('the grants and consents of a user', () => {
  it('are listed by page, and end one by one at once', async () => {
    const [one, other] = [await usedClient(), await usedClient()]
    const url = `${USERS}/${api.owner.id}/grants`
    const { data, total, limit } = await listed(`${url}?limit=1`)
    expect([data.length, total, limit]).toEqual([1, 2, 1])
    expect(data[0]).toMatchObject({ client: { clientId: other.client.clientId }, scopes: expect.any(Array) })
    expect((await send('DELETE', `${url}/${String(data[0]?.['id'])}`)).statusCode).toBe(204)
    expect((await send('DELETE', `${url}/${String(data[0]?.['id'])}`)).statusCode).toBe(404)
    expect([await one.isActive(), await other.isActive()]).toEqual([true, false])

    const consents = `${USERS}/${api.owner.id}/consents`
    const given = await listed(consents)
    expect(given.data.map((consent) => (consent['client'] as { clientId: string }).clientId)).toEqual([
      other.client.clientId,
      one.client.clientId,
    ])
    expect((await send('DELETE', `${consents}/${one.client.clientId}`)).statusCode).toBe(204)
    expect((await send('DELETE', `${consents}/${one.client.clientId}`)).statusCode).toBe(404)
    expect(await one.isActive()).toBe(false)
    expect((await listed(consents)).total).toBe(1)
  })

  it('end all together, of this user only', async () => {
    const [one, other] = [await usedClient(), await usedClient()]
    expect((await send('DELETE', `${USERS}/${api.owner.id}/grants`)).json()).toEqual({ grants: 2 })
    expect([await one.isActive(), await other.isActive()]).toEqual([false, false])
    const third = await usedClient()
    const ended = (await send('DELETE', `${USERS}/${api.owner.id}/consents`)).json<{ consents: number }>()
    expect(ended.consents).toBeGreaterThanOrEqual(3)
    expect(await third.isActive()).toBe(false)
    expect((await listed(`${USERS}/${api.owner.id}/consents`)).data).toEqual([])
    const person = await api.addPerson([])
    expect((await send('DELETE', `${USERS}/${person.id}/grants`)).json()).toEqual({ grants: 0 })
  })
})

describe('the sessions and ways to sign in of a user', () => {
  it('end one session at once, and no other', async () => {
    const first = await api.addPerson([])
    const second = await api.signInAgain(first)
    const url = `${USERS}/${first.id}/sessions/${first.sessionId}`
    expect((await send('DELETE', url)).statusCode).toBe(204)
    expect((await send('DELETE', url)).statusCode).toBe(404)
    expect((await send('GET', '/v1/me/profile', first)).statusCode).toBe(401)
    expect((await send('GET', '/v1/me/profile', second)).statusCode).toBe(200)
  })

  it('lose the password, with the sessions', async () => {
    const person = await api.addPerson([])
    const url = `${USERS}/${person.id}/sign-in-methods`
    expect((await listed(url)).data).toEqual([{ type: 'password' }])
    expect((await send('DELETE', `${url}/password`)).json()).toMatchObject({ sessions: 1 })
    expect((await send('DELETE', `${url}/password`)).statusCode).toBe(409)
    expect((await listed(url)).data).toEqual([])
    expect((await send('GET', '/v1/me/profile', person)).statusCode).toBe(401)
    const { email } = await api.prisma.user.findUniqueOrThrow({ where: { id: person.id } })
    const payload = { email, password: PASSWORD }
    expect((await api.app.inject({ method: 'POST', url: '/v1/auth/login', payload })).statusCode).toBe(401)
  })

  it('need every permission of the user', async () => {
    const helper = await api.addPerson(['users:read', 'users:update'])
    const manager = await api.addPerson(['roles:delete'])
    for (const path of [
      `sessions/${manager.sessionId}`,
      'grants',
      `grants/${crypto.randomUUID()}`,
      'consents',
      'consents/x',
      'sign-in-methods/password',
      `sign-in-methods/passkeys/${crypto.randomUUID()}`,
    ]) {
      expect([path, (await send('DELETE', `${USERS}/${manager.id}/${path}`, helper)).statusCode]).toEqual([path, 403])
    }
    expect((await send('GET', `${USERS}/${manager.id}/grants`, helper)).statusCode).toBe(200)
    expect((await send('GET', '/v1/me/profile', manager)).statusCode).toBe(200)
  })
})

describe('GET /v1/me/export', () => {
  it('returns what is stored about the user, without secrets and hidden attributes', async () => {
    for (const [name, access] of [
      ['shown', 'readable'],
      ['secretNote', 'hidden'],
    ]) {
      await api.send(api.owner, 'POST', '/v1/admin/user-attributes', { body: { name, type: 'string', access } })
    }
    const { client } = await usedClient()
    const attributes = { shown: 'yes', secretNote: 'do not tell' }
    await api.send(api.owner, 'PATCH', `${USERS}/${api.owner.id}`, { body: { attributes } })
    const key = await api.send(api.owner, 'POST', '/v1/admin/api-keys', { body: { name: 'K', scopes: ['users:read'] } })
    const answer = await send('GET', '/v1/me/export')
    expect([answer.statusCode, answer.headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="export.json"',
    ])
    expect(answer.json()).toMatchObject({
      generatedAt: expect.any(String),
      data: {
        user: { id: api.owner.id, attributes: { shown: 'yes' } },
        organisation: { slug: 'acme' },
        roles: [{ slug: 'owner' }],
        teams: [],
        sessions: expect.arrayContaining([expect.objectContaining({ id: api.owner.sessionId })]),
        auditLogs: expect.arrayContaining([expect.objectContaining({ eventType: 'user.login.success' })]),
        consents: expect.arrayContaining([expect.objectContaining({ clientId: client.clientId })]),
        apiTokens: [{ name: 'K', scopes: ['users:read'] }],
      },
    })
    const data = JSON.stringify(answer.json<{ data: object }>().data)
    expect(data).not.toContain(key.json<{ key: string }>().key)
    expect(JSON.stringify(answer.json<{ data: { user: object } }>().data.user)).not.toContain('do not tell')
    expect((await api.events()).at(-1)).toMatchObject({ type: 'user.data_exported', userId: api.owner.id })
  })

  it('needs the session cookie', async () => {
    const { tokens } = await usedClient()
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const answer = await api.send(undefined, 'GET', '/v1/me/export', { headers })
    expect([401, 403]).toContain(answer.statusCode)
  })
})
