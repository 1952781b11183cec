import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { authenticationMethods } from '../../../../src/clients/authentication/methods/index.ts'
import { profileOf } from '../../../../src/clients/settings/profiles.ts'
import { createApi, type Api } from '../../../support/api.ts'
import { ISSUER, type RegisteredTestClient } from '../../../support/app.ts'
import { REDIRECT_URI, relyingParty } from '../../../support/relying-party.ts'
import { overwriteClient, readStoredClient } from '../../../support/stored-clients.ts'

const CLIENTS = '/v1/admin/clients'
const POLICY = '/v1/admin/registration-policy'
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Problem {
  errors: { path: (string | number)[]; message: string }[]
}

let api: Api
let pair: { privateKey: CryptoKey; publicKey: CryptoKey }
let jwks: { keys: object[] }
beforeAll(async () => {
  api = await createApi()
  pair = await generateKeyPair('ES256', { extractable: true })
  jwks = { keys: [await exportJWK(pair.publicKey)] }
})
afterAll(() => api.close())

const server = (more: object = {}) => ({
  name: 'Server',
  clientType: 'confidential',
  profile: 'oauth2.1',
  redirectUris: [REDIRECT_URI],
  scopes: ['openid', 'email', 'profile'],
  requireConsent: false,
  jwks,
  ...more,
})
const device = (more: object = {}) => ({
  name: 'Device',
  clientType: 'public',
  profile: 'oauth2.1',
  redirectUris: ['com.example.app:/callback'],
  ...more,
})
const create = (body: object) => api.send(api.owner, 'POST', CLIENTS, { body })
const created = async (body: object) => {
  const answer = await create(body)
  expect([answer.statusCode, answer.json<Partial<Problem>>().errors]).toEqual([201, undefined])
  return answer.json<RegisteredTestClient>()
}
/** Changes the row directly, as if a release had made the profile oauth2.1er. */
const force = (client: RegisteredTestClient, settings: object) => overwriteClient(api, client.id, settings)
const seconds = () => Math.floor(api.clock.now().getTime() / 1000)
let counted = 0
const assertion = ({ clientId }: RegisteredTestClient, more: JWTPayload = {}) => {
  counted += 1
  const claims = { iss: clientId, sub: clientId, aud: ISSUER, exp: seconds() + 60, jti: `j-${counted}`, ...more }
  return new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(pair.privateKey)
}

describe('a client without a profile', () => {
  it('uses the profile openid, which changes nothing', async () => {
    const client = await created({ ...server(), profile: undefined, jwks: undefined })
    expect(client).toMatchObject({
      profile: 'openid',
      tokenEndpointAuthMethod: 'client_secret_basic',
      idTokenSignedResponseAlg: 'RS256',
    })
    const rp = relyingParty(api, client)
    const code = await rp.code()
    api.clock.advance(599)
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it('may use every authentication method', () => {
    const names = authenticationMethods.map(({ name }) => name)
    expect([...profileOf({ profile: 'openid' }).authenticationMethods].sort()).toEqual(names.sort())
  })
})

describe('the profile oauth2.1: what may be registered (RFC 9700 §2.1, §2.1.2, §2.5; OAuth 2.1)', () => {
  it('applies its own defaults', async () => {
    expect(await created(server())).toMatchObject({
      profile: 'oauth2.1',
      responseTypes: ['code'],
      tokenEndpointAuthMethod: 'private_key_jwt',
      requirePkce: true,
      idTokenSignedResponseAlg: 'ES256',
      accessTokenSigningAlg: 'ES256',
      accessTokenLifetime: 3600,
      clientSecret: null,
    })
    expect(await created(device({ redirectUris: ['http://127.0.0.1/cb', 'com.example.app:/cb'] }))).toMatchObject({
      tokenEndpointAuthMethod: 'none',
    })
  })

  it.each([
    ['profile', server({ profile: 'lenient' }), /openid, oauth2\.1, fapi1-advanced/],
    ['grantTypes.1', server({ grantTypes: ['authorization_code', 'implicit'] }), /authorization_code.*oauth2.1/],
    [
      'responseTypes.1',
      server({ grantTypes: ['authorization_code', 'implicit'], responseTypes: ['code', 'code token'] }),
      /code under the profile oauth2.1/,
    ],
    [
      'tokenEndpointAuthMethod',
      server({ tokenEndpointAuthMethod: 'client_secret_basic' }),
      /private_key_jwt.*oauth2.1/,
    ],
    ['tokenEndpointAuthMethod', server({ tokenEndpointAuthMethod: 'client_secret_jwt' }), /private_key_jwt.*oauth2.1/],
    ['requirePkce', server({ requirePkce: false }), /true under the profile oauth2.1/],
    ['idTokenSignedResponseAlg', server({ idTokenSignedResponseAlg: 'none' }), /ES256.*oauth2.1/],
    ['idTokenSignedResponseAlg', server({ idTokenSignedResponseAlg: 'RS256' }), /ES256.*oauth2.1/],
    ['accessTokenSigningAlg', server({ accessTokenSigningAlg: 'RS256' }), /ES256.*oauth2.1/],
    ['userinfoSignedResponseAlg', server({ userinfoSignedResponseAlg: 'RS256' }), /ES256.*oauth2.1/],
    ['tokenEndpointAuthSigningAlg', server({ tokenEndpointAuthSigningAlg: 'RS256' }), /ES256.*oauth2.1/],
    ['requestObjectSigningAlg', server({ requestObjectSigningAlg: 'none' }), /ES256.*oauth2.1/],
    ['accessTokenLifetime', server({ accessTokenLifetime: 3601 }), /3600 under the profile oauth2.1/],
    ['redirectUris.0', server({ redirectUris: ['http://127.0.0.1/cb'] }), /https, under the profile oauth2.1/],
    ['redirectUris.0', device({ redirectUris: ['http://localhost/cb'] }), /127.0.0.1 and \[::1\], under.*oauth2.1/],
    ['postLogoutRedirectUris.0', device({ postLogoutRedirectUris: ['http://localhost/x'] }), /oauth2.1/],
  ])('rejects %s and names the setting and the profile', async (field, body, message) => {
    const answer = await create(body)
    expect(answer.statusCode).toBe(400)
    const found = answer.json<Problem>().errors.filter(({ path }) => path.join('.') === field)
    expect(found.map((issue) => issue.message)).toContainEqual(expect.stringMatching(message))
  })

  it('can be assigned later only to a client whose settings comply', async () => {
    const client = await created(server({ profile: 'openid', jwks: undefined, idTokenSignedResponseAlg: 'none' }))
    const change = (body: object) => api.send(api.owner, 'PATCH', `${CLIENTS}/${client.id}`, { body })
    const refused = await change({ profile: 'oauth2.1' })
    expect(refused.statusCode).toBe(400)
    const fields = refused.json<Problem>().errors.map(({ path }) => path.join('.'))
    expect(fields.sort()).toEqual(['idTokenSignedResponseAlg', 'tokenEndpointAuthMethod'])
    const fitting = { tokenEndpointAuthMethod: 'private_key_jwt', jwks, idTokenSignedResponseAlg: 'EdDSA' }
    const answer = await change({ profile: 'oauth2.1', ...fitting })
    expect([answer.statusCode, answer.json<object>()]).toEqual([200, expect.objectContaining({ profile: 'oauth2.1' })])
    expect((await change({ requirePkce: false })).statusCode).toBe(400)
  })
})

describe('the profile oauth2.1: requests of the client', () => {
  let client: RegisteredTestClient
  beforeAll(async () => {
    client = await created(server({ tokenEndpointAuthMethod: 'private_key_jwt' }))
  })
  const ask = async (more: Record<string, string | undefined>, of = client) => {
    const browser = await api.signedInBrowser()
    await browser.get(relyingParty(api, of).authorizeUrl(more))
    const { searchParams, hash } = new URL(browser.url)
    return { error: searchParams.get('error'), code: searchParams.get('code'), state: searchParams.get('state'), hash }
  }
  const sign = (claims: JWTPayload) =>
    new SignJWT({ iss: client.clientId, aud: ISSUER, ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(pair.privateKey)
  const { challenge } = relyingParty({} as Api, {} as RegisteredTestClient)
  const inside = () => ({
    client_id: client.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  })

  it('PKCE is required of a confidential client too, whatever its settings say', async () => {
    const lax = await created(server())
    await force(lax, { requirePkce: false })
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    expect(await ask(without, lax)).toMatchObject({ error: 'invalid_request', code: null })
    expect(await ask({}, lax)).toMatchObject({ error: null, code: expect.stringMatching(/^authz_/) })
  })

  it('no response is sent in the fragment', async () => {
    expect(await ask({ response_mode: 'fragment' })).toMatchObject({ error: 'invalid_request', hash: '' })
    expect(await ask({ response_mode: 'query' })).toMatchObject({ error: null })
  })

  it('no token is sent through the browser, whatever the settings say', async () => {
    const hybrid = await created(server())
    await force(hybrid, { grantTypes: ['authorization_code', 'implicit'], responseTypes: ['code id_token token'] })
    const asked = { response_type: 'code id_token token', nonce: 'n' }
    const browser = await api.signedInBrowser()
    await browser.get(relyingParty(api, hybrid).authorizeUrl(asked))
    expect(browser.url).toContain('error=unsupported_response_type')
    expect(browser.url).not.toContain('token=')
  })

  it('a request object must be signed', async () => {
    const unsigned = new UnsecuredJWT({ iss: client.clientId, aud: ISSUER, ...inside() }).encode()
    expect(await ask({ request: unsigned })).toMatchObject({ error: 'invalid_request_object' })
    expect(await ask({ request: await sign(inside()) })).toMatchObject({ error: null })
  })

  it('parameters beside a request object are ignored (RFC 9101 §6.3)', async () => {
    expect(await ask({ request: await sign(inside()) })).toMatchObject({ error: null, state: null })
    expect(await ask({ request: await sign({ ...inside(), state: 'signed' }) })).toMatchObject({ state: 'signed' })
    const { code_challenge: _, code_challenge_method: __, ...bare } = inside()
    expect(await ask({ request: await sign(bare) })).toMatchObject({ error: 'invalid_request' })
  })

  it('a code is valid for a minute', async () => {
    const rp = relyingParty(api, { ...client, clientSecret: null })
    const exchange = async (wait: number) => {
      const code = await rp.code(await api.signedInBrowser())
      api.clock.advance(wait)
      const proof = { client_assertion_type: TYPE, client_assertion: await assertion(client) }
      return (await rp.exchange(code, proof)).statusCode
    }
    expect([await exchange(59), await exchange(61)]).toEqual([200, 400])
  })

  it.each([
    ['the issuer', ISSUER, 200],
    ['the issuer in a list', [ISSUER], 401],
    ['the token endpoint', `${ISSUER}/oauth2/token`, 401],
    ['both', [ISSUER, `${ISSUER}/oauth2/token`], 401],
  ])('an assertion for %s: the issuer alone, as a string', async (_, aud, status) => {
    const proof = { client_assertion_type: TYPE, client_assertion: await assertion(client, { aud }) }
    const answer = await relyingParty(api, client).post('/oauth2/introspect', { token: 'x', ...proof })
    expect(answer.statusCode).toBe(status)
  })

  it('applies to a client with a profile of a newer release', async () => {
    const other = await created(
      server({ profile: 'openid', requirePkce: false, tokenEndpointAuthMethod: 'private_key_jwt' }),
    )
    await force(other, { profile: 'of the future' })
    const without = { code_challenge: undefined, code_challenge_method: undefined }
    await expect.poll(async () => (await ask(without, other)).error).toBe('invalid_request')
  })

  it('a secret is rejected, whatever the settings say', async () => {
    const machine = await created(
      server({ profile: 'openid', grantTypes: ['client_credentials'], redirectUris: [], scopes: ['api'] }),
    )
    const token = () => relyingParty(api, machine).exchange('', { grant_type: 'client_credentials' })
    expect((await token()).statusCode).toBe(200)
    await force(machine, { profile: 'oauth2.1' })
    await expect.poll(async () => (await token()).statusCode).toBe(401)
    expect((await token()).json()).toMatchObject({ error_description: expect.stringContaining('client_secret_basic') })
  })
})

describe('self-registered clients get the profile of the organisation', () => {
  const setPolicy = (body: object, person = api.owner) => api.send(person, 'PUT', POLICY, { body })
  const register = (body: object, headers: Record<string, string> = {}) =>
    api.send(undefined, 'POST', '/oauth2/register', { body, headers })
  const profileOfClient = async (clientId: string) => (await readStoredClient(api.prisma, { clientId })).profile
  const fitting = () => ({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'private_key_jwt', jwks })

  it('openid by default; omitted members of the policy stay unchanged', async () => {
    expect((await setPolicy({ policy: 'open' })).json()).toMatchObject({ policy: 'open', profile: 'openid' })
    expect((await setPolicy({ policy: 'open', profile: 'oauth2.1' })).json()).toMatchObject({
      policy: 'open',
      profile: 'oauth2.1',
    })
    expect((await setPolicy({ policy: 'token' })).json()).toMatchObject({ policy: 'token', profile: 'oauth2.1' })
    expect((await api.send(api.owner, 'GET', POLICY)).json()).toMatchObject({ policy: 'token', profile: 'oauth2.1' })
    expect((await setPolicy({ policy: 'open', profile: 'lenient' })).statusCode).toBe(400)
  })

  it('and must comply with it; errors use the names of RFC 7591', async () => {
    await setPolicy({ policy: 'open', profile: 'oauth2.1' })
    const refused = await register({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: 'client_secret_post' })
    expect([refused.statusCode, refused.json()]).toEqual([
      400,
      {
        error: 'invalid_client_metadata',
        error_description: expect.stringMatching(/^token_endpoint_auth_method must .*oauth2.1\.$/),
      },
    ])
    const answer = await register(fitting())
    expect(answer.statusCode).toBe(201)
    const client = answer.json<Record<string, string>>()
    expect(client).toMatchObject({ id_token_signed_response_alg: 'ES256' })
    expect(await profileOfClient(client['client_id'] ?? '')).toBe('oauth2.1')

    // The policy applies to new registrations only; registered clients keep their profile.
    await setPolicy({ policy: 'open', profile: 'openid' })
    const replace = (body: object) =>
      api.send(undefined, 'PUT', `/oauth2/register/${client['client_id']}`, {
        body: { client_id: client['client_id'], ...fitting(), ...body },
        headers: { authorization: `Bearer ${client['registration_access_token']}` },
      })
    expect((await replace({ id_token_signed_response_alg: 'RS256', profile: 'openid' })).statusCode).toBe(400)
    expect((await replace({ profile: 'openid' })).statusCode).toBe(200)
    expect(await profileOfClient(client['client_id'] ?? '')).toBe('oauth2.1')
  })

  it('with an initial access token: that of its organisation', async () => {
    await setPolicy({ policy: 'closed', profile: 'oauth2.1' })
    const other = await api.addOrganisation('beta')
    const stranger = await api.addPerson(['clients:*'], other)
    for (const [person, profile] of [
      [api.owner, 'oauth2.1'],
      [stranger, 'openid'],
    ] as const) {
      const made = await api.send(person, 'POST', '/v1/admin/initial-access-tokens', { body: { name: 'Test' } })
      const { token } = made.json<{ token: string }>()
      const answer = await register(fitting(), { authorization: `Bearer ${token}`, 'x-org-domain': 'acme' })
      expect(await profileOfClient(answer.json<{ client_id: string }>().client_id)).toBe(profile)
    }
  })
})
