import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { createTestApp, type RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'
import { createTenant, type Tenant } from '../../../support/tenant.ts'

type Format = 'jwt' | 'opaque'
type Party = ReturnType<typeof relyingParty>

let api: Api
let tenant: Tenant
let client: RegisteredTestClient
let rp: Party
let tokens: Tokens

beforeAll(async () => {
  api = await createApi()
  tenant = await createTenant(api)
  client = await tenant.registerClient({ accessTokenFormat: 'opaque' })
  rp = relyingParty(api, client)
  tokens = await rp.tokens(tenant.browser())
})
afterAll(() => api.close())

const give = async ({ id }: RegisteredTestClient, accessTokenFormat: Format) => {
  const answer = await api.send(tenant.person, 'PATCH', `/v1/admin/clients/${id}`, { body: { accessTokenFormat } })
  expect(answer.statusCode).toBe(200)
}
const introspected = async (party: Party, token: string) =>
  (await party.introspect(token)).json<Record<string, unknown>>()
const formatOf = (token: string): Format => (/^cat_[\w-]+$/.test(token) ? 'opaque' : 'jwt')
const publishedKeys = async () => (await api.app.inject('/oauth2/jwks.json')).json<JSONWebKeySet>()

describe('RFC 6749 §1.4 an access token that its client and resource servers cannot read', () => {
  it('is a string without parts, shorter than the JWT, that does not reveal its claims', async () => {
    expect(tokens.access_token).toMatch(/^cat_[\w-]{100,1000}$/)
    const bytes = Buffer.from(tokens.access_token.slice('cat_'.length), 'base64url').toString('latin1')
    for (const value of [
      client.clientId,
      tenant.person.id,
      tenant.organisation.id,
      tenant.organisation.slug,
      'openid',
    ]) {
      expect(bytes).not.toContain(value)
    }
    const beside = relyingParty(api, await tenant.registerClient())
    expect(tokens.access_token.length).toBeLessThan((await beside.tokens(tenant.browser())).access_token.length)
  })

  it('is different each time', async () => {
    const other = await rp.tokens(tenant.browser())
    // Every byte after the prefix is new, even if nearly all claims are the same.
    expect(other.access_token.slice(0, 12)).not.toBe(tokens.access_token.slice(0, 12))
    expect(other.access_token.slice(-12)).not.toBe(tokens.access_token.slice(-12))
  })

  it('is rejected by a JWT verifier', async () => {
    await expect(jwtVerify(tokens.access_token, createLocalJWKSet(await publishedKeys()))).rejects.toThrow(/JW[ST]/)
  })

  it('has an at_hash like any other (OpenID Connect Core §3.2.2.9)', async () => {
    const settings = {
      scopes: ['openid', 'profile', 'email'],
      grantTypes: ['implicit'],
      responseTypes: ['id_token token'],
      accessTokenFormat: 'opaque',
    }
    const front = relyingParty(api, await tenant.registerClient({ ...settings, idTokenSignedResponseAlg: 'ES256' }))
    const url = front.authorizeUrl({
      response_type: 'id_token token',
      nonce: 'n',
      code_challenge: undefined,
      code_challenge_method: undefined,
    })
    const { headers } = await api.app.inject({ method: 'GET', url, headers: { cookie: tenant.person.cookie } })
    const answer = new URLSearchParams(String(headers.location).split('#')[1])
    const token = answer.get('access_token') ?? ''
    expect(formatOf(token)).toBe('opaque')
    const { payload } = await jwtVerify(answer.get('id_token') ?? '', createLocalJWKSet(await publishedKeys()))
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from(token))
    expect(payload['at_hash']).toBe(Buffer.from(digest.slice(0, 16)).toString('base64url'))
    expect((await front.userinfo(token)).statusCode).toBe(200)
  })
})

describe('the use of an opaque access token', () => {
  it('is described by introspection with the same members as a JWT (RFC 7662 §2.2)', async () => {
    const opaque = await introspected(rp, tokens.access_token)
    await give(client, 'jwt')
    const signed = (await rp.tokens(tenant.browser())).access_token
    const jwt = await introspected(rp, signed)
    await give(client, 'opaque')
    expect(formatOf(signed)).toBe('jwt')
    expect(Object.keys(opaque).toSorted()).toEqual(Object.keys(jwt).toSorted())
    const varying = { jti: expect.any(String), grant_id: expect.any(String), iat: expect.any(Number) }
    expect(opaque).toEqual({ ...jwt, ...varying, exp: Number(opaque['iat']) + 3600, auth_time: expect.any(Number) })
  })

  it('is accepted at userinfo and at /v1/me', async () => {
    expect((await rp.userinfo(tokens.access_token)).json()).toMatchObject({ sub: tenant.person.id })
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    expect((await api.app.inject({ method: 'GET', url: '/v1/me/profile', headers })).statusCode).toBe(200)
  })

  it('is revoked when its code is replayed (RFC 6749 §4.1.2)', async () => {
    const code = await rp.code(tenant.browser())
    const { access_token } = (await rp.exchange(code)).json<Tokens>()
    expect((await rp.userinfo(access_token)).statusCode).toBe(200)
    expect((await rp.exchange(code)).json()).toMatchObject({ error: 'invalid_grant' })
    expect((await rp.userinfo(access_token)).statusCode).toBe(401)
  })

  it('is accepted by every process of the server, and rejected by another issuer', async () => {
    const { connectionString } = api
    const active = async (issuer?: string) => {
      const process = await createTestApp({ connectionString, clock: api.clock, ...(issuer && { issuer }) })
      const answer = await introspected(relyingParty(process, client), tokens.access_token)
      await process.close()
      return answer['active']
    }
    expect(await active()).toBe(true)
    expect(await active('https://other.example.com')).toBe(false)
  })
})

describe('a client that changes from one format to the other', () => {
  it.each([
    ['jwt', 'opaque'],
    ['opaque', 'jwt'],
  ] as const)('from %s to %s: what it holds works on, and a refresh gives what is now right', async (before, after) => {
    const changing = await tenant.registerClient({ accessTokenFormat: before })
    const party = relyingParty(api, changing)
    const first = await party.tokens(tenant.browser())
    await give(changing, after)
    const second = (await party.refresh(first.refresh_token)).json<Tokens>()
    expect([first, second].map(({ access_token }) => formatOf(access_token))).toEqual([before, after])
    for (const { access_token } of [first, second]) {
      expect(await introspected(party, access_token)).toMatchObject({ active: true })
    }
    await party.revoke(first.access_token)
    expect(await introspected(party, first.access_token)).toEqual({ active: false })
    expect(await introspected(party, second.access_token)).toMatchObject({ active: true })
  })
})

describe('client_credentials (RFC 6749 §4.4)', () => {
  it('issues opaque tokens without a signing key', async () => {
    const own = await createTestApp()
    try {
      const machine = {
        clientType: 'confidential',
        grantTypes: ['client_credentials'],
        redirectUris: [],
        scopes: ['api'],
      }
      const ask = async (accessTokenFormat: Format) => {
        const party = relyingParty(own, await own.registerClient({ ...machine, accessTokenFormat }))
        return party.exchange('', { grant_type: 'client_credentials' })
      }
      await own.database.prisma.signingKey.deleteMany()
      await own.signer.reload()
      expect((await ask('jwt')).statusCode).toBe(500)
      const answer = await ask('opaque')
      expect(answer.statusCode).toBe(200)
      expect(formatOf(answer.json<Tokens>().access_token)).toBe('opaque')
    } finally {
      await own.close()
    }
  })
})
