import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ISSUER } from '../../../support/app.ts'
import { createApi, type Api, type Person } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const web = { name: 'Web', clientType: 'confidential', redirectUris: ['https://app.example.com/'], scopes: ['openid'] }
const unknownId = '0197f3a0-0000-7000-8000-000000000000'

let api: Api
let stranger: Person

beforeAll(async () => {
  api = await createApi()
  stranger = await api.addPerson(['*'], await api.addOrganisation('other'))
})

afterAll(() => api.close())

async function register(body: object = web, person: Person = api.owner) {
  const answer = await api.send(person, 'POST', PATH, { body })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string; clientId: string }>()
}

/** Every request that there is on one client. */
const requestsOn = (reference: string) =>
  [
    ['GET', `${PATH}/${reference}`, undefined, 'clients:read'],
    ['GET', `${PATH}/${reference}/lint`, undefined, 'clients:read'],
    ['POST', `${PATH}/${reference}/clone`, undefined, 'clients:create'],
    ['GET', `${PATH}/${reference}/events`, undefined, 'audit:read'],
    ['GET', `${PATH}/${reference}/grants`, undefined, 'clients:read'],
    ['DELETE', `${PATH}/${reference}/grants`, undefined, 'clients:delete'],
    ['DELETE', `${PATH}/${reference}/grants/${unknownId}`, undefined, 'clients:update'],
    ['GET', `${PATH}/${reference}/secrets`, undefined, 'clients:read'],
    ['POST', `${PATH}/${reference}/secrets`, undefined, 'clients:update'],
    ['DELETE', `${PATH}/${reference}/secrets/${unknownId}`, undefined, 'clients:update'],
    ['POST', `${PATH}/${reference}/disable`, undefined, 'clients:update'],
    ['POST', `${PATH}/${reference}/enable`, undefined, 'clients:update'],
    ['PATCH', `${PATH}/${reference}`, { name: 'Taken' }, 'clients:update'],
    ['PUT', `${PATH}/${reference}`, web, 'clients:update'],
    ['POST', `${PATH}/${reference}/rotate-secret`, undefined, 'clients:update'],
    ['POST', `${PATH}/${reference}/regenerate-secret`, { overlapSeconds: 5 }, 'clients:update'],
    ['POST', `${PATH}/${reference}/revoke`, undefined, 'clients:delete'],
    ['DELETE', `${PATH}/${reference}`, undefined, 'clients:delete'],
  ] as const

const requests = (reference: string) =>
  [['GET', PATH, undefined, 'clients:read'], ['POST', PATH, web, 'clients:create'], ...requestsOn(reference)] as const

/** The whole of the stored clients and events: what must not change. */
const everything = async () => ({
  clients: await api.prisma.client.findMany({ orderBy: { id: 'asc' }, include: { secrets: true } }),
  events: await api.events(),
})

describe('a request without a session', () => {
  it.each(requests(unknownId))('%s %s is rejected', async (method, url, body) => {
    const answer = await api.send(undefined, method, url, { body })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([401, 'application/problem+json'])
  })

  it('is authenticated before the body is validated', async () => {
    const answer = await api.send(undefined, 'POST', PATH, { body: '{' })
    expect(answer.statusCode).toBe(401)
  })
})

describe('a user without the permission', () => {
  it('gets an error that names it, and changes nothing', async () => {
    const { id } = await register()
    const needed = ['clients:create', 'clients:read', 'clients:update', 'clients:delete']
    for (const [method, url, , permission] of requests(id)) {
      const person = await api.addPerson(needed.filter((slug) => slug !== permission))
      const before = await everything()
      // The body is invalid as well, but the permission is checked first.
      const answer = await api.send(person, method, url, { body: method === 'GET' ? undefined : { colour: 'red' } })
      expect([answer.statusCode, answer.json()]).toMatchObject([
        403,
        { detail: `You lack the permission ${permission}.` },
      ])
      expect(await everything()).toEqual(before)
    }
  })

  it('is accepted with clients:* or *', async () => {
    for (const permission of ['clients:*', '*']) {
      const person = await api.addPerson([permission])
      const answer = await api.send(person, 'GET', PATH)
      expect(answer.statusCode).toBe(200)
    }
  })
})

describe('a client of another organisation', () => {
  it('is not there, by either of its names', async () => {
    const { id, clientId } = await register()
    for (const [method, url, body] of [...requestsOn(id), ...requestsOn(clientId)]) {
      const before = await everything()
      const answer = await api.send(stranger, method, url, { body })
      expect([answer.statusCode, answer.json()]).toMatchObject([404, { detail: 'There is no such client.' }])
      expect(await everything()).toEqual(before)
    }
    const list = await api.send(stranger, 'GET', PATH)
    expect(list.json()).toMatchObject({ data: [], total: 0 })
  })
})

describe('X-Org-Domain', () => {
  it('may be left out or name the organisation of the session', async () => {
    const own = await api.send(api.owner, 'GET', PATH, { headers: { 'x-org-domain': 'acme' } })
    expect(own.statusCode).toBe(200)
    const none = await api.send(api.owner, 'GET', PATH)
    expect(none.json()).toEqual(own.json())
  })

  it('is refused with any other organisation, whether there is one, and the session goes on', async () => {
    const details = new Set<string>()
    for (const domain of ['other', 'unknown', '', 'acme, other']) {
      const before = await everything()
      const answer = await api.send(api.owner, 'POST', PATH, { body: web, headers: { 'x-org-domain': domain } })
      expect(answer.statusCode).toBe(403)
      expect(answer.headers['set-cookie']).toBeUndefined()
      expect(await everything()).toEqual(before)
      details.add(answer.json<{ detail: string }>().detail)
    }
    expect(details.size).toBe(1)
    const after = await api.send(api.owner, 'GET', PATH)
    expect(after.statusCode).toBe(200)
  })
})

describe('a page of another site', () => {
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: ISSUER }, 201],
    [{ origin: ISSUER }, 201],
  ])('that sends %j gets %i', async (headers, status) => {
    const answer = await api.send(api.owner, 'POST', PATH, { body: web, headers })
    expect(answer.statusCode).toBe(status)
  })
})

describe('a scope that is a permission', () => {
  const robot = {
    ...web,
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['users:delete', 'reports:read'],
  }

  it('is granted only by a user who has it', async () => {
    const person = await api.addPerson(['clients:*', 'users:read'])
    for (const scopes of [['users:delete'], ['users:*'], ['*'], ['users:read', 'roles:anything']]) {
      const refused = await api.send(person, 'POST', PATH, { body: { ...robot, scopes } })
      expect([refused.statusCode, refused.json()]).toMatchObject([
        403,
        { detail: expect.stringMatching(/permissions that you lack/) },
      ])
    }
    await register({ ...robot, scopes: ['users:read', 'reports:read'] }, person)
    await register(robot)
  })

  it('is not borrowed by changing a client or asking for its secret', async () => {
    const { id } = await register(robot)
    const person = await api.addPerson(['clients:*'])
    const before = await everything()
    const attempts = [
      await api.send(person, 'PATCH', `${PATH}/${id}`, { body: { name: 'Mine' } }),
      await api.send(person, 'POST', `${PATH}/${id}/rotate-secret`),
    ]
    expect(attempts.map(({ statusCode }) => statusCode)).toEqual([403, 403])
    expect(await everything()).toEqual(before)
  })

  it('is not needed to disable, revoke or delete the client', async () => {
    const person = await api.addPerson(['clients:*'])
    for (const [method, path, status] of [
      ['POST', '/disable', 200],
      ['POST', '/revoke', 200],
      ['DELETE', '', 204],
    ] as const) {
      const { id } = await register(robot)
      expect((await api.send(person, method, `${PATH}/${id}${path}`)).statusCode).toBe(status)
    }
    const { id } = await register(robot)
    await api.send(person, 'POST', `${PATH}/${id}/disable`)
    expect((await api.send(person, 'POST', `${PATH}/${id}/enable`)).statusCode).toBe(403)
  })

  const changes = {
    name: { name: 'Mine' },
    'redirect URI': { redirectUris: ['https://mine.example/cb'] },
    'grant type': {
      grantTypes: ['client_credentials', 'authorization_code'],
      redirectUris: ['https://mine.example/cb'],
    },
    key: { jwksUri: 'https://mine.example/keys' },
    'authentication method': { additionalTokenEndpointAuthMethods: ['client_secret_post'] },
    'fewer scopes': { scopes: ['reports:read'] },
    'more scopes': { scopes: ['users:delete', 'reports:read', 'other'] },
  }

  it.each(Object.entries(changes))('is not borrowed in two steps, by a change of %s', async (_name, body) => {
    const { id } = await register(robot)
    const person = await api.addPerson(['clients:*'])
    const change = () => api.send(person, 'PATCH', `${PATH}/${id}`, { body })
    const secret = (path: string) => api.send(person, 'POST', `${PATH}/${id}/${path}`)
    const rejected = { statusCode: 403, body: expect.stringContaining('permissions that you lack: users:delete') }
    expect(await change()).toMatchObject(rejected)
    // Meanwhile the owner takes the permission away. What is added now would have it when it is restored.
    const without = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { scopes: ['reports:read'] } })
    expect(without.statusCode).toBe(200)
    expect(without.body).not.toContain('scopeHistory')
    const before = await everything()
    for (const answer of [await change(), await secret('secrets'), await secret('rotate-secret')])
      expect(answer).toMatchObject(rejected)
    expect(await everything()).toEqual(before)
    // A clone has only the scopes that are left, and its own secret.
    expect((await secret('clone')).statusCode).toBe(201)
    const restored = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { scopes: robot.scopes } })
    expect(restored.statusCode).toBe(200)
  })

  it('is remembered for every statement that changes scopes, and for no other scope', async () => {
    const { id } = await register({ ...robot, scopes: ['users:read', 'users:read:all', 'read'] })
    await api.prisma.client.update({ where: { id }, data: { settings: { scopes: ['*'] } } })
    await api.prisma.client.update({ where: { id }, data: { settings: {} } })
    const { scopeHistory } = await api.prisma.client.findUniqueOrThrow({ where: { id } })
    expect(scopeHistory).toEqual(['*', 'users:read', 'users:read:all'])
  })

  it('is not borrowed by the rules of registration that already allow it', async () => {
    const person = await api.addPerson(['clients:*', 'organisation:*'])
    const policy = '/v1/admin/registration-policy'
    const hosts = { clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: ['mine.example'] }
    const rejected = { statusCode: 403, body: expect.stringContaining('permissions that you lack: users:delete') }
    const setPolicy = (who: Person, body: object) =>
      api.send(who, 'PUT', policy, { body: { policy: 'closed', ...body } })
    expect((await setPolicy(api.owner, { clientIdMetadataScopes: ['openid', 'users:delete'] })).statusCode).toBe(200)
    expect(await setPolicy(person, hosts)).toMatchObject(rejected)
    expect(await setPolicy(person, { ...hosts, clientIdMetadataScopes: ['openid'] })).toMatchObject(rejected)
    expect((await setPolicy(api.owner, { clientIdMetadataScopes: ['openid'] })).statusCode).toBe(200)
    expect((await setPolicy(person, hosts)).statusCode).toBe(200)
  })

  it('is not borrowed by the keys of an issuer of software statements that may grant it', async () => {
    const person = await api.addPerson(['clients:*', 'organisation:*'])
    const issuers = '/v1/admin/software-statement-issuers'
    const given = { issuer: 'https://statements.example', jwksUri: 'https://statements.example/keys' }
    const made = await api.send(api.owner, 'POST', issuers, { body: { ...given, scopes: ['users:delete'] } })
    expect(made.statusCode).toBe(201)
    const { id } = made.json<{ id: string }>()
    const body = { jwksUri: 'https://mine.example/keys', scopes: ['openid'] }
    const replaced = await api.send(person, 'PUT', `${issuers}/${id}`, { body })
    expect(replaced).toMatchObject({ statusCode: 403, body: expect.stringContaining('lack: users:delete') })
  })
})

describe('what cannot be meant', () => {
  it.each([
    unknownId,
    'x',
    '1',
    'client_',
    'client_none',
    "client_'--",
    '%F0%9F%97%82',
    '0197f3a0-0000-7000-8000-00000000000g',
    'client_'.padEnd(190, 'a'),
  ])('is no client: %s', async (reference) => {
    for (const [method, url, body] of requestsOn(reference)) {
      const answer = await api.send(api.owner, method, url, { body })
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'application/problem+json'])
    }
  })

  it.each([
    ['broken JSON', '{"name":', {}, 400],
    ['no body', undefined, {}, 400],
    ['an empty body', '', {}, 400],
    ['a form', 'name=Web', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415],
    ['too much', JSON.stringify({ ...web, name: 'x'.repeat(200_000) }), {}, 413],
    ['NUL', JSON.stringify({ ...web, name: 'a\0b' }), {}, 400],
    ['NUL in a list', JSON.stringify({ ...web, redirectUris: ['https://a.example/\0'] }), {}, 400],
    ['half of a surrogate pair', JSON.stringify({ ...web, description: '\ud83d' }), {}, 400],
    ['the same in the name of a member', JSON.stringify({ ...web, '\ud83d\0': 1 }), {}, 400],
    ['a prototype', `{"__proto__":{"isFirstParty":true},${JSON.stringify(web).slice(1)}`, {}, 400],
    ['a constructor', `{"constructor":{"prototype":{}},${JSON.stringify(web).slice(1)}`, {}, 400],
    ['a number that no column holds', JSON.stringify({ ...web, defaultMaxAge: 2 ** 31 }), {}, 400],
  ])('is no body: %s', async (_, body, headers, status) => {
    const before = await everything()
    const answer = await api.send(api.owner, 'POST', PATH, { body, headers })
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([status, 'application/problem+json'])
    expect(await everything()).toEqual(before)
  })

  it('is no search: NUL', async () => {
    const answer = await api.send(api.owner, 'GET', `${PATH}?search=%00`)
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
  })

  it.each([
    ['PUT', PATH, 'GET, POST, HEAD'],
    ['DELETE', PATH, 'GET, POST, HEAD'],
    ['POST', `${PATH}/${unknownId}`, 'GET, PUT, PATCH, DELETE, HEAD'],
    ['GET', `${PATH}/${unknownId}/revoke`, 'POST'],
    ['GET', `${PATH}/${unknownId}/rotate-secret`, 'POST'],
    ['DELETE', `${PATH}/${unknownId}/regenerate-secret`, 'POST'],
  ] as const)('is no method: %s %s', async (method, url, allow) => {
    const answer = await api.send(api.owner, method, url)
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow])
    expect(answer.headers['content-type']).toBe('application/problem+json')
  })
})
