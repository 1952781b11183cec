import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import type { RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'
import { createTenant, type Tenant } from '../../../support/tenant.ts'

const FORMATS = ['jwt', 'opaque'] as const

let api: Api
let tenant: Tenant
/** A second client of the same organisation: a resource server, which introspects tokens of other clients. */
let resource: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const introspect = (token: string, by: RegisteredTestClient = resource) => relyingParty(api, by).introspect(token)

async function machineToken(of: RegisteredTestClient): Promise<string> {
  const { post } = relyingParty(api, of)
  const answer = await post('/oauth2/token', { grant_type: 'client_credentials' }, basic(of, of.clientSecret))
  return answer.json<{ access_token: string }>().access_token
}

const basic = ({ clientId }: RegisteredTestClient, secret: string | null) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
})

interface Doomed {
  tenant: Tenant
  client: RegisteredTestClient
  tokens: Tokens
}

const send = ({ tenant: { person } }: Doomed, method: 'POST' | 'PATCH' | 'DELETE', url: string, body?: unknown) =>
  api.send(person, method, url, body === undefined ? {} : { body })

describe.each(FORMATS)(
  'RFC 7662 §4: a token (%s) is inactive immediately after any part of its authorization ends',
  (format) => {
    const settings = { accessTokenFormat: format }
    let client: RegisteredTestClient
    beforeAll(async () => {
      tenant = await createTenant(api)
      client = await tenant.registerClient(settings)
      resource = await tenant.registerClient({ name: 'Resource Server' })
    })

    const ends: [string, (doomed: Doomed) => Promise<unknown>][] = [
      ['its grant is revoked', async (doomed) => relyingParty(api, doomed.client).revoke(doomed.tokens.refresh_token)],
      ['the session is signed out', async (doomed) => send(doomed, 'POST', '/v1/auth/logout')],
      [
        'the user is blocked',
        async ({ tenant: { person } }) =>
          api.prisma.user.update({ where: { id: person.id }, data: { blockedAt: api.clock.now() } }),
      ],
      [
        'the user is marked as deleted',
        async ({ tenant: { person } }) =>
          api.prisma.user.update({ where: { id: person.id }, data: { deletedAt: api.clock.now() } }),
      ],
      [
        'the row of the user is deleted',
        async ({ tenant: { person } }) => api.prisma.user.delete({ where: { id: person.id } }),
      ],
      ['the client is revoked', async (doomed) => send(doomed, 'POST', `/v1/admin/clients/${doomed.client.id}/revoke`)],
      [
        'the client is deactivated',
        async (doomed) => send(doomed, 'PATCH', `/v1/admin/clients/${doomed.client.id}`, { isActive: false }),
      ],
      ['the client is deleted', async (doomed) => send(doomed, 'DELETE', `/v1/admin/clients/${doomed.client.id}`)],
    ]

    it.each(ends)('%s', async (_, end) => {
      const own = await createTenant(api)
      const doomed = { tenant: own, client: await own.registerClient(settings), tokens: {} as Tokens }
      const beside = await own.registerClient({ name: 'Beside' })
      doomed.tokens = await relyingParty(api, doomed.client).tokens(own.browser())
      expect(doomed.tokens.access_token.startsWith('cat_')).toBe(format === 'opaque')
      expect((await introspect(doomed.tokens.access_token, beside)).json()).toMatchObject({ active: true })
      await end(doomed)
      const answer = await introspect(doomed.tokens.access_token, beside)
      expect([answer.statusCode, answer.body]).toEqual([200, '{"active":false}'])
      expect((await relyingParty(api, doomed.client).userinfo(doomed.tokens.access_token)).statusCode).toBe(401)
      // If the client is still active, its refresh token is inactive too.
      const refresh = await introspect(doomed.tokens.refresh_token, doomed.client)
      const refused = refresh.json<{ error?: string }>().error === 'invalid_client'
      expect(refused || refresh.body === '{"active":false}').toBe(true)
    })

    it('the access token is revoked: this one, and no other', async () => {
      const rp = relyingParty(api, client)
      const tokens = await rp.tokens(tenant.browser())
      const other = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
      await rp.revoke(tokens.access_token)
      expect((await introspect(tokens.access_token)).body).toBe('{"active":false}')
      expect((await introspect(other.access_token)).json()).toMatchObject({ active: true })
    })

    it('the organisation is suspended', async () => {
      const own = await createTenant(api)
      const rp = relyingParty(api, await own.registerClient(settings))
      const { access_token } = await rp.tokens(own.browser())
      await api.prisma.organisation.update({ where: { id: own.organisation.id }, data: { status: 'suspended' } })
      expect((await rp.userinfo(access_token)).statusCode).toBe(401)
      expect((await rp.introspect(access_token)).body).not.toContain('"active":true')
      await api.prisma.organisation.update({ where: { id: own.organisation.id }, data: { status: 'active' } })
      expect((await rp.userinfo(access_token)).statusCode).toBe(200)
    })

    it('a machine’s token ends with its client', async () => {
      const machine = await tenant.registerClient({ name: 'Machine', ...settings })
      const token = await machineToken(machine)
      await api.send(tenant.person, 'POST', `/v1/admin/clients/${machine.id}/revoke`)
      expect((await introspect(token)).body).toBe('{"active":false}')
      // Revoked tokens stay revoked when the client is activated again.
      api.clock.advance(2)
      await api.send(tenant.person, 'PATCH', `/v1/admin/clients/${machine.id}`, { body: { isActive: true } })
      expect((await introspect(token)).body).toBe('{"active":false}')
      expect((await introspect(await machineToken(machine))).json()).toMatchObject({ active: true })
    })

    it('a grant with offline_access outlives the session', async () => {
      const own = await createTenant(api)
      const rp = relyingParty(api, await own.registerClient(settings))
      const browser = own.browser()
      const tokens = await rp.tokens(browser, { scope: 'openid offline_access' })
      await api.send(own.person, 'POST', '/v1/auth/logout')
      expect((await rp.introspect(tokens.access_token)).json()).toMatchObject({ active: true })
      expect((await rp.introspect(tokens.refresh_token)).json()).toMatchObject({ active: true })
    })

    it('the token expires, the access token first', async () => {
      const rp = relyingParty(api, client)
      const tokens = await rp.tokens(tenant.browser())
      api.clock.advance(3600)
      expect((await introspect(tokens.access_token)).body).toBe('{"active":false}')
      expect((await rp.introspect(tokens.refresh_token)).json()).toMatchObject({ active: true })
      api.clock.advance(2_592_000 - 3600)
      expect((await rp.introspect(tokens.refresh_token)).body).toBe('{"active":false}')
    })
  },
)
