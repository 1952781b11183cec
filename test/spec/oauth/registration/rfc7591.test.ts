import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../../support/api.ts'
import { relyingParty, REDIRECT_URI } from '../../../support/relying-party.ts'
import { readStoredClient } from '../../../support/stored-clients.ts'

const REGISTER = '/oauth2/register'
const POLICY = '/v1/admin/registration-policy'
const TOKENS = '/v1/admin/initial-access-tokens'
const DAY = 86_400
const JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const manyNames = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`client_name#aa-${index}`, 'Name']))

interface Registered {
  client_id: string
  client_secret?: string
  registration_access_token: string
  [member: string]: unknown
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const register = (body: unknown, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: REGISTER,
    payload: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const registered = async (body: object, headers: Record<string, string> = {}) => {
  const answer = await register(body, headers)
  expect([answer.statusCode, answer.json<{ error?: string }>().error]).toEqual([201, undefined])
  return answer.json<Registered>()
}
const setPolicy = (policy: string, person: Person = api.owner) => api.send(person, 'PUT', POLICY, { body: { policy } })
const makeToken = async (body: object, person: Person = api.owner) =>
  (await api.send(person, 'POST', TOKENS, { body: { name: 'Test', ...body } })).json<{ id: string; token: string }>()
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const stored = (clientId: string) => readStoredClient(api.prisma, { clientId })

describe('RFC 7591 §3.1, §3.2.1 a client registers itself', () => {
  beforeAll(() => setPolicy('open'))

  it('with only a redirect URI, and gets all defaults in the response', async () => {
    const answer = await register({ redirect_uris: [REDIRECT_URI] })
    expect(answer.statusCode).toBe(201)
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toEqual({
      client_id: expect.stringMatching(/^client_[a-z0-9]{24}$/),
      client_id_issued_at: Math.floor(api.clock.now().getTime() / 1000),
      client_secret: expect.stringMatching(/^secret_[\w-]{43}$/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^reg_[\w-]{43}$/),
      registration_client_uri: expect.stringMatching(/^https:\/\/auth\.example\.com\/oauth2\/register\/client_/),
      redirect_uris: [REDIRECT_URI],
      post_logout_redirect_uris: [],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      scope: 'openid profile email address phone',
      token_endpoint_auth_method: 'client_secret_basic',
      client_name: 'app.example.com',
      contacts: [],
      id_token_signed_response_alg: 'RS256',
      require_auth_time: false,
      default_acr_values: [],
      require_signed_request_object: false,
      require_pushed_authorization_requests: false,
      tls_client_certificate_bound_access_tokens: false,
      dpop_bound_access_tokens: false,
      request_uris: [],
      subject_type: 'public',
      frontchannel_logout_session_required: false,
      backchannel_logout_session_required: false,
      access_token_format: 'jwt',
      application_type: 'web',
    })
  })

  it('and can use its credentials immediately', async () => {
    const client = await registered({
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      client_name: 'By itself',
    })
    const rp = relyingParty(api, {
      id: (await stored(client.client_id)).id,
      clientId: client.client_id,
      clientSecret: client.client_secret ?? '',
    })
    const tokens = await rp.tokens()
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(200)
    expect((await rp.refresh(tokens.refresh_token)).statusCode).toBe(200)
  })

  it('with every metadata member, each returned as sent', async () => {
    const body = {
      redirect_uris: ['https://app.example.com/a', 'https://app.example.com/b?x=1'],
      post_logout_redirect_uris: ['https://app.example.com/bye'],
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      response_types: ['code', 'id_token token'],
      scope: 'openid email',
      token_endpoint_auth_method: 'client_secret_post',
      application_type: 'web',
      client_name: 'All',
      'client_name#fr': 'Tout',
      'tos_uri#de-CH': 'https://app.example.com/agb',
      client_uri: 'https://app.example.com/',
      logo_uri: 'https://app.example.com/logo.png',
      policy_uri: 'https://app.example.com/privacy',
      tos_uri: 'https://app.example.com/terms',
      contacts: ['ops@example.com'],
      default_max_age: 3600,
      require_auth_time: true,
      default_acr_values: ['1', 'urn:example:gold'],
      jwks: { keys: [JWK] },
      require_signed_request_object: true,
      require_pushed_authorization_requests: true,
      introspection_signed_response_alg: 'ES256',
      introspection_encrypted_response_alg: 'ECDH-ES',
      introspection_encrypted_response_enc: 'A256GCM',
      authorization_signed_response_alg: 'PS256',
      authorization_encrypted_response_alg: 'ECDH-ES',
      authorization_encrypted_response_enc: 'A128GCM',
      id_token_signed_response_alg: 'ES256',
      subject_type: 'public',
      frontchannel_logout_uri: 'https://app.example.com/end?x=1',
      frontchannel_logout_session_required: true,
      backchannel_logout_uri: 'https://api.example.com/logout',
      backchannel_logout_session_required: true,
      initiate_login_uri: 'https://app.example.com/login',
      software_id: '4NRB1-0XZABZI9E6-5SM3R',
      software_version: '1.0',
      access_token_format: 'opaque',
    }
    expect(await registered(body)).toMatchObject(body)
  })

  it('and administrators read and change it under the names of the API', async () => {
    const { client_id: clientId } = await registered({
      redirect_uris: [REDIRECT_URI],
      application_type: 'native',
      'client_name#fr': 'Tout',
      'tos_uri#fr': 'https://app.example.com/cgu',
      'client_name#de-CH': 'Alles',
      initiate_login_uri: 'https://app.example.com/login',
      software_id: 'a',
      software_version: '1',
      require_auth_time: true,
      default_acr_values: ['1'],
    })
    const url = `/v1/admin/clients/${clientId}`
    const settings = {
      applicationType: 'native',
      localised: { fr: { name: 'Tout', tosUri: 'https://app.example.com/cgu' }, 'de-CH': { name: 'Alles' } },
      initiateLoginUri: 'https://app.example.com/login',
      softwareId: 'a',
      softwareVersion: '1',
      requireAuthTime: true,
      defaultAcrValues: ['1'],
    }
    expect((await api.send(api.owner, 'GET', url)).json()).toMatchObject(settings)
    const change = { localised: { it: { name: 'Tutto' } }, softwareVersion: null, applicationType: 'web' }
    const changed = await api.send(api.owner, 'PATCH', url, { body: change })
    expect([changed.statusCode, changed.json()]).toEqual([200, expect.objectContaining({ ...settings, ...change })])
  })

  it('metadata of unsupported protocols is ignored (§2)', async () => {
    const foreign = {
      backchannel_token_delivery_mode: 'poll',
      backchannel_user_code_parameter: true,
      authorization_details_types: ['payment'],
      claims_redirect_uri: ['https://app.example.com/claims'],
      'contacts#fr': ['ops@example.com'],
      'client_name#': 'Ignored',
      'client_name#not_a_tag': 'Ignored',
    }
    const client = await registered({ redirect_uris: [REDIRECT_URI], ...foreign })
    for (const name of Object.keys(foreign)) expect(client).not.toHaveProperty(name)
  })

  it('null is omitted, and unknown properties are ignored', async () => {
    const client = await registered({ redirect_uris: [REDIRECT_URI], logo_uri: null, favourite_colour: 'green' })
    for (const name of ['logo_uri', 'favourite_colour']) expect(client).not.toHaveProperty(name)
  })

  it('with members that list values repeatedly: each counts once, in its first place', async () => {
    const twice = (...values: string[]) => [...values, ...values]
    const answer = await registered({
      redirect_uris: twice(REDIRECT_URI, 'https://app.example.com/second'),
      post_logout_redirect_uris: twice('https://app.example.com/bye'),
      grant_types: twice('refresh_token', 'authorization_code', 'implicit'),
      response_types: ['code', 'id_token code', 'code id_token', 'code'],
      scope: 'profile openid  profile email openid',
      contacts: twice('team@example.com'),
      request_uris: twice('https://app.example.com/request'),
      default_acr_values: twice('1', '0'),
    })
    expect(answer).toMatchObject({
      redirect_uris: [REDIRECT_URI, 'https://app.example.com/second'],
      post_logout_redirect_uris: ['https://app.example.com/bye'],
      grant_types: ['refresh_token', 'authorization_code', 'implicit'],
      response_types: ['code', 'code id_token'],
      scope: 'profile openid email',
      contacts: ['team@example.com'],
      request_uris: ['https://app.example.com/request'],
      default_acr_values: ['1', '0'],
    })
  })

  it('response types in any order of words', async () => {
    const client = await registered({
      redirect_uris: [REDIRECT_URI],
      grant_types: ['implicit', 'authorization_code'],
      response_types: ['token id_token code'],
    })
    expect(client['response_types']).toEqual(['code id_token token'])
  })

  it('is public if it registers no secret, and then must use PKCE', async () => {
    const client = await registered({
      redirect_uris: ['com.example.app:/callback', 'http://127.0.0.1/callback'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    })
    for (const name of ['client_secret', 'client_secret_expires_at']) expect(client).not.toHaveProperty(name)
    expect(await stored(client.client_id)).toMatchObject({ clientType: 'public', requirePkce: true })
  })

  it('is never first-party', async () => {
    const { client_id } = await registered({ redirect_uris: [REDIRECT_URI], is_first_party: true, isFirstParty: true })
    expect(await stored(client_id)).toMatchObject({ isFirstParty: false, requireConsent: true })
  })

  it('records an audit event without secrets', async () => {
    const client = await registered({ redirect_uris: [REDIRECT_URI] })
    const { id } = await stored(client.client_id)
    const event = await api.prisma.auditEvent.findFirstOrThrow({ where: { clientId: id } })
    expect(event).toMatchObject({ type: 'client.registered', userId: null, metadata: { clientId: client.client_id } })
    const row = JSON.stringify([event, await api.prisma.clientRegistration.findMany()])
    for (const secret of [client.client_secret ?? '', client.registration_access_token])
      expect(row).not.toContain(secret)
  })
})

describe('RFC 7591 §3.2.2 invalid metadata is rejected by name', () => {
  beforeAll(() => setPolicy('open'))
  const base = { redirect_uris: [REDIRECT_URI] }

  it.each([
    ['no redirect URI', {}, 'invalid_redirect_uri', 'redirect_uris'],
    ['a fragment', { redirect_uris: [`${REDIRECT_URI}#x`] }, 'invalid_redirect_uri', 'redirect_uris.0'],
    ['no URI', { redirect_uris: ['callback'] }, 'invalid_redirect_uri', 'redirect_uris.0'],
    ['no list', { redirect_uris: REDIRECT_URI }, 'invalid_redirect_uri', 'redirect_uris'],
    ['http', { redirect_uris: ['http://app.example.com/'] }, 'invalid_redirect_uri', 'redirect_uris.0'],
    [
      'an invisible name',
      { redirect_uris: [REDIRECT_URI], client_name: '\u3164' },
      'invalid_client_metadata',
      'client_name',
    ],
    ['an app scheme for the web', { redirect_uris: ['com.example:/x'] }, 'invalid_redirect_uri', 'redirect_uris.0'],
    ['a grant', { ...base, grant_types: ['password'] }, 'invalid_client_metadata', 'grant_types.0'],
    ['a response type', { ...base, response_types: ['token'] }, 'invalid_client_metadata', 'response_types.0'],
    ['types without grants', { ...base, response_types: ['id_token'] }, 'invalid_client_metadata', 'response_types'],
    ['a method', { ...base, token_endpoint_auth_method: 'x' }, 'invalid_client_metadata', 'token_endpoint_auth_method'],
    [
      'an algorithm',
      { ...base, id_token_signed_response_alg: 'HS1' },
      'invalid_client_metadata',
      'id_token_signed_response_alg',
    ],
    ['a format', { ...base, access_token_format: 'paseto' }, 'invalid_client_metadata', 'access_token_format'],
    ['a subject type', { ...base, subject_type: 'both' }, 'invalid_client_metadata', 'subject_type'],
    ['an application type', { ...base, application_type: 'tv' }, 'invalid_client_metadata', 'application_type'],
    ['a scope of the API', { ...base, scope: 'openid clients:read' }, 'invalid_client_metadata', 'scope'],
    ['a scope of another', { ...base, scope: 'openid billing' }, 'invalid_client_metadata', 'scope'],
    [
      'a machine',
      { ...base, grant_types: ['authorization_code', 'client_credentials'] },
      'invalid_client_metadata',
      'grant_types',
    ],
    ['a picture that is a script', { ...base, logo_uri: 'javascript:alert(1)' }, 'invalid_client_metadata', 'logo_uri'],
    [
      'http where sign-in begins',
      { ...base, initiate_login_uri: 'http://localhost/' },
      'invalid_client_metadata',
      'initiate_login_uri',
    ],
    [
      'an end on another host',
      { ...base, frontchannel_logout_uri: 'https://elsewhere.example.com/' },
      'invalid_client_metadata',
      'frontchannel_logout_uri',
    ],
    [
      'a language in two spellings',
      { ...base, 'client_name#fr': 'a', 'client_name#FR': 'b' },
      'invalid_client_metadata',
      'client_name#FR',
    ],
    ['too many languages', { ...base, ...manyNames }, 'invalid_client_metadata', 'localised'],
    ['acr in one text', { ...base, default_acr_values: '1' }, 'invalid_client_metadata', 'default_acr_values'],
    [
      'signed requests without a key',
      { ...base, require_signed_request_object: true },
      'invalid_client_metadata',
      'require_signed_request_object',
    ],
    [
      'signed requests that are not',
      { ...base, jwks: { keys: [JWK] }, require_signed_request_object: true, request_object_signing_alg: 'none' },
      'invalid_client_metadata',
      'request_object_signing_alg',
    ],
    [
      'encrypted introspection without a key',
      { ...base, introspection_encrypted_response_alg: 'ECDH-ES' },
      'invalid_client_metadata',
      'introspection_encrypted_response_alg',
    ],
    [
      'an algorithm of introspection',
      { ...base, introspection_signed_response_alg: 'none' },
      'invalid_client_metadata',
      'introspection_signed_response_alg',
    ],
    ['a localised script', { ...base, 'tos_uri#fr': 'data:x' }, 'invalid_client_metadata', 'tos_uri#fr'],
    ['a localised list', { ...base, 'client_name#fr': ['x'] }, 'invalid_client_metadata', 'client_name#fr'],
    ['an age', { ...base, default_max_age: '1' }, 'invalid_client_metadata', 'default_max_age'],
    ['a name with NUL', { ...base, client_name: 'a\0b' }, 'invalid_client_metadata', 'client_name'],
    ['a list', [], 'invalid_client_metadata', 'object'],
  ])('%s', async (_, body, error, named) => {
    const before = await api.prisma.client.count()
    const answer = await register(body)
    const refused = answer.json<{ error: string; error_description: string }>()
    expect([answer.statusCode, refused.error]).toEqual([400, error])
    expect(refused.error_description).toContain(named)
    expect(refused.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(await api.prisma.client.count()).toBe(before)
  })

  it.each([
    ['broken JSON', '{', 'application/json'],
    ['a form', 'redirect_uris=x', 'application/x-www-form-urlencoded'],
    ['nothing', '', 'application/json'],
  ])('%s', async (_, body, type) => {
    const answer = await register(body, { 'content-type': type })
    expect([answer.statusCode, typeof answer.json<{ error: unknown }>().error]).toEqual([400, 'string'])
  })
})

describe('RFC 7591 §3 authorization of registrations', () => {
  let stranger: Person
  let other: { id: string; slug: string }
  beforeAll(async () => {
    other = await api.addOrganisation('other')
    stranger = await api.addPerson(['*'], other)
  })
  beforeEach(() => setPolicy('closed'))
  const body = { redirect_uris: [REDIRECT_URI] }
  const errorOf = async (headers: Record<string, string> = {}) => {
    const answer = await register(body, headers)
    return [
      answer.statusCode,
      answer.json<{ error?: string }>().error,
      answer.headers['www-authenticate'] !== undefined,
    ]
  }

  it('no client, unless an organisation allows it', async () => {
    const fresh = await createApi()
    const answer = await fresh.app.inject({ method: 'POST', url: REGISTER, payload: body })
    expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([403, 'access_denied'])
    await fresh.close()
  })

  it('every client under the open policy, in the organisation of X-Org-Domain', async () => {
    expect(await errorOf()).toEqual([403, 'access_denied', false])
    await setPolicy('open', stranger)
    expect(await errorOf()).toEqual([403, 'access_denied', false])
    const { client_id } = await registered(body, { 'x-org-domain': other.slug })
    expect(await stored(client_id)).toMatchObject({ organisationId: other.id })
    expect(await errorOf({ 'x-org-domain': 'nowhere' })).toEqual([403, 'access_denied', false])
    await setPolicy('closed', stranger)
  })

  it('a client with an initial access token under any policy, limited to its scopes', async () => {
    const { token } = await makeToken({ uses: 3, scopes: ['openid', 'billing'] })
    await setPolicy('token')
    expect(await errorOf()).toEqual([401, 'invalid_token', true])
    expect((await registered({ ...body, scope: 'openid billing' }, bearer(token)))['scope']).toBe('openid billing')
    expect((await registered(body, bearer(token)))['scope']).toBe('openid')
    const refused = await register({ ...body, scope: 'openid email' }, bearer(token))
    expect(refused.json()).toMatchObject({ error: 'invalid_client_metadata' })
    // A rejected request does not count.
    await registered(body, bearer(token))
    expect(await errorOf(bearer(token))).toEqual([401, 'invalid_token', true])
  })

  it('for the allowed number of clients, even in concurrent requests', async () => {
    const { token } = await makeToken({ uses: 2 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => register(body, bearer(token))))
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(2)
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(10)
  })

  it('until it expires or is revoked', async () => {
    const brief = await makeToken({ uses: 9, expiresIn: 60 })
    const revoked = await makeToken({ uses: 9 })
    expect((await api.send(stranger, 'DELETE', `${TOKENS}/${revoked.id}`)).statusCode).toBe(404)
    expect((await api.send(api.owner, 'DELETE', `${TOKENS}/${revoked.id}`)).statusCode).toBe(204)
    expect(await errorOf(bearer(revoked.token))).toEqual([401, 'invalid_token', true])
    await registered(body, bearer(brief.token))
    api.clock.advance(61)
    expect(await errorOf(bearer(brief.token))).toEqual([401, 'invalid_token', true])
  })

  it('goes to the organisation of the token, and the list there never shows the token itself', async () => {
    const { token, id } = await makeToken({ uses: 1 }, stranger)
    const { client_id } = await registered(body, { ...bearer(token), 'x-org-domain': 'acme' })
    expect(await stored(client_id)).toMatchObject({ organisationId: other.id })
    const list = await api.send(stranger, 'GET', TOKENS)
    expect(list.json()).toMatchObject({ data: [{ id, usesLeft: 0, name: 'Test' }] })
    expect(list.body).not.toContain(token)
    expect((await api.send(api.owner, 'GET', TOKENS)).body).not.toContain(id)
  })

  it('administrators decide, and only those of clients', async () => {
    const weak = await api.addPerson(['clients:read'])
    expect((await api.send(weak, 'GET', POLICY)).json()).toEqual({
      policy: 'closed',
      profile: 'openid',
      softwareStatementRequired: false,
      clientIdMetadataDocuments: 'off',
      clientIdMetadataHosts: [],
      clientIdMetadataScopes: ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'],
    })
    expect((await api.send(weak, 'PUT', POLICY, { body: { policy: 'open' } })).statusCode).toBe(403)
    expect((await api.send(weak, 'POST', TOKENS, { body: { name: 'x' } })).statusCode).toBe(403)
    const maker = await api.addPerson(['clients:create'])
    const borrowed = await api.send(maker, 'POST', TOKENS, { body: { name: 'x', scopes: ['users:read'] } })
    expect(borrowed.statusCode).toBe(403)
    for (const wrong of [{ policy: 'ajar' }, {}, []]) {
      expect((await api.send(api.owner, 'PUT', POLICY, { body: wrong })).statusCode).toBe(400)
    }
    for (const wrong of [{}, { name: 'x', uses: 0 }, { name: 'x', expiresIn: 1 }, { name: 'x', scopes: ['a b'] }]) {
      expect((await api.send(api.owner, 'POST', TOKENS, { body: wrong })).statusCode).toBe(400)
    }
  })

  it('an openly registered client is removed after thirty days unless it was used', async () => {
    await setPolicy('open')
    const idle = await registered(body)
    const used = await registered({ ...body, client_name: 'Used' })
    const { token } = await makeToken({})
    const invited = await registered(body, bearer(token))
    const rp = relyingParty(api, {
      id: '',
      clientId: used.client_id,
      clientSecret: used.client_secret ?? '',
    })
    await rp.tokens()
    api.clock.advance(29 * DAY)
    await api.repositories.sweep(api.clock.now())
    expect((await stored(idle.client_id)).deletedAt).toBeNull()
    api.clock.advance(2 * DAY)
    await api.repositories.sweep(api.clock.now())
    expect((await stored(idle.client_id)).deletedAt).not.toBeNull()
    for (const { client_id } of [used, invited]) expect((await stored(client_id)).deletedAt).toBeNull()
  })
})
