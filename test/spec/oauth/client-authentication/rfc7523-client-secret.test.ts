import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, ISSUER, type RegisteredTestClient, type TestApp } from '../../../support/app.ts'
import { relyingParty } from '../../../support/relying-party.ts'

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const MACHINE = {
  clientType: 'confidential',
  grantTypes: ['client_credentials'],
  redirectUris: [],
  scopes: ['api'],
  tokenEndpointAuthMethod: 'client_secret_jwt',
}
const GRANTED = [200, undefined]
const REFUSED = [401, 'invalid_client']

let test: TestApp
let client: RegisteredTestClient
let counted = 0
beforeAll(async () => {
  test = await createTestApp()
  client = await test.registerClient(MACHINE)
})
afterAll(() => test.close())

const seconds = () => Math.floor(test.clock.now().getTime() / 1000)
function claimsFor({ clientId }: RegisteredTestClient, more: object = {}): JWTPayload {
  counted += 1
  return {
    iss: clientId,
    sub: clientId,
    aud: ISSUER,
    exp: seconds() + 60,
    iat: seconds(),
    jti: `j-${counted}`,
    ...more,
  }
}
const sign = (claims: JWTPayload, secret = client.clientSecret, alg = 'HS256') =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(Buffer.from(secret ?? ''))
async function result(assertion: string, of = client, more: Record<string, string> = {}) {
  const form = { grant_type: 'client_credentials', client_assertion_type: TYPE, client_assertion: assertion, ...more }
  const answer = await relyingParty(test, of).post('/oauth2/token', form)
  return [answer.statusCode, answer.json<{ error?: string }>().error]
}

describe('OpenID Connect Core §9 client_secret_jwt (RFC 7523 §2.2, §3)', () => {
  it('authenticates the client by a MAC with its secret', async () => {
    expect(await result(await sign(claimsFor(client)))).toEqual(GRANTED)
    expect(await result(await sign(claimsFor(client)), client, { client_id: client.clientId })).toEqual(GRANTED)
  })

  it.each([
    ['another secret', () => sign(claimsFor(client), 'secret_another')],
    [
      'the hash that is stored of it',
      async () => {
        const { secretHash } = await test.database.prisma.clientSecret.findFirstOrThrow({
          where: { clientId: client.id },
        })
        return sign(claimsFor(client), Buffer.from(secretHash).toString('latin1'))
      },
    ],
    [
      'an algorithm that is not offered',
      () => sign(claimsFor(client), `${client.clientSecret}${'x'.repeat(64)}`, 'HS512'),
    ],
    [
      'a longer algorithm over the right secret',
      async () => {
        const [, payload = ''] = (await sign(claimsFor(client))).split('.')
        const header = Buffer.from('{"alg":"HS384"}').toString('base64url')
        return `${header}.${payload}.${'A'.repeat(64)}`
      },
    ],
    ['nothing', async () => (await sign(claimsFor(client))).replace(/[^.]*$/, '')],
    ['an end that has come', () => sign(claimsFor(client, { exp: seconds() - 60 }))],
    ['another audience', () => sign(claimsFor(client, { aud: 'https://other.example.com' }))],
    ['another issuer', () => sign(claimsFor(client, { iss: 'client_other' }))],
    ['no name of its own', () => sign(claimsFor(client, { jti: undefined }))],
  ])('rejects an assertion with %s', async (_what, make) => {
    expect(await result(await make())).toEqual(REFUSED)
  })

  it('is accepted once, even in concurrent requests', async () => {
    const assertion = await sign(claimsFor(client))
    const results = await Promise.all(Array.from({ length: 8 }, () => result(assertion)))
    expect(results.filter(([status]) => status === 200)).toHaveLength(1)
  })

  it('is rejected for a client of another method, and other methods for its client', async () => {
    const basic = await test.registerClient({ ...MACHINE, tokenEndpointAuthMethod: 'client_secret_basic' })
    expect(await result(await sign(claimsFor(basic), basic.clientSecret), basic)).toEqual(REFUSED)
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [await exportJWK(publicKey)] }
    const keyed = await test.registerClient({ ...MACHINE, tokenEndpointAuthMethod: 'private_key_jwt', jwks })
    expect(await result(await sign(claimsFor(keyed), JSON.stringify(jwks.keys[0])), keyed)).toEqual(REFUSED)
    const byKey = await new SignJWT(claimsFor(client)).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    expect(await result(byKey)).toEqual(REFUSED)
    const form = {
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret ?? '',
    }
    expect((await relyingParty(test, client).post('/oauth2/token', form)).statusCode).toBe(401)
  })

  it('accepts the old secret during its overlap with the new one', async () => {
    const rotated = await test.registerClient(MACHINE)
    const answer = await test.app.inject({
      method: 'POST',
      url: `/v1/admin/clients/${rotated.id}/rotate-secret`,
      headers: { cookie: await test.signIn(), 'x-org-domain': 'acme' },
      payload: { overlapSeconds: 60 },
    })
    const { clientSecret } = answer.json<RegisteredTestClient>()
    const old = () => sign(claimsFor(rotated), rotated.clientSecret)
    expect(await result(await sign(claimsFor(rotated), clientSecret), rotated)).toEqual(GRANTED)
    expect(await result(await old(), rotated)).toEqual(GRANTED)
    test.clock.advance(61)
    expect(await result(await old(), rotated)).toEqual(REFUSED)
  })

  it('stores the secret sealed, and only for clients that sign with it', async () => {
    const basic = await test.registerClient({ ...MACHINE, tokenEndpointAuthMethod: 'client_secret_basic' })
    const rows = await test.database.prisma.clientSecret.findMany()
    const sealedOf = (id: string) => rows.find(({ clientId }) => clientId === id)?.sealedSecret
    expect(sealedOf(basic.id)).toBeNull()
    expect(Buffer.from(sealedOf(client.id) ?? '').includes(client.clientSecret ?? 'x')).toBe(false)
    expect(sealedOf(client.id)).not.toBeNull()
  })

  it('removes the sealed secret when the client no longer signs with it', async () => {
    const changed = await test.registerClient(MACHINE)
    const change = async (settings: object, status = 200) => {
      const answer = await test.app.inject({
        method: 'PATCH',
        url: `/v1/admin/clients/${changed.id}`,
        headers: { cookie: await test.signIn(), 'x-org-domain': 'acme' },
        payload: settings,
      })
      expect(answer.statusCode).toBe(status)
    }
    const { clientSecret: secrets } = test.database.prisma
    const sealed = () => secrets.count({ where: { clientId: changed.id, sealedSecret: { not: null } } })
    const sealedOfOthers = () =>
      secrets.count({ where: { clientId: { not: changed.id }, sealedSecret: { not: null } } })
    const others = await sealedOfOthers()
    await change({ name: 'Under another name' })
    expect([await sealed(), await sealedOfOthers()]).toEqual([1, others])
    await change({ tokenEndpointAuthMethod: 'client_secret_basic' })
    expect([await sealed(), await sealedOfOthers()]).toEqual([0, others])
    // The hash is enough to compare secrets, but the client cannot sign with this secret again.
    const basic = await relyingParty(test, changed).exchange('', { grant_type: 'client_credentials' })
    expect(basic.statusCode).toBe(200)
    await change({ tokenEndpointAuthMethod: 'client_secret_jwt' }, 400)
  })

  it.each([
    [{ tokenEndpointAuthSigningAlg: 'ES256' }],
    [
      {
        tokenEndpointAuthMethod: 'private_key_jwt',
        tokenEndpointAuthSigningAlg: 'HS256',
        jwksUri: 'https://a.example/jwks',
      },
    ],
  ])('is not registered as %j', async (settings) => {
    await expect(test.registerClient({ ...MACHINE, ...settings })).rejects.toThrow('tokenEndpointAuthSigningAlg')
  })
})
