import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { createTestApp, ISSUER } from '../../support/app.ts'
import { relyingParty } from '../../support/relying-party.ts'

const KEYS = '/v1/admin/api-keys'
const DAY = 86_400

interface IssuedKey {
  id: string
  key: string
  prefix: string
  scopes: string[]
  status: string
  expiresAt: string
}

let api: Api
let reader: Person
beforeAll(async () => {
  api = await createApi()
  reader = await api.addPerson(['users:read', 'api_keys:*'])
})
afterAll(() => api.close())

const create = (as: Person, body: object) => api.send(as, 'POST', KEYS, { body: { name: 'Script', ...body } })
async function issue(body: object = {}, as: Person = api.owner): Promise<IssuedKey> {
  const answer = await create(as, { scopes: ['users:read', 'api_keys:*'], ...body })
  expect(answer.statusCode).toBe(201)
  return answer.json()
}
const send = (key: string, method: 'GET' | 'POST', url: string, body?: unknown, from = '203.0.113.7') =>
  api.app.inject({
    method,
    url,
    remoteAddress: from,
    headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
const statusWith = async (key: string, from?: string) =>
  (await send(key, 'GET', '/v1/admin/users', undefined, from)).statusCode
const shown = async ({ id }: { id: string }) => (await api.send(api.owner, 'GET', `${KEYS}/${id}`)).json()

describe('creating an API key', () => {
  it('returns the key once, in the published form, and stores its hash', async () => {
    const answer = await create(api.owner, { scopes: ['users:read'] })
    expect(answer.statusCode).toBe(201)
    const { key, warning, ...apiKey } = answer.json<IssuedKey & { warning: string }>()
    expect(key).toMatch(/^ck_live_[a-z0-9]{10}_[0-9A-Za-z]{49}$/)
    expect(key.startsWith(`${apiKey.prefix}_`)).toBe(true)
    expect(warning).toMatch(/not shown again/)
    expect(apiKey).toMatchObject({
      name: 'Script',
      userId: api.owner.id,
      scopes: ['users:read'],
      allowedAddresses: [],
      status: 'active',
      isActive: true,
      lastUsedAt: null,
      revokedAt: null,
    })
    expect(answer.headers.location).toBe(`${KEYS}/${apiKey.id}`)
    expect(await shown(apiKey)).toEqual(apiKey)
    const rows = await api.prisma.$queryRaw`SELECT * FROM api_keys`
    expect(JSON.stringify(rows)).not.toContain(key.slice(-49))
  })

  it('lets it expire after 90 days, or the days that are asked for', async () => {
    const daysOf = ({ expiresAt }: IssuedKey) =>
      Math.round((Date.parse(expiresAt) - api.clock.now().getTime()) / DAY / 1000)
    expect(daysOf(await issue())).toBe(90)
    expect(daysOf(await issue({ expiresInDays: 365 }))).toBe(365)
  })

  it('reads scopes with the action first, and names each once', async () => {
    expect((await issue({ scopes: ['read:users', 'users:read', 'clients:*'] })).scopes).toEqual([
      'users:read',
      'clients:*',
    ])
  })

  it.each([
    ['scopes', { scopes: [] }],
    ['scopes.0', { scopes: ['openid'] }],
    ['expiresInDays', { scopes: ['users:read'], expiresInDays: 366 }],
    ['allowedAddresses.0', { scopes: ['users:read'], allowedAddresses: ['here'] }],
    ['allowedAddresses.0', { scopes: ['users:read'], allowedAddresses: ['192.0.2.0/33'] }],
  ])('rejects a wrong %s', async (member, body) => {
    const answer = await create(api.owner, body)
    expect(answer.statusCode).toBe(400)
    const paths = answer.json<{ errors: { path: (string | number)[] }[] }>().errors.map(({ path }) => path.join('.'))
    expect(paths).toContain(member)
  })

  it('is refused for a permission that the caller lacks, and to a client that acts for itself', async () => {
    expect((await create(reader, { scopes: ['users:update'] })).statusCode).toBe(403)
    const machine = await api.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['api_keys:*', 'users:read'],
      tokenEndpointAuthMethod: 'client_secret_post',
    })
    const token = await api.app.inject({
      method: 'POST',
      url: '/oauth2/token',
      payload: `grant_type=client_credentials&client_id=${machine.clientId}&client_secret=${machine.clientSecret}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const { access_token: accessToken } = token.json<{ access_token: string }>()
    expect((await send(accessToken, 'POST', KEYS, { name: 'x', scopes: ['users:read'] })).statusCode).toBe(403)
  })
})

describe('a key', () => {
  it('acts as its user within its scopes, and is named in the events', async () => {
    // Those of the default role, which the new user gets, among them.
    const others = ['organisation:*', 'roles:*', 'permissions:*', 'teams:*', 'invitations:*']
    const { key, id } = await issue({ scopes: ['users:*', ...others] })
    expect(await statusWith(key)).toBe(200)
    const refused = await send(key, 'GET', '/v1/admin/clients')
    expect(refused.statusCode).toBe(403)
    expect(refused.headers['www-authenticate']).toContain('scope="clients:read"')
    expect((await send(key, 'POST', '/v1/admin/users', { email: 'made@example.test' })).statusCode).toBe(201)
    expect((await api.events()).at(-1)).toMatchObject({
      type: 'user.created',
      userId: api.owner.id,
      metadata: { apiKeyId: id },
    })
  })

  it('does not do what its user may no longer do', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:create'])
    const { key } = await issue({ scopes: ['users:read'] }, person)
    expect(await statusWith(key)).toBe(200)
    await api.prisma.roleAssignment.deleteMany({ where: { userId: person.id } })
    expect(await statusWith(key)).toBe(403)
    await api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } })
    expect(await statusWith(key)).toBe(401)
  })

  it('creates and rotates no key with more scopes than its own', async () => {
    const wide = await issue({ scopes: ['*'] })
    const narrow = await issue({ scopes: ['api_keys:*', 'users:read'] })
    expect((await send(narrow.key, 'POST', KEYS, { name: 'x', scopes: ['clients:read'] })).statusCode).toBe(403)
    expect((await send(narrow.key, 'POST', `${KEYS}/${wide.id}/rotate`, {})).statusCode).toBe(403)
    expect((await send(narrow.key, 'POST', `${KEYS}/${narrow.id}/rotate`, {})).statusCode).toBe(201)
  })

  it('notes its use to the minute', async () => {
    const issued = await issue()
    const first = api.clock.now().toISOString()
    await statusWith(issued.key, '2001:db8::7')
    expect(await shown(issued)).toMatchObject({ lastUsedAt: first, lastUsedAddress: '2001:db8::7' })
    await statusWith(issued.key)
    expect(await shown(issued)).toMatchObject({ lastUsedAddress: '2001:db8::7' })
    api.clock.advance(60)
    await statusWith(issued.key)
    expect(await shown(issued)).toMatchObject({ lastUsedAddress: '203.0.113.7' })
  })

  it('works from its allowed addresses only', async () => {
    const { key } = await issue({ allowedAddresses: ['192.0.2.0/24', '2001:db8::/32'] })
    expect(await statusWith(key, '192.0.2.200')).toBe(200)
    expect(await statusWith(key, '2001:db8:1::1')).toBe(200)
    expect(await statusWith(key, '::ffff:192.0.2.1')).toBe(200)
    expect(await statusWith(key, '203.0.113.7')).toBe(401)
  })

  it('ends when it expires, and when its organisation is closed', async () => {
    const short = await issue({ expiresInDays: 1 })
    api.clock.advance(DAY - 60)
    expect(await statusWith(short.key)).toBe(200)
    api.clock.advance(60)
    expect(await statusWith(short.key)).toBe(401)
    api.owner.cookie = await api.signIn()
    const organisation = await api.addOrganisation('closed-soon')
    const person = await api.addPerson(['users:read', 'api_keys:create'], organisation)
    const { key } = await issue({ scopes: ['users:read'] }, person)
    expect(await statusWith(key)).toBe(200)
    await api.prisma.organisation.update({ where: { id: organisation.id }, data: { status: 'suspended' } })
    await api.changesRead()
    expect(await statusWith(key)).toBe(401)
  })

  it.each([
    [
      'with another character',
      (key: string) => `${key.slice(0, -20)}${key.at(-20) === 'a' ? 'b' : 'a'}${key.slice(-19)}`,
    ],
    ['cut off', (key: string) => key.slice(0, -1)],
    ['of another kind', (key: string) => key.replace('ck_live_', 'ck_test_')],
  ])('is unknown %s', async (_, change) => {
    const { key } = await issue()
    const answer = await send(change(key), 'GET', '/v1/admin/users')
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  it('acts in its organisation only, and says nothing to the account API', async () => {
    const { key } = await issue({ scopes: ['*'] })
    await api.addOrganisation('elsewhere')
    const there = await api.app.inject({
      url: '/v1/admin/users',
      headers: { authorization: `Bearer ${key}`, 'x-org-domain': 'elsewhere' },
    })
    expect(there.statusCode).toBe(403)
    expect((await send(key, 'GET', '/v1/me/profile')).statusCode).toBe(401)
  })
})

describe('the keys of an organisation', () => {
  it('are listed newest first, by name or prefix, user and status', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:*'])
    const one = await issue({ name: 'Quarterly export', scopes: ['users:read'] }, person)
    const two = await issue({ name: 'Weekly export', scopes: ['users:read'] }, person)
    const list = async (query: string) => {
      const answer = await api.send(api.owner, 'GET', `${KEYS}?${query}`)
      return answer.json<{ data: IssuedKey[] }>().data.map(({ id }) => id)
    }
    expect(await list(`userId=${person.id}`)).toEqual([two.id, one.id])
    expect(await list('search=QUARTERLY')).toEqual([one.id])
    expect(await list(`search=${two.prefix}`)).toEqual([two.id])
    await api.send(person, 'POST', `${KEYS}/${one.id}/revoke`)
    expect(await list(`userId=${person.id}&status=active`)).toEqual([two.id])
    expect(await list(`userId=${person.id}&status=revoked`)).toEqual([one.id])
  })

  it('are revoked once, at once', async () => {
    const issued = await issue()
    const revoke = () => api.send(api.owner, 'POST', `${KEYS}/${issued.id}/revoke`)
    const answers = await Promise.all([revoke(), revoke(), revoke()])
    expect(answers.map(({ statusCode }) => statusCode).sort((one, other) => one - other)).toEqual([200, 409, 409])
    expect(await statusWith(issued.key)).toBe(401)
    expect(await shown(issued)).toMatchObject({ status: 'revoked', revokedReason: 'revoked', isActive: false })
  })

  it('are rotated once, by their user, and overlap', async () => {
    const old = await issue({ name: 'Rotated', allowedAddresses: ['203.0.113.0/24'], expiresInDays: 30 })
    const another = await api.addPerson(['*'])
    expect((await api.send(another, 'POST', `${KEYS}/${old.id}/rotate`, { body: {} })).statusCode).toBe(403)
    const rotate = () => api.send(api.owner, 'POST', `${KEYS}/${old.id}/rotate`, { body: { overlapSeconds: 600 } })
    const answers = await Promise.all([rotate(), rotate(), rotate()])
    expect(answers.map(({ statusCode }) => statusCode).sort((one, other) => one - other)).toEqual([201, 409, 409])
    const successor = answers.find(({ statusCode }) => statusCode === 201)?.json<IssuedKey>()
    expect(successor).toMatchObject({ name: 'Rotated', allowedAddresses: ['203.0.113.0/24'], scopes: old.scopes })
    expect([await statusWith(old.key), await statusWith(successor?.key ?? '')]).toEqual([200, 200])
    api.clock.advance(600)
    expect([await statusWith(old.key), await statusWith(successor?.key ?? '')]).toEqual([401, 200])
  })

  it('end with their user', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:*'])
    const issued = await issue({ scopes: ['users:read'] }, person)
    const erased = await api.send(api.owner, 'DELETE', `/v1/admin/users/${person.id}?erase=true`)
    expect(erased.statusCode).toBeLessThan(300)
    expect((await api.send(api.owner, 'GET', `${KEYS}/${issued.id}`)).statusCode).toBe(404)
  })
})

describe('the exchange of a key for a token', () => {
  const AUDIENCE = 'https://api.example.com'
  const exchange = (key: string, body: object = { audience: AUDIENCE }, from?: string) =>
    send(key, 'POST', '/v1/api-keys/token', body, from)
  const tokenOf = async (key: string, body?: object) => (await exchange(key, body)).json<{ token: string }>().token
  let rp: ReturnType<typeof relyingParty>
  beforeAll(async () => {
    rp = relyingParty(api, await api.registerClient({ clientType: 'confidential', audience: [AUDIENCE] }))
  })
  const isActive = async (token: string) => (await rp.introspect(token)).json<{ active: boolean }>().active

  it('returns a JWT of five minutes for another API, with what the key may do', async () => {
    const { key, id } = await issue({ scopes: ['users:*', 'clients:read'] })
    const answer = await exchange(key, { audience: AUDIENCE, scopes: ['users:read', 'clients:*', 'audit:read'] })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['cache-control']).toContain('no-store')
    const { token, ...facts } = answer.json<{ token: string }>()
    expect(facts).toMatchObject({ tokenType: 'Bearer', scopes: ['clients:read', 'users:read'] })
    const { payload, protectedHeader } = await jwtVerify(
      token,
      createLocalJWKSet((await api.app.inject('/oauth2/jwks.json')).json()),
      { audience: AUDIENCE, issuer: ISSUER, typ: 'at+jwt', currentDate: api.clock.now() },
    )
    expect(protectedHeader.alg).toBe('ES256')
    expect(payload).toMatchObject({
      sub: api.owner.id,
      client_id: id,
      scope: 'clients:read users:read',
      token_use: 'api_key',
      org: 'acme',
    })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
    expect((await rp.introspect(token)).json()).toMatchObject({ active: true, ...payload, token_type: 'Bearer' })
  })

  it('is for audiences of clients of the organisation only, never for this server, and has a scope', async () => {
    const { key } = await issue({ scopes: ['users:read'] })
    const statusOf = async (body: object) => (await exchange(key, body)).statusCode
    expect(await statusOf({ audience: 'https://other.example.com' })).toBe(400)
    expect(await statusOf({ audience: ISSUER })).toBe(400)
    expect(await statusOf({})).toBe(400)
    expect(await statusOf({ audience: AUDIENCE, scopes: ['clients:read'] })).toBe(403)
  })

  it('needs an active key, its address and an active user', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:create'])
    const { key } = await issue({ scopes: ['users:read'], allowedAddresses: ['192.0.2.0/24'] }, person)
    expect((await exchange(key, undefined, '192.0.2.1')).statusCode).toBe(200)
    expect((await exchange(key)).statusCode).toBe(401)
    await api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } })
    const refused = await exchange(key, undefined, '192.0.2.1')
    expect([refused.statusCode, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer realm="cerberus", error="invalid_token"/),
    ])
  })

  it('ends at introspection with the key, with its user, and after five minutes', async () => {
    const person = await api.addPerson(['users:read', 'api_keys:*'])
    const revoked = await issue({ scopes: ['users:read'] }, person)
    const kept = await issue({ scopes: ['users:read'] }, person)
    const [one, other, third] = [
      await tokenOf(revoked.key),
      await tokenOf(kept.key),
      await tokenOf((await issue()).key),
    ]
    expect(await isActive(one)).toBe(true)
    await api.send(person, 'POST', `${KEYS}/${revoked.id}/revoke`)
    expect([await isActive(one), await isActive(other)]).toEqual([false, true])
    await api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } })
    expect([await isActive(other), await isActive(third)]).toEqual([false, true])
    api.clock.advance(300)
    expect(await isActive(third)).toBe(false)
  })
})

describe('a report of published keys', () => {
  const report = (keys: unknown, headers: Record<string, string> = {}) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/api-keys/report-leak',
      headers: { 'content-type': 'application/json', ...headers },
      payload: JSON.stringify({ keys, foundAt: 'https://git.example.com/file' }),
    })

  it('revokes them without a sign-in, and answers the same for any text', async () => {
    const issued = await issue()
    const answers = [await report([issued.key, 'x']), await report(['x']), await report([issued.key])]
    expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual(
      answers.map(() => [202, answers[0]?.body]),
    )
    expect(await statusWith(issued.key)).toBe(401)
    expect(await shown(issued)).toMatchObject({ status: 'revoked', revokedReason: 'leaked' })
    const events = (await api.events()).filter(({ type }) => type === 'api_key.leaked')
    expect(events).toMatchObject([{ resourceId: issued.id, metadata: { foundAt: 'https://git.example.com/file' } }])
  })

  it('has bounds, and a limit by address', async () => {
    expect((await report([])).statusCode).toBe(400)
    expect((await report(Array.from({ length: 101 }, () => 'x'))).statusCode).toBe(400)
    expect((await report(['x'.repeat(201)])).statusCode).toBe(400)
    const limited = await createTestApp({ limits: { signIn: { max: 2, window: 60 } } })
    const ask = () => limited.app.inject({ method: 'POST', url: '/v1/api-keys/report-leak', payload: { keys: ['x'] } })
    expect([(await ask()).statusCode, (await ask()).statusCode, (await ask()).statusCode]).toEqual([202, 202, 429])
    await limited.close()
  })
})
