// The claims that docs/integrations.md promises, verified as each program does: keys and issuer from the metadata, the type,
// the audience, and the claim it reads. test/integrations has the programs themselves.
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

let api: Api
let keys: ReturnType<typeof createLocalJWKSet>
let issuer: string

beforeAll(async () => {
  api = await createApi()
  const team = await api.send(api.owner, 'POST', '/v1/admin/teams', { body: { name: 'Platform', slug: 'platform' } })
  const members = `/v1/admin/teams/${team.json<{ id: string }>().id}/members`
  await api.send(api.owner, 'POST', members, { body: { userId: api.owner.id } })
  const metadata = (await api.app.inject('/.well-known/openid-configuration')).json<Record<string, string>>()
  issuer = metadata['issuer'] ?? ''
  const { pathname } = new URL(metadata['jwks_uri'] ?? '')
  keys = createLocalJWKSet((await api.app.inject(pathname)).json<JSONWebKeySet>())
})
afterAll(() => api.close())

const groupsInIdToken = { source: 'groups', name: 'groups', in: ['id_token'], scope: 'groups' }
const emailInIdToken = { source: 'email', name: 'email', in: ['id_token'], scope: 'email' }
const rolesInAccessToken = { source: 'roles', name: 'roles', in: ['access_token'] }

interface Program {
  client: Record<string, unknown>
  scope: string
  reads: 'id_token' | 'access_token' | 'userinfo'
  claims: Record<string, unknown>
}

const programs: Record<string, Program> = {
  Kubernetes: {
    client: { clientType: 'public', claims: [groupsInIdToken, emailInIdToken] },
    scope: 'openid email groups',
    reads: 'id_token',
    claims: { groups: ['platform'], email: 'owner@acme.test' },
  },
  'oauth2-proxy': {
    client: { clientType: 'confidential', claims: [groupsInIdToken] },
    scope: 'openid email profile groups',
    reads: 'id_token',
    claims: { groups: ['platform'] },
  },
  'Argo CD': {
    client: { clientType: 'confidential', claims: [groupsInIdToken] },
    scope: 'openid profile email groups',
    reads: 'id_token',
    claims: { groups: ['platform'] },
  },
  Grafana: {
    client: { clientType: 'confidential' },
    scope: 'openid profile email groups roles',
    reads: 'userinfo',
    claims: { groups: ['platform'], roles: ['owner'], email: 'owner@acme.test' },
  },
  'Spring Boot': {
    client: { clientType: 'public', accessTokenTyp: 'JWT', claims: [rolesInAccessToken] },
    scope: 'openid email',
    reads: 'access_token',
    claims: { scope: 'openid email', roles: ['owner'] },
  },
}

describe('docs/integrations.md', () => {
  it.each(Object.entries(programs))('%s reads what it needs', async (_, { client, scope, reads, claims }) => {
    const scopes = ['openid', 'profile', 'email', 'groups', 'roles']
    const registered = await api.registerClient({ scopes, ...client })
    const rp = relyingParty(api, registered)
    const tokens = await rp.tokens(api.browser(), { scope })
    const verify = async (token: string, audience: string) =>
      (await jwtVerify(token, keys, { issuer, audience, typ: 'JWT', currentDate: api.clock.now() })).payload
    const received = {
      id_token: () => verify(tokens.id_token, registered.clientId),
      access_token: () => verify(tokens.access_token, issuer),
      userinfo: async () => (await rp.userinfo(tokens.access_token)).json<Record<string, unknown>>(),
    }
    expect(await received[reads]()).toMatchObject(claims)
  })
})
