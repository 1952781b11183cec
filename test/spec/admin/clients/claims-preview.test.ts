import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeJwt } from 'jose'
import { createApi, type Api } from '../../../support/api.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const SCOPES = ['openid', 'email', 'roles', 'groups']

let api: Api
let platform: string

beforeAll(async () => {
  api = await createApi()
  const post = async (url: string, body: unknown) =>
    (await api.send(api.owner, 'POST', url, { body })).json<{ id: string }>().id
  await post('/v1/admin/user-attributes', { name: 'costCentre', type: 'string', access: 'hidden' })
  await api.send(api.owner, 'PATCH', `/v1/admin/users/${api.owner.id}`, {
    body: { attributes: { costCentre: '4711' } },
  })
  platform = await post('/v1/admin/teams', { name: 'Platform', slug: 'platform' })
  await post(`/v1/admin/teams/${platform}/members`, { userId: api.owner.id })
  const auditor = await post('/v1/admin/roles', { name: 'Auditor', slug: 'auditor', permissions: ['audit:read'] })
  await post(`/v1/admin/teams/${platform}/roles`, { roleId: auditor, expiresAt: '2099-01-01T00:00:00Z' })
})
afterAll(() => api.close())

interface Place {
  claims: Record<string, unknown>
  reasons: { claim: string; [member: string]: unknown }[]
}
interface Preview {
  scope: string
  idToken: Place | null
  accessToken: Place
  userinfo: Place | null
  introspection: Place
}

const send = (clientId: string, query: Record<string, string>, person = api.owner) =>
  api.send(person, 'GET', `/v1/admin/clients/${clientId}/claims-preview?${new URLSearchParams(query)}`)
const register = (settings: object) => api.registerClient({ clientType: 'confidential', scopes: SCOPES, ...settings })
/** Claims that differ from one token to the next. */
const timeless = (claims: Record<string, unknown>) => {
  const { iat: _iat, exp: _exp, auth_time: _authTime, jti: _jti, grant_id: _grantId, amr: _amr, ...others } = claims
  return others
}

describe('GET /v1/admin/clients/{id}/claims-preview', () => {
  it.each<[string, object]>([
    ['by scope', {}],
    ['in the ID token', { includeClaimsInIdToken: true }],
    ['of a first-party client', { isFirstParty: true }],
    [
      'by configuration, with an overflow',
      {
        maxClaimBytes: 300,
        claims: [
          { source: 'roles', name: 'roles', in: ['access_token', 'introspection'], shape: 'object' },
          { source: 'attribute', attribute: 'costCentre', name: 'cost', in: ['id_token', 'introspection'] },
          { source: 'constant', name: 'large', in: ['id_token'], value: 'x'.repeat(400) },
        ],
      },
    ],
  ])('shows what the client then gets: %s', async (_, settings) => {
    const client = await register(settings)
    const rp = relyingParty(api, client)
    const scope = SCOPES.join(' ')
    const tokens = await rp.tokens(api.browser(), { scope })
    const preview = (await send(client.id, { userId: api.owner.id, scope })).json<Preview>()
    expect(timeless(preview.idToken?.claims ?? {})).toEqual(timeless(decodeJwt(tokens.id_token)))
    expect(timeless(preview.accessToken.claims)).toEqual(timeless(decodeJwt(tokens.access_token)))
    expect(preview.userinfo?.claims).toEqual((await rp.userinfo(tokens.access_token)).json())
    const { token_type: _tokenType, ...introspection } = (await rp.introspect(tokens.access_token)).json<
      Record<string, unknown>
    >()
    expect(timeless(preview.introspection.claims)).toEqual(timeless(introspection))
  })

  it('explains each claim: its rule, and for roles through which team and until when', async () => {
    const claims = [
      { source: 'roles', name: 'roles', in: ['access_token'] },
      { source: 'attribute', attribute: 'costCentre', name: 'cost', in: ['access_token'], scope: 'email' },
      { source: 'attribute', attribute: 'other', name: 'other', in: ['access_token'] },
    ]
    const { id } = await register({ claims })
    const preview = (await send(id, { userId: api.owner.id })).json<Preview>()
    expect(preview.scope).toBe(SCOPES.join(' '))
    const noDetails = { attribute: null, overflows: false, assignments: [] }
    expect(preview.accessToken.reasons).toEqual([
      {
        ...noDetails,
        claim: 'roles',
        source: 'roles',
        rule: 'client',
        scope: null,
        assignments: [
          {
            role: expect.objectContaining({ slug: 'auditor' }),
            team: expect.objectContaining({ slug: 'platform' }),
            within: null,
            expiresAt: '2099-01-01T00:00:00.000Z',
          },
          { role: expect.objectContaining({ slug: 'owner' }), team: null, within: null, expiresAt: null },
        ],
      },
      {
        ...noDetails,
        claim: 'cost',
        source: 'attribute',
        attribute: 'costCentre',
        rule: 'client',
        scope: 'email',
      },
    ])
    expect(preview.userinfo?.reasons).toEqual([
      { ...noDetails, claim: 'email', source: 'email', rule: 'scope', scope: 'email' },
      { ...noDetails, claim: 'email_verified', source: 'email_verified', rule: 'scope', scope: 'email' },
      { ...noDetails, claim: 'groups', source: 'groups', rule: 'scope', scope: 'groups' },
    ])
  })

  it('has no ID token and no userinfo without openid, and issues and records nothing', async () => {
    const { id } = await register({})
    const rows = async () => [await api.prisma.grant.count(), (await api.events()).length]
    const before = await rows()
    const preview = (await send(id, { userId: api.owner.id, scope: 'groups' })).json<Preview>()
    expect([preview.idToken, preview.userinfo]).toEqual([null, null])
    expect(await rows()).toEqual(before)
  })

  it('rejects scopes that the client does not have, and users who get no tokens', async () => {
    const { id } = await register({})
    const problems = async (query: Record<string, string>) => {
      const answer = await send(id, query)
      return [
        answer.statusCode,
        answer.json<{ errors?: { path: string[] }[] }>().errors?.map(({ path }) => path.join()),
      ]
    }
    expect(await problems({ userId: api.owner.id, scope: 'openid api' })).toEqual([400, ['scope']])
    expect(await problems({ userId: 'x' })).toEqual([400, ['userId']])
    expect((await send(id, { userId: crypto.randomUUID() })).statusCode).toBe(404)
    const person = await api.addPerson([])
    await api.send(api.owner, 'POST', `/v1/admin/users/${person.id}/suspend`, { body: {} })
    expect(await problems({ userId: person.id })).toEqual([400, ['userId']])
  })

  it('needs the permissions clients:read and users:read', async () => {
    const { id } = await register({})
    const statuses = []
    for (const permissions of [['clients:read'], ['users:read'], ['clients:read', 'users:read']]) {
      const person = await api.addPerson(permissions)
      statuses.push((await send(id, { userId: api.owner.id }, person)).statusCode)
    }
    expect(statuses).toEqual([403, 403, 200])
  })
})
