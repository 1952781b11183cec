import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../support/app.ts'
import { REDIRECT_URI, relyingParty, type Tokens } from '../../support/relying-party.ts'

const PATH = '/v1/admin/clients'
const plain = {
  name: 'Web',
  clientType: 'confidential',
  redirectUris: ['https://app.example.com/'],
  scopes: ['openid'],
}
const metadata = `resource_metadata="${ISSUER}/.well-known/oauth-protected-resource"`
const invalidToken = `Bearer realm="cerberus", error="invalid_token", ${metadata}`

let api: Api
beforeAll(async () => {
  // The counts of the general limit are not saved while statements are counted.
  api = await createApi({ flushIntervalMs: 3_600_000 })
})
afterAll(() => api.close())

const bearer = (token: string, more: Record<string, string> = {}) => ({ authorization: `Bearer ${token}`, ...more })

/** A client for itself, with these scopes, in the organisation of `keeper`. */
async function machine(scopes: string[], settings: object = {}, keeper: Person = api.owner) {
  const robot = { ...plain, grantTypes: ['client_credentials'], redirectUris: [], scopes, ...settings }
  const answer = await api.send(keeper, 'POST', PATH, { body: robot })
  expect(answer.statusCode).toBe(201)
  return answer.json<RegisteredTestClient & { id: string }>()
}

async function tokenOf(client: RegisteredTestClient, scope?: string): Promise<string> {
  const answer = await relyingParty(api, client).exchange('', { grant_type: 'client_credentials', scope })
  expect(answer.statusCode).toBe(200)
  return answer.json<Tokens>().access_token
}

/** What a person who holds `permissions` gets from a client by these scopes. */
async function tokenOfPerson(permissions: string[], scope: string) {
  const person = await api.addPerson(permissions)
  const application = await api.registerClient({
    scopes: ['openid', ...scope.split(' ')],
    redirectUris: [REDIRECT_URI],
  })
  const browser = api.browser()
  const [name = '', value = ''] = person.cookie.split('=')
  browser.cookies.set(name, value)
  const { access_token: token } = await relyingParty(api, application).tokens(browser, { scope: `openid ${scope}` })
  return { person, token, application }
}

const problem = (answer: { statusCode: number; headers: object; json: () => { detail?: string } }) => ({
  status: answer.statusCode,
  detail: answer.json().detail,
  challenge: (answer.headers as Record<string, string>)['www-authenticate'],
})

describe('RFC 6750 §2.1: a bearer token administers', () => {
  it('of a machine, by its scopes', async () => {
    const token = await tokenOf(await machine(['clients:read', 'clients:create']))
    const made = await api.send(undefined, 'POST', PATH, { body: plain, headers: bearer(token) })
    expect(made.statusCode).toBe(201)
    const read = await api.send(undefined, 'GET', `${PATH}/${made.json<{ id: string }>().id}`, {
      headers: bearer(token),
    })
    expect(read.statusCode).toBe(200)
  })

  it('opaque as well as a JWT', async () => {
    const token = await tokenOf(await machine(['clients:*'], { accessTokenFormat: 'opaque' }))
    expect((await api.send(undefined, 'GET', PATH, { headers: bearer(token) })).statusCode).toBe(200)
  })

  it('of a person, by what both they and the scopes may', async () => {
    const both = await tokenOfPerson(['clients:*'], 'clients:read')
    expect((await api.send(undefined, 'GET', PATH, { headers: bearer(both.token) })).statusCode).toBe(200)
    const beyondScope = await api.send(undefined, 'POST', PATH, { body: plain, headers: bearer(both.token) })
    expect(problem(beyondScope)).toEqual({
      status: 403,
      detail: 'The access token lacks the scope clients:create.',
      challenge: `Bearer realm="cerberus", error="insufficient_scope", scope="clients:create", ${metadata}`,
    })

    const { token } = await tokenOfPerson(['clients:read'], 'clients:*')
    expect((await api.send(undefined, 'GET', PATH, { headers: bearer(token) })).statusCode).toBe(200)
    const beyondPerson = await api.send(undefined, 'POST', PATH, { body: plain, headers: bearer(token) })
    expect(problem(beyondPerson)).toMatchObject({ status: 403, detail: 'You lack the permission clients:create.' })
  })

  it('of a person only as long as they have the right', async () => {
    const { person, token } = await tokenOfPerson(['clients:read'], 'clients:read')
    await api.prisma.roleAssignment.deleteMany({ where: { userId: person.id } })
    const answer = await api.send(undefined, 'GET', PATH, { headers: bearer(token) })
    expect(problem(answer)).toMatchObject({ status: 403, detail: 'You lack the permission clients:read.' })
  })

  it('and not the session beside it', async () => {
    const token = await tokenOf(await machine(['clients:read']))
    const answer = await api.send(api.owner, 'POST', PATH, { body: plain, headers: bearer(token) })
    expect(answer.statusCode).toBe(403)
  })

  it('from a page of another site too, which cannot have it sent by itself', async () => {
    const token = await tokenOf(await machine(['clients:create']))
    const headers = bearer(token, { 'sec-fetch-site': 'cross-site', origin: 'https://console.example.com' })
    expect((await api.send(undefined, 'POST', PATH, { body: plain, headers })).statusCode).toBe(201)
  })
})

describe('RFC 6750 §3.1: refused', () => {
  const attempt = async (token: string) => problem(await api.send(undefined, 'GET', PATH, { headers: bearer(token) }))

  it('is one that is malformed, expired or revoked, or whose client is off', async () => {
    expect(await attempt('nonsense')).toMatchObject({ status: 401, challenge: invalidToken })

    const client = await machine(['clients:read'], { accessTokenLifetime: 60 })
    const expired = await tokenOf(client)
    api.clock.advance(61)
    expect(await attempt(expired)).toMatchObject({ status: 401, challenge: invalidToken })

    const revoked = await tokenOf(client)
    await relyingParty(api, client).revoke(revoked)
    expect(await attempt(revoked)).toMatchObject({ status: 401, challenge: invalidToken })

    const switchedOff = await tokenOf(client)
    expect(await attempt(switchedOff)).toMatchObject({ status: 200 })
    await api.send(api.owner, 'POST', `${PATH}/${client.id}/disable`)
    expect(await attempt(switchedOff)).toMatchObject({ status: 401, challenge: invalidToken })
  })

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'bearer tökén', 'DPoP', 'Bearer a, Bearer b'])(
    'is one of another form (%s), and the session beside it does not act instead',
    async (given) => {
      const headers = { authorization: Buffer.from(given).toString('latin1') }
      for (const url of [PATH, '/v1/me/profile']) {
        const answer = await api.send(api.owner, 'GET', url, { headers })
        expect(problem(answer)).toMatchObject({ status: 401, challenge: invalidToken })
      }
    },
  )

  it('is one for another audience, whatever its scopes', async () => {
    const elsewhere = await machine(['clients:read'], { audience: ['https://api.example.com'] })
    expect(await attempt(await tokenOf(elsewhere))).toMatchObject({ status: 401, challenge: invalidToken })
    const here = await machine(['clients:read'], { audience: ['https://api.example.com', ISSUER] })
    expect(await attempt(await tokenOf(here))).toMatchObject({ status: 200 })
  })

  it('is one without the scope, which is named', async () => {
    const client = await machine(['clients:read', 'reports:read'])
    expect(await attempt(await tokenOf(client, 'reports:read'))).toEqual({
      status: 403,
      detail: 'The access token lacks the scope clients:read.',
      challenge: `Bearer realm="cerberus", error="insufficient_scope", scope="clients:read", ${metadata}`,
    })
  })

  it('is unauthenticated, with a challenge and no error', async () => {
    const answer = await api.send(undefined, 'GET', PATH)
    expect(problem(answer)).toMatchObject({ status: 401, challenge: `Bearer ${metadata}` })
  })
})

describe('what a token reaches', () => {
  it('is its own organisation, and X-Org-Domain can only say so', async () => {
    const stranger = await api.addPerson(['*'], await api.addOrganisation('other'))
    const theirs = await tokenOf(await machine(['clients:*'], {}, stranger))
    const ours = await machine(['clients:read'])
    for (const [method, url] of [
      ['GET', `${PATH}/${ours.id}`],
      ['GET', `${PATH}/${ours.clientId}`],
      ['DELETE', `${PATH}/${ours.id}`],
    ] as const) {
      expect((await api.send(undefined, method, url, { headers: bearer(theirs) })).statusCode).toBe(404)
    }
    const listed = await api.send(undefined, 'GET', PATH, { headers: bearer(theirs) })
    expect(listed.json()).toMatchObject({ total: 1 })
    const named = await api.send(undefined, 'GET', PATH, { headers: bearer(theirs, { 'x-org-domain': 'acme' }) })
    expect(problem(named)).toMatchObject({ status: 403 })
    const own = await api.send(undefined, 'GET', PATH, { headers: bearer(theirs, { 'x-org-domain': 'other' }) })
    expect(own.statusCode).toBe(200)
    const keys = await tokenOf(await machine(['signing_keys:read'], {}, stranger))
    expect((await api.send(undefined, 'GET', '/v1/admin/signing-keys', { headers: bearer(keys) })).statusCode).toBe(403)
  })

  it('is no more than its scopes: what it registers cannot have others', async () => {
    const token = await tokenOf(await machine(['clients:*', 'users:read']), 'clients:*')
    const robot = { ...plain, grantTypes: ['client_credentials'], redirectUris: [] }
    for (const scopes of [['users:read'], ['*'], ['clients:read', 'signing_keys:rotate']]) {
      const answer = await api.send(undefined, 'POST', PATH, { body: { ...robot, scopes }, headers: bearer(token) })
      expect(problem(answer)).toMatchObject({
        status: 403,
        detail: expect.stringContaining('permissions that you lack'),
      })
    }
    const answer = await api.send(undefined, 'POST', PATH, {
      body: { ...robot, scopes: ['clients:read'] },
      headers: bearer(token),
    })
    expect(answer.statusCode).toBe(201)
  })

  it('may create an initial access token, recorded with its creator and application', async () => {
    const robot = await machine(['clients:create', 'clients:read'])
    const headers = bearer(await tokenOf(robot))
    const url = '/v1/admin/initial-access-tokens'
    const made = await api.send(undefined, 'POST', url, { body: { name: 'Build' }, headers })
    expect([made.statusCode, made.json()]).toMatchObject([201, { userId: null, actingClientId: robot.clientId }])
    const registered = await api.app.inject({
      method: 'POST',
      url: '/oauth2/register',
      headers: bearer(made.json<{ token: string }>().token),
      payload: { redirect_uris: ['https://app.example.com/callback'] },
    })
    expect(registered.statusCode).toBe(201)
    const { token, application, person } = await tokenOfPerson(['clients:create'], 'clients:create')
    await api.send(undefined, 'POST', url, { body: { name: 'By hand' }, headers: bearer(token) })
    const listed = await api.send(undefined, 'GET', url, { headers })
    expect(listed.json<{ data: object[] }>().data.slice(0, 2)).toMatchObject([
      { name: 'By hand', userId: person.id, actingClientId: application.clientId },
      { name: 'Build', userId: null, actingClientId: robot.clientId },
    ])
  })

  it.each([
    ['without the permission to create', ['clients:read'], ['openid']],
    ['for permissions that it lacks', ['clients:create'], ['openid', 'clients:delete']],
  ])('is no initial access token %s', async (_, held, scopes) => {
    const token = await tokenOf(await machine(held))
    const answer = await api.send(undefined, 'POST', '/v1/admin/initial-access-tokens', {
      body: { name: 'Build', scopes },
      headers: bearer(token),
    })
    expect(answer.statusCode).toBe(403)
  })
})

describe('what was done by a token', () => {
  it('is recorded with the acting client, and with the user if there is one', async () => {
    const robot = await machine(['clients:create'])
    await api.send(undefined, 'POST', PATH, { body: plain, headers: bearer(await tokenOf(robot)) })
    const byMachine = (await api.events()).at(-1)
    expect(byMachine).toMatchObject({
      type: 'client.created',
      userId: null,
      metadata: { actingClientId: robot.clientId },
    })

    const { person, token, application } = await tokenOfPerson(['clients:create'], 'clients:create')
    await api.send(undefined, 'POST', PATH, { body: plain, headers: bearer(token) })
    const byPerson = (await api.events()).at(-1)
    expect(byPerson).toMatchObject({ userId: person.id, metadata: { actingClientId: application.clientId } })
  })
})

describe('statements per request', () => {
  /** How many statements a request sends. Pending last-used timestamps are written before, not during it. */
  async function statementsOf(request: () => Promise<unknown>): Promise<number> {
    await api.lastUsed.flush()
    const before = api.database.statementCount()
    await request()
    return api.database.statementCount() - before
  }

  it('is one for a client, and one more for the permissions of a user', async () => {
    const robot = await tokenOf(await machine(['signing_keys:read']))
    const { token } = await tokenOfPerson(['clients:read'], 'reports:read')
    const { token: keeper } = await tokenOfPerson([], 'clients:read')
    const statements = async (presented: string, url: string) => {
      const request = () => api.send(undefined, 'GET', url, { headers: bearer(presented) })
      await api.changesRead()
      await request()
      return statementsOf(request)
    }
    // Rejected requests, so that only the statements that find the caller are counted.
    expect(await statements(robot, PATH)).toBe(1)
    expect(await statements(token, PATH)).toBe(1)
    const session = await api.addPerson([])
    await api.changesRead()
    const bySession = await statementsOf(() => api.send(session, 'GET', PATH))
    expect(await statements(keeper, PATH)).toBe(bySession)
  })
})
