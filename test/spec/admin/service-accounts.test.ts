import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../src/lib/crypto/hash.ts'
import { createMailSealer } from '../../../src/mail/mailer.ts'
import { announceExpiringApiKeys } from '../../../src/users/api-keys/announce-expiring-api-keys.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

const ACCOUNTS = '/v1/admin/service-accounts'
const KEYS = '/v1/admin/api-keys'
const AUDIENCE = 'https://api.example.com'

interface Account {
  id: string
  name: string
  status: string
  apiKeyCount: number
  roles: { slug: string }[]
}
interface Key {
  id: string
  key: string
  userId: string | null
  serviceAccountId: string | null
}

let api: Api
let made = 0
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const nextName = () => `Report ${(made += 1)}`
const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown, as: Person = api.owner) =>
  api.send(as, method, url, { ...(body !== undefined && { body }) })
const createAccount = async () => (await call('POST', ACCOUNTS, { name: nextName() })).json<Account>()
const createRole = async (permissions: string[]) => {
  const body = { name: 'Role', slug: `role-${(made += 1)}`, permissions }
  return (await call('POST', '/v1/admin/roles', body)).json<{ id: string; slug: string }>()
}
const give = (account: Account, body: object, as?: Person) => call('POST', `${ACCOUNTS}/${account.id}/roles`, body, as)
const createKey = (account: Account, scopes: string[], as?: Person) =>
  call('POST', KEYS, { name: 'Key', scopes, serviceAccountId: account.id }, as)
const withKey = (key: string, url = '/v1/admin/users', method: 'GET' | 'POST' = 'GET', body?: object) =>
  api.app.inject({ method, url, headers: { authorization: `Bearer ${key}` }, ...(body && { payload: body }) })
const statusWith = async ({ key }: Key, url?: string) => (await withKey(key, url)).statusCode

/** An account that may do `permissions`, with a key of these scopes. */
async function accountWithKey(permissions: string[], scopes = permissions) {
  const account = await createAccount()
  await give(account, { roleId: (await createRole(permissions)).id })
  return { account, key: (await createKey(account, scopes)).json<Key>() }
}

describe('a service account', () => {
  it('is created, read, found, changed and deleted', async () => {
    const created = await call('POST', ACCOUNTS, { name: 'Warehouse export', description: 'Nightly' })
    expect(created.statusCode).toBe(201)
    const account = created.json<Account>()
    const url = `${ACCOUNTS}/${account.id}`
    expect(created.headers.location).toBe(url)
    expect(account).toMatchObject({ status: 'active', roles: [], apiKeyCount: 0, createdBy: api.owner.id })
    const read = await call('GET', url)
    expect(read.json()).toEqual(account)
    const found = async (query: string) =>
      (await call('GET', `${ACCOUNTS}?${query}`)).json<{ data: Account[] }>().data.map(({ id }) => id)
    expect(await found('search=WAREHOUSE')).toEqual([account.id])
    expect(await found('search=nightly&status=disabled')).toEqual([])
    const changed = await api.send(api.owner, 'PATCH', url, {
      body: { name: 'Export', description: null },
      headers: { 'if-match': String(read.headers['etag']) },
    })
    expect(changed.json()).toMatchObject({ name: 'Export', description: null })
    const stale = { body: { name: 'Late' }, headers: { 'if-match': String(read.headers['etag']) } }
    expect((await api.send(api.owner, 'PATCH', url, stale)).statusCode).toBe(412)
    const dryRun = await call('DELETE', `${url}?dryRun=true`)
    expect(dryRun.json()).toMatchObject({ dryRun: true, changes: [{ member: 'id', from: account.id }, {}] })
    expect((await call('DELETE', url)).statusCode).toBe(204)
    expect((await call('GET', url)).statusCode).toBe(404)
  })

  it('has a name of its own, valid members, and is checked by dry runs', async () => {
    const { name, id } = await createAccount()
    const other = await createAccount()
    expect((await call('POST', ACCOUNTS, { name })).statusCode).toBe(409)
    expect((await call('PATCH', `${ACCOUNTS}/${other.id}`, { name })).statusCode).toBe(409)
    expect((await call('POST', ACCOUNTS, { name: '' })).statusCode).toBe(400)
    expect((await call('POST', ACCOUNTS, { name: nextName(), status: 'active' })).statusCode).toBe(400)
    expect((await call('PATCH', `${ACCOUNTS}/${id}`, { status: 'gone' })).statusCode).toBe(400)
    const dryRun = await call('PATCH', `${ACCOUNTS}/${id}?dryRun=true`, { status: 'disabled' })
    expect(dryRun.json()).toMatchObject({ changes: [{ member: 'status', from: 'active', to: 'disabled' }] })
    expect((await call('POST', `${ACCOUNTS}?dryRun=true`, { name: nextName() })).statusCode).toBe(200)
    expect((await call('GET', `${ACCOUNTS}/${id}`)).json()).toMatchObject({ status: 'active' })
  })

  it('gets, keeps for a time and loses roles', async () => {
    const account = await createAccount()
    const role = await createRole(['users:read'])
    expect((await give(account, { roleId: role.id })).json()).toEqual({
      message: 'The service account has the role now.',
    })
    expect((await call('GET', `${ACCOUNTS}/${account.id}`)).json<Account>().roles).toMatchObject([{ slug: role.slug }])
    const key = (await createKey(account, ['users:read'])).json<Key>()
    const expiresAt = new Date(api.clock.now().getTime() + 60_000).toISOString()
    await give(account, { roleId: role.id, expiresAt })
    const listed = await call('GET', `${ACCOUNTS}/${account.id}/roles`)
    expect(listed.json()).toMatchObject({ data: [{ role: { id: role.id }, expiresAt, isEffective: true }] })
    expect(await statusWith(key)).toBe(200)
    api.clock.advance(60)
    expect(await statusWith(key)).toBe(403)
    expect((await call('DELETE', `${ACCOUNTS}/${account.id}/roles/${role.id}`)).json()).toEqual({
      message: 'The service account no longer has the role.',
    })
    expect((await give(account, { roleId: account.id })).statusCode).toBe(400)
    const inUse = await createRole(['users:read'])
    await give(account, { roleId: inUse.id })
    expect((await call('DELETE', `/v1/admin/roles/${inUse.id}`)).statusCode).toBe(409)
  })
})

describe('a key of a service account', () => {
  it('acts as the account, within its scopes and the roles that the account has now', async () => {
    const { account, key } = await accountWithKey(['users:*', 'api_keys:read'], ['users:read', 'clients:read'])
    expect(key).toMatchObject({ userId: null, serviceAccountId: account.id })
    expect(await statusWith(key)).toBe(200)
    expect(await statusWith(key, '/v1/admin/clients')).toBe(403)
    expect(await statusWith(key, KEYS)).toBe(403)
    await api.prisma.roleAssignment.deleteMany({ where: { serviceAccountId: account.id } })
    expect(await statusWith(key)).toBe(403)
  })

  it('acts within a team only where the role is limited to it', async () => {
    const account = await createAccount()
    const team = (await call('POST', '/v1/admin/teams', { name: 'Team', slug: `team-${(made += 1)}` })).json<Account>()
    await give(account, { roleId: (await createRole(['teams:read'])).id, teamId: team.id })
    const key = (await createKey(account, ['teams:read'])).json<Key>()
    const listed = (await withKey(key.key, '/v1/admin/teams')).json<{ data: Account[] }>()
    expect(listed.data.map(({ id }) => id)).toEqual([team.id])
    expect(await statusWith(key, '/v1/admin/roles')).toBe(403)
  })

  it('names the account as the actor of its events', async () => {
    const { account, key } = await accountWithKey(['teams:create'])
    const body = { name: 'Made', slug: `made-${(made += 1)}` }
    expect((await withKey(key.key, '/v1/admin/teams', 'POST', body)).statusCode).toBe(201)
    const log = await call('GET', '/v1/admin/audit-logs?type=team.created&limit=1')
    expect(log.json<{ data: object[] }>().data).toMatchObject([
      {
        userId: null,
        actor: { type: 'service_account', id: account.id },
        onBehalfOf: null,
        metadata: { apiKeyId: key.id, actingServiceAccountId: account.id },
      },
    ])
  })

  it('is listed, rotated and revoked like others, and rotated by the account itself', async () => {
    const { account, key } = await accountWithKey(['users:read', 'api_keys:create'])
    const listed = await call('GET', `${KEYS}?serviceAccountId=${account.id}`)
    expect(listed.json<{ data: Key[] }>().data.map(({ id }) => id)).toEqual([key.id])
    const rotated = await withKey(key.key, `${KEYS}/${key.id}/rotate`, 'POST', { overlapSeconds: 0 })
    expect(rotated.statusCode).toBe(201)
    const successor = rotated.json<Key>()
    expect(successor).toMatchObject({ serviceAccountId: account.id })
    expect([await statusWith(key), await statusWith(successor)]).toEqual([401, 200])
    const own = await withKey(successor.key, KEYS, 'POST', { name: 'Own', scopes: ['users:read'] })
    expect(own.json()).toMatchObject({ serviceAccountId: account.id, userId: null })
    expect((await call('POST', `${KEYS}/${successor.id}/revoke`)).statusCode).toBe(200)
    expect(await statusWith(successor)).toBe(401)
  })

  it('is exchanged for a JWT whose subject is the account, which ends when the account is disabled', async () => {
    const rp = relyingParty(api, await api.registerClient({ clientType: 'confidential', audience: [AUDIENCE] }))
    const { account, key } = await accountWithKey(['users:read'], ['users:read', 'clients:read'])
    const exchanged = await withKey(key.key, '/v1/api-keys/token', 'POST', { audience: AUDIENCE })
    const { token, scopes } = exchanged.json<{ token: string; scopes: string[] }>()
    expect(scopes).toEqual(['users:read'])
    expect(decodeJwt(token)).toMatchObject({ sub: account.id, client_id: key.id, scope: 'users:read' })
    const isActive = async () => (await rp.introspect(token)).json<{ active: boolean }>().active
    expect(await isActive()).toBe(true)
    const url = `${ACCOUNTS}/${account.id}`
    await call('PATCH', url, { status: 'disabled' })
    expect([await isActive(), await statusWith(key)]).toEqual([false, 401])
    expect((await withKey(key.key, '/v1/api-keys/token', 'POST', { audience: AUDIENCE })).statusCode).toBe(401)
    await call('PATCH', url, { status: 'active' })
    expect([await isActive(), await statusWith(key)]).toEqual([true, 200])
    await call('DELETE', url)
    expect([await isActive(), await statusWith(key)]).toEqual([false, 401])
    expect((await call('GET', `${KEYS}/${key.id}`)).statusCode).toBe(404)
  })

  it('is announced before it expires, by an event and no mail', async () => {
    const { key } = await accountWithKey(['users:read'])
    const now = api.clock.now()
    const daysFromNow = (days: number) => new Date(now.getTime() + days * 86_400_000)
    const life = { createdAt: daysFromNow(-30), expiresAt: daysFromNow(1) }
    await api.prisma.apiKey.update({ where: { id: key.id }, data: life })
    const mailSealer = createMailSealer(sha256('the server secret of the tests'))
    await announceExpiringApiKeys({ apiKeys: api.repositories.apiKeys, clock: api.clock, mailSealer }, now)
    const events = (await api.events()).filter(({ type }) => type === 'api_key.expires_soon')
    expect(events).toMatchObject([{ resourceId: key.id, userId: null }])
    expect(await api.prisma.outgoingMail.count()).toBe(0)
  })
})

describe('an administrator grants service accounts only what they hold', () => {
  it('with roles, the status, and keys', async () => {
    const some = await api.addPerson(['service_accounts:*', 'api_keys:*', 'users:read'])
    const account = await createAccount()
    const strong = await createRole(['clients:update'])
    expect((await give(account, { roleId: strong.id }, some)).statusCode).toBe(403)
    expect((await give(account, { roleId: (await createRole(['users:read'])).id }, some)).statusCode).toBe(200)
    const url = `${ACCOUNTS}/${account.id}`
    expect((await call('PATCH', url, { status: 'disabled' }, some)).statusCode).toBe(200)
    await give(account, { roleId: strong.id })
    expect((await call('PATCH', url, { status: 'active' }, some)).statusCode).toBe(403)
    expect((await call('DELETE', `${url}/roles/${strong.id}`, undefined, some)).statusCode).toBe(403)
    expect((await call('DELETE', url, undefined, some)).statusCode).toBe(403)
    expect((await call('PATCH', url, { description: 'Mine' }, some)).statusCode).toBe(200)
    expect((await createKey(account, ['clients:update'], some)).statusCode).toBe(403)
    expect((await createKey(account, ['users:read'], some)).statusCode).toBe(201)
  })

  it('needs service_accounts:update for keys, and an account of the organisation', async () => {
    const { account, key } = await accountWithKey(['users:read'])
    const keysOnly = await api.addPerson(['api_keys:*', 'users:read'])
    expect((await createKey(account, ['users:read'], keysOnly)).statusCode).toBe(403)
    expect((await call('POST', `${KEYS}/${key.id}/rotate`, {}, keysOnly)).statusCode).toBe(403)
    const stranger = await api.addPerson(['*'], await api.addOrganisation(`other-${(made += 1)}`))
    expect((await createKey(account, ['users:read'], stranger)).statusCode).toBe(400)
    const url = `${ACCOUNTS}/${account.id}`
    const attempts = [
      call('GET', url, undefined, stranger),
      call('PATCH', url, { name: 'Taken' }, stranger),
      call('DELETE', url, undefined, stranger),
      call('GET', `${url}/roles`, undefined, stranger),
      give(account, { roleId: account.id }, stranger),
      call('DELETE', `${url}/roles/${account.id}`, undefined, stranger),
    ]
    expect((await Promise.all(attempts)).map(({ statusCode }) => statusCode)).toEqual(attempts.map(() => 404))
    expect((await call('GET', ACCOUNTS, undefined, stranger)).json()).toMatchObject({ data: [] })
  })
})
