import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readOAuthError } from '../../../support/read-response.ts'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['openid', 'profile', 'email', 'offline_access', 'reports:read', 'reports:write'],
}

let test: TestApp
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>

beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient(MACHINE)
  rp = relyingParty(test, client)
})
afterAll(() => test.close())

const basic = ({ clientId, clientSecret }: RegisteredTestClient) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
})
const ask = (scope?: string) => rp.post('/oauth2/token', { grant_type: 'client_credentials', scope }, basic(client))

describe('RFC 6749 §4.4 the client credentials grant', () => {
  it('issues only an access token about the client', async () => {
    const answer = (await ask('reports:read')).json<Tokens>()
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'reports:read',
    })
    const claims = decodeJwt(answer.access_token)
    expect(claims).toMatchObject({
      iss: ISSUER,
      sub: client.clientId,
      client_id: client.clientId,
      scope: 'reports:read',
      org: 'acme',
    })
    for (const personal of ['grant_id', 'auth_time', 'sid', 'email', 'roles'])
      expect(claims).not.toHaveProperty(personal)
  })

  it('grants all scopes except identity scopes if none is requested', async () => {
    expect((await ask()).json<Tokens>().scope).toBe('reports:read reports:write')
  })

  it.each(['openid', 'profile', 'email', 'offline_access', 'reports:read openid', 'reports:delete', '"', '  '])(
    'rejects the scope %j',
    async (scope) => {
      expect(readOAuthError(await ask(scope))).toEqual({ status: 400, error: 'invalid_scope', cache: 'no-store' })
    },
  )

  it('issues a token that is rejected at userinfo and active at introspection', async () => {
    const { access_token } = (await ask()).json<Tokens>()
    const userinfo = await rp.userinfo(access_token)
    expect(userinfo.statusCode).toBe(403)
    expect(userinfo.headers['www-authenticate']).toContain('insufficient_scope')
    expect((await rp.introspect(access_token)).json()).toMatchObject({ active: true, sub: client.clientId })
    const me = { method: 'GET', url: '/v1/me/profile', headers: { authorization: `Bearer ${access_token}` } } as const
    expect((await test.app.inject(me)).statusCode).toBe(401)
  })

  it('is rejected for a client that did not register it', async () => {
    const other = await test.registerClient({ clientType: 'confidential' })
    const answer = await rp.post('/oauth2/token', { grant_type: 'client_credentials' }, basic(other))
    expect(readOAuthError(answer)).toEqual({ status: 400, error: 'unauthorized_client', cache: 'no-store' })
  })

  it('cannot be registered by a public client', async () => {
    await expect(test.registerClient({ grantTypes: ['client_credentials'] })).rejects.toThrow('400')
  })

  it('stores an audit event only if the organisation audits tokens', async () => {
    const { prisma } = test.database
    const issued = () => prisma.auditEvent.count({ where: { type: 'oauth2.token_issued' } })
    const before = await issued()
    await ask()
    expect(await issued()).toBe(before)
    await prisma.organisation.updateMany({ data: { auditTokens: true } })
    await expect
      .poll(async () => {
        await ask()
        return issued()
      })
      .toBeGreaterThan(before)
  })
})
