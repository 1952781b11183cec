import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { relyingParty, REDIRECT_URI } from '../../../support/relying-party.ts'
import { readStoredClient } from '../../../support/stored-clients.ts'

interface Registered {
  client_id: string
  client_secret: string
  registration_access_token: string
  registration_client_uri: string
  [member: string]: unknown
}

let api: Api
let client: Registered
beforeAll(async () => {
  api = await createApi()
  await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
})
afterAll(() => api.close())
beforeEach(async () => {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/oauth2/register',
    payload: {
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      client_name: 'First',
      'client_name#de': 'Erste',
      logo_uri: 'https://app.example.com/logo.png',
      initiate_login_uri: 'https://app.example.com/login',
      default_max_age: 600,
    },
  })
  client = answer.json<Registered>()
})

const ask = (method: 'GET' | 'PUT' | 'DELETE', token: string | undefined, body?: unknown, of = client.client_id) =>
  api.app.inject({
    method,
    url: `/oauth2/register/${of}`,
    ...(body !== undefined && { payload: JSON.stringify(body) }),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
  })
const rp = () => relyingParty(api, { id: '', clientId: client.client_id, clientSecret: client.client_secret })

describe('RFC 7592 §2.1 reading', () => {
  it('returns the registered metadata, but never the secret again', async () => {
    const answer = await ask('GET', client.registration_access_token)
    expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store'])
    const { client_secret: _, registration_access_token: __, ...rest } = client
    expect(answer.json()).toEqual({ ...rest, registration_access_token: expect.stringMatching(/^reg_/) })
  })

  it('returns when the secret or the client expires', async () => {
    const { id } = await api.prisma.client.findFirstOrThrow({ where: { clientId: client.client_id } })
    let token: string | undefined = client.registration_access_token
    const secretExpiry = async () => {
      const read = (await ask('GET', token)).json<Registered>()
      token = read.registration_access_token
      return read['client_secret_expires_at']
    }
    const ends = (seconds: number) => new Date(Math.floor(api.clock.now().getTime() / 1000 + seconds) * 1000)
    const [soon, later] = [ends(500), ends(5_000)]
    await api.prisma.clientSecret.updateMany({ where: { clientId: id }, data: { expiresAt: soon } })
    expect(await secretExpiry()).toBe(soon.getTime() / 1000)
    const body = { expiresAt: later.toISOString() }
    await api.send(api.owner, 'POST', `/v1/admin/clients/${id}/secrets`, { body })
    expect(await secretExpiry()).toBe(later.getTime() / 1000)
    await api.send(api.owner, 'PATCH', `/v1/admin/clients/${id}`, { body: { expiresAt: soon.toISOString() } })
    expect(await secretExpiry()).toBe(soon.getTime() / 1000)
    await api.prisma.clientSecret.deleteMany({ where: { clientId: id } })
    expect(await secretExpiry()).toBe(Math.floor(api.clock.now().getTime() / 1000))
  })

  it('returns a new token each time; the previous one is valid until the new one is used', async () => {
    const [first] = [client.registration_access_token]
    const second = (await ask('GET', first)).json<Registered>().registration_access_token
    expect(second).not.toBe(first)
    // The response was lost.
    const third = (await ask('GET', first)).json<Registered>().registration_access_token
    expect((await ask('GET', second)).statusCode).toBe(401)
    const fourth = (await ask('GET', third)).json<Registered>().registration_access_token
    expect((await ask('GET', first)).statusCode).toBe(401)
    expect((await ask('GET', fourth)).statusCode).toBe(200)
  })

  it('is rejected with the same error for every cause', async () => {
    const other = await api.registerClient()
    const answers = await Promise.all([
      ask('GET', undefined),
      ask('GET', 'reg_wrong'),
      ask('GET', client.client_secret),
      ask('GET', client.registration_access_token, undefined, 'client_unknown'),
      ask('GET', client.registration_access_token, undefined, other.clientId),
    ])
    const seen = answers.map(({ statusCode, body, headers }) => [statusCode, body, headers['www-authenticate']])
    for (const one of seen) expect(one).toEqual(seen[0])
    expect(seen[0]?.[0]).toBe(401)
    expect(answers[0]?.json()).toMatchObject({ error: 'invalid_token' })
  })
})

describe('RFC 7592 §2.2 replacing', () => {
  const body = () => ({ client_id: client.client_id, redirect_uris: ['https://app.example.com/other'] })

  it('replaces all settings: omitted ones return to their default', async () => {
    const answer = await ask('PUT', client.registration_access_token, { ...body(), client_name: 'Second' })
    expect(answer.statusCode).toBe(200)
    const replaced = answer.json<Registered>()
    expect(replaced).toMatchObject({
      client_id: client.client_id,
      client_name: 'Second',
      redirect_uris: ['https://app.example.com/other'],
      grant_types: ['authorization_code'],
    })
    for (const name of ['client_name#de', 'logo_uri', 'initiate_login_uri', 'default_max_age', 'client_secret']) {
      expect(replaced).not.toHaveProperty(name)
    }
    expect((await ask('GET', replaced.registration_access_token)).json()).toMatchObject({ client_name: 'Second' })
  })

  it('takes effect immediately', async () => {
    await ask('PUT', client.registration_access_token, { ...body(), client_secret: client.client_secret })
    const browser = api.browser()
    await browser.get(rp().authorizeUrl())
    expect(browser.page.statusCode).toBe(400)
    await browser.get(rp().authorizeUrl({ redirect_uri: 'https://app.example.com/other' }))
    expect(browser.page.statusCode).toBe(200)
  })

  it('keeps the settings of administrators', async () => {
    const row = await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })
    await api.send(api.owner, 'PATCH', `/v1/admin/clients/${row.id}`, {
      body: { accessTokenLifetime: 60, requirePkce: true, isFirstParty: true },
    })
    await ask('PUT', client.registration_access_token, body())
    expect(await readStoredClient(api.prisma, { id: row.id })).toMatchObject({
      accessTokenLifetime: 60,
      requirePkce: true,
      isFirstParty: true,
    })
  })

  it.each([
    ['no client_id', { client_id: undefined }, 'client_id'],
    ['another client_id', { client_id: 'client_other' }, 'client_id'],
    ['a secret of its choice', { client_secret: 'secret_mine' }, 'client_secret'],
    ['a secret that is no text', { client_secret: 7 }, 'client_secret'],
    ['a token of its choice', { registration_access_token: 'reg_mine' }, 'registration_access_token'],
    ['an address of its choice', { registration_client_uri: 'https://x.example/' }, 'registration_client_uri'],
    ['a time of its choice', { client_id_issued_at: 1 }, 'client_id_issued_at'],
    ['more scopes', { scope: 'openid billing' }, 'scope'],
    ['no secret any more', { token_endpoint_auth_method: 'none' }, 'token_endpoint_auth_method'],
    ['an impossible member', { contacts: 'me' }, 'contacts'],
  ])('with %s is rejected by name, and changes nothing', async (_, more, named) => {
    const before = await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })
    const answer = await ask('PUT', client.registration_access_token, { ...body(), ...more })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_client_metadata'])
    expect(answer.json<{ error_description: string }>().error_description).toContain(named)
    expect(await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })).toEqual(before)
    // Its registration access token is still valid.
    expect((await ask('GET', client.registration_access_token)).statusCode).toBe(200)
  })
})

describe('RFC 7592 §2.3 deleting', () => {
  it('deletes the client and revokes its grants and tokens', async () => {
    const tokens = await rp().tokens()
    const answer = await ask('DELETE', client.registration_access_token)
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
    expect((await rp().userinfo(tokens.access_token)).statusCode).toBe(401)
    expect((await rp().refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_client' })
    expect((await ask('GET', client.registration_access_token)).statusCode).toBe(401)
    expect((await ask('DELETE', client.registration_access_token)).statusCode).toBe(401)
  })

  it('records an audit event', async () => {
    await ask('DELETE', client.registration_access_token)
    const { id } = await api.prisma.client.findUniqueOrThrow({ where: { clientId: client.client_id } })
    expect(await api.prisma.auditEvent.findFirst({ where: { clientId: id, type: 'client.deleted' } })).not.toBeNull()
  })
})
