import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'
import { createTenant, type Tenant } from '../../../support/tenant.ts'

const INTROSPECT = '/oauth2/introspect'

let api: Api
let tenant: Tenant
let client: RegisteredTestClient
/** A second client of the same organisation: a resource server, which introspects tokens of other clients. */
let resource: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  tenant = await createTenant(api)
  client = await tenant.registerClient()
  resource = await tenant.registerClient({ name: 'Resource Server' })
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

describe('RFC 7662 §2.1: the request', () => {
  it('is rejected for unauthenticated callers before the token is read', async () => {
    const tokens = await relyingParty(api, client).tokens(tenant.browser())
    const open = await tenant.registerClient({
      clientType: 'public',
      grantTypes: ['authorization_code'],
      scopes: ['openid'],
    })
    const form = { token: tokens.access_token }
    const { post } = relyingParty(api, client)
    const answers = [
      await post(INTROSPECT, form),
      await post(INTROSPECT, form, basic(resource, 'wrong')),
      await post(INTROSPECT, form, { authorization: `Bearer ${tokens.access_token}` }),
      await post(INTROSPECT, { ...form, client_id: open.clientId }),
      await post(INTROSPECT, { ...form, client_id: resource.clientId, client_secret: resource.clientSecret ?? '' }),
    ]
    for (const answer of answers) {
      expect([answer.statusCode, answer.json()]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })])
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
    }
  })

  it('requires exactly one token in a posted form', async () => {
    const { post } = relyingParty(api, client)
    const headers = basic(resource, resource.clientSecret)
    for (const answer of [
      await post(INTROSPECT, {}, headers),
      await api.app.inject({
        method: 'POST',
        url: INTROSPECT,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        payload: 'token=a&token=b',
      }),
      await api.app.inject({
        method: 'POST',
        url: INTROSPECT,
        headers: { ...headers, 'content-type': 'application/json' },
        payload: '{"token":"a"}',
      }),
    ]) {
      expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })])
    }
    const got = await api.app.inject({ method: 'GET', url: `${INTROSPECT}?token=a`, headers })
    expect([got.statusCode, got.headers['allow']]).toEqual([405, 'POST'])
  })
})

describe('RFC 7662 §2.2: the response', () => {
  it('returns an active access token to a resource server of the organisation', async () => {
    const tokens = await relyingParty(api, client).tokens(tenant.browser(), { scope: 'openid email' })
    const answer = await introspect(tokens.access_token)
    const now = Math.floor(api.clock.now().getTime() / 1000)
    const { email } = await api.prisma.user.findUniqueOrThrow({ where: { id: tenant.person.id } })
    expect(answer.json()).toMatchObject({
      active: true,
      scope: 'openid email',
      client_id: client.clientId,
      username: email,
      token_type: 'Bearer',
      exp: now + 3600,
      iat: now,
      sub: tenant.person.id,
      aud: ISSUER,
      iss: ISSUER,
      jti: expect.any(String),
    })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('returns only the newest refresh token, and only to its own client', async () => {
    const rp = relyingParty(api, client)
    const first = await rp.tokens(tenant.browser(), { scope: 'openid' })
    expect((await rp.introspect(first.refresh_token)).json()).toMatchObject({
      active: true,
      scope: 'openid',
      client_id: client.clientId,
      sub: tenant.person.id,
    })
    expect((await introspect(first.refresh_token)).json()).toEqual({ active: false })
    const second = (await rp.refresh(first.refresh_token)).json<Tokens>()
    expect((await rp.introspect(first.refresh_token)).json()).toEqual({ active: false })
    expect((await rp.introspect(second.refresh_token)).json()).toMatchObject({ active: true })
  })

  it('returns a token of client_credentials', async () => {
    const answer = await introspect(await machineToken(client))
    expect(answer.json()).toMatchObject({
      active: true,
      sub: client.clientId,
      client_id: client.clientId,
      scope: 'api',
    })
    expect(answer.json()).not.toHaveProperty('username')
  })

  it('returns nothing to a client of another organisation', async () => {
    const tokens = await relyingParty(api, client).tokens(tenant.browser())
    const foreign = await (await createTenant(api)).registerClient()
    for (const token of [tokens.access_token, tokens.refresh_token, await machineToken(client)]) {
      const answer = await introspect(token, foreign)
      expect([answer.statusCode, answer.body]).toEqual([200, '{"active":false}'])
    }
  })

  it.each(['unknown', 'a.b.c', 'rt_AAAA', 'authz_AAAA', '💥'])('returns only inactive for %s', async (token) => {
    const answer = await introspect(token)
    expect([answer.statusCode, answer.body]).toEqual([200, '{"active":false}'])
  })

  it('returns only inactive for an ID token', async () => {
    const { id_token } = await relyingParty(api, client).tokens(tenant.browser())
    expect((await introspect(id_token)).body).toBe('{"active":false}')
  })
})
