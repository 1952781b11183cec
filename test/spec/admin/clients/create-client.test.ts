import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../../../src/lib/crypto/hash.ts'
import { createApi, type Api } from '../../../support/api.ts'

const PATH = '/v1/admin/clients'
const CALLBACK = 'https://app.example.com/callback'
const web = { name: 'Web', clientType: 'confidential', redirectUris: [CALLBACK], scopes: ['openid'] }
const spa = { ...web, name: 'Page', clientType: 'public' }

let api: Api

beforeAll(async () => {
  api = await createApi()
})

afterAll(() => api.close())

/** The events that `act` leaves. */
async function eventsOf(act: () => Promise<unknown>) {
  const before = new Set((await api.events()).map(({ id }) => id))
  await act()
  return (await api.events()).filter(({ id }) => !before.has(id))
}

async function register(body: object = web) {
  const answer = await api.send(api.owner, 'POST', PATH, { body })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string; clientId: string; clientSecret: string; updatedAt: string }>()
}

/** Hashes of the secrets that are good at this moment. */
async function liveSecrets(clientId: string): Promise<string[]> {
  const client = await api.repositories.clientCache.find(clientId)
  return (client?.secrets ?? [])
    .filter(({ expiresAt }) => expiresAt === null || expiresAt > api.clock.now())
    .map(({ secretHash }) => Buffer.from(secretHash).toString('hex'))
}

const hashOf = (secret: string) => sha256(secret).toString('hex')

describe('registering a client', () => {
  it('works as the guide prints it', async () => {
    const body = `{
"name": "My Application",
"clientType": "public",
"redirectUris": ["https://myapp.example.com/callback"],
"allowedOrigins": ["https://myapp.example.com"],
"grantTypes": ["authorization_code", "refresh_token"],
"scopes": ["openid", "profile", "email"],
"requirePkce": true,
"requireConsent": false,
"isFirstParty": true
}`
    const headers = { 'x-org-domain': 'acme' }
    const answer = await api.send(api.owner, 'POST', PATH, { body, headers })
    expect(answer.statusCode).toBe(201)
    const client = answer.json<Record<string, string>>()
    expect(client).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      organisationId: api.owner.organisation.id,
      clientId: expect.stringMatching(/^client_[a-z0-9]{24}$/),
      clientSecret: null,
      name: 'My Application',
      externalId: null,
      description: null,
      profile: 'openid',
      clientType: 'public',
      redirectUris: ['https://myapp.example.com/callback'],
      postLogoutRedirectUris: [],
      allowedOrigins: ['https://myapp.example.com'],
      grantTypes: ['authorization_code', 'refresh_token'],
      responseTypes: ['code'],
      scopes: ['openid', 'profile', 'email'],
      tokenEndpointAuthMethod: 'none',
      additionalTokenEndpointAuthMethods: [],
      requirePkce: true,
      pkceRequired: true,
      requireConsent: false,
      rememberConsent: true,
      isFirstParty: true,
      allowedClaims: null,
      idTokenSignedResponseAlg: 'RS256',
      accessTokenFormat: 'jwt',
      accessTokenSigningAlg: 'ES256',
      accessTokenLifetime: 3600,
      refreshTokenLifetime: 2592000,
      idTokenLifetime: 3600,
      authorizationCodeLifetime: 600,
      refreshTokenIdleLifetime: null,
      refreshTokenReuseWindow: 10,
      refreshTokenRotation: 'rotating',
      audience: [],
      includeClaimsInIdToken: false,
      accessTokenTyp: 'at+jwt',
      claims: [],
      maxClaimBytes: 4096,
      tlsClientCertificateBoundAccessTokens: false,
      dpopBoundAccessTokens: false,
      defaultMaxAge: null,
      requireAuthTime: false,
      alwaysSignIn: false,
      defaultAcrValues: [],
      authorizedAcrValues: [],
      minimumAcr: null,
      logoUri: null,
      clientUri: null,
      policyUri: null,
      tosUri: null,
      contacts: [],
      localised: {},
      applicationType: 'web',
      initiateLoginUri: null,
      softwareId: null,
      groups: [],
      attributes: {},
      softwareVersion: null,
      jwks: null,
      jwksUri: null,
      requestObjectSigningAlg: null,
      tokenEndpointAuthSigningAlg: null,
      requireSignedRequestObject: false,
      requestUris: [],
      requireJarm: false,
      requirePushedAuthorizationRequests: false,
      pushedAuthorizationRequestLifetime: 60,
      userinfoSignedResponseAlg: null,
      idTokenEncryptedResponseAlg: null,
      idTokenEncryptedResponseEnc: null,
      userinfoEncryptedResponseAlg: null,
      userinfoEncryptedResponseEnc: null,
      introspectionSignedResponseAlg: null,
      introspectionEncryptedResponseAlg: null,
      introspectionEncryptedResponseEnc: null,
      authorizationSignedResponseAlg: null,
      authorizationEncryptedResponseAlg: null,
      authorizationEncryptedResponseEnc: null,
      requestObjectEncryptionAlg: null,
      requestObjectEncryptionEnc: null,
      tlsClientAuthSubjectDn: null,
      tlsClientAuthSanDns: null,
      tlsClientAuthSanUri: null,
      tlsClientAuthSanIp: null,
      tlsClientAuthSanEmail: null,
      subjectType: 'public',
      sectorIdentifierUri: null,
      frontchannelLogoutUri: null,
      frontchannelLogoutSessionRequired: false,
      backchannelLogoutUri: null,
      backchannelLogoutSessionRequired: false,
      isActive: true,
      expiresAt: null,
      revokedAt: null,
      createdAt: api.clock.now().toISOString(),
      updatedAt: api.clock.now().toISOString(),
      lastUsedAt: null,
      warnings: [],
    })
    expect(answer.headers.location).toBe(`${PATH}/${client['id']}`)
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it('shows the secret of a confidential client once and keeps its hash', async () => {
    const client = await register()
    expect(client.clientSecret).toMatch(/^secret_[\w-]{43}$/)
    expect(await liveSecrets(client.clientId)).toEqual([hashOf(client.clientSecret)])
    const read = await api.send(api.owner, 'GET', `${PATH}/${client.id}`)
    expect(read.json()).not.toHaveProperty('clientSecret')
    expect(read.body).not.toMatch(/secret_[\w-]{43}/)
  })

  it('leaves one event that names who, what and from where, and no secret', async () => {
    let secret = ''
    const events = await eventsOf(async () => {
      secret = (await register()).clientSecret
    })
    expect(events).toMatchObject([
      {
        type: 'client.created',
        category: 'client',
        action: 'create',
        success: true,
        organisationId: api.owner.organisation.id,
        userId: api.owner.id,
        resourceType: 'client',
        ipAddress: '127.0.0.1',
        metadata: { fields: ['name', 'clientType', 'redirectUris', 'scopes'] },
      },
    ])
    expect(JSON.stringify(events)).not.toContain(secret)
  })

  it('lists everything that is wrong, with its path, and stores nothing', async () => {
    const body = { name: '', clientType: 'public', redirectUris: ['/x'], requirePkce: false, colour: 'red' }
    const events = await eventsOf(async () => {
      const answer = await api.send(api.owner, 'POST', PATH, { body })
      expect(answer.statusCode).toBe(400)
      expect(answer.headers['content-type']).toBe('application/problem+json')
      const problem = answer.json<{ type: string; detail: string; message: string; errors: { path: string[] }[] }>()
      expect(problem.type).toMatch(/validation-error$/)
      expect(problem.message).toBe(problem.detail)
      expect(problem.errors.map(({ path }) => path.join('.')).toSorted()).toEqual([
        'colour',
        'name',
        'redirectUris.0',
        'requirePkce',
      ])
    })
    expect(events).toEqual([])
  })
})

describe('reading a client', () => {
  it('takes its id, in either case, or its clientId', async () => {
    const { id, clientId } = await register()
    for (const reference of [id, id.toUpperCase(), clientId]) {
      const answer = await api.send(api.owner, 'GET', `${PATH}/${reference}`)
      expect([answer.statusCode, answer.json<{ id: string }>().id]).toEqual([200, id])
    }
  })
})

describe('changing a client', () => {
  it('changes what is sent, and says in one event which members those are', async () => {
    const client = await register({ ...web, description: 'Old', logoUri: 'https://example.com/logo.png' })
    const body = { name: 'New', description: null, logoUri: null, requirePkce: false, scopes: ['openid'] }
    const events = await eventsOf(async () => {
      const answer = await api.send(api.owner, 'PATCH', `${PATH}/${client.clientId}`, { body })
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({
        id: client.id,
        name: 'New',
        description: null,
        logoUri: null,
        requirePkce: false,
        pkceRequired: false,
        redirectUris: [CALLBACK],
        updatedAt: api.clock.now().toISOString(),
      })
    })
    expect(events.map(({ type, metadata }) => ({ type, metadata }))).toEqual([
      {
        type: 'client.updated',
        metadata: { clientId: client.clientId, fields: ['name', 'description', 'requirePkce', 'logoUri'] },
      },
    ])
  })

  it.each([{}, { name: 'Web', scopes: ['openid'] }])(
    'is nothing, and no event, where %j makes no difference',
    async (body) => {
      const client = await register()
      const events = await eventsOf(async () => {
        const answer = await api.send(api.owner, 'PATCH', `${PATH}/${client.id}`, { body })
        expect(answer.json()).toMatchObject({ name: 'Web', updatedAt: client.updatedAt })
      })
      expect(events).toEqual([])
    },
  )

  it.each([
    [web, { clientType: 'public' }, ['clientType']],
    [web, { grantTypes: ['client_credentials', 'refresh_token'] }, ['grantTypes', 1]],
    [web, { redirectUris: [] }, ['redirectUris']],
    [web, { tokenEndpointAuthMethod: 'none' }, ['tokenEndpointAuthMethod']],
    [spa, { requirePkce: false }, ['requirePkce']],
    [spa, { grantTypes: ['authorization_code', 'client_credentials'] }, ['grantTypes', 1]],
    [spa, { tokenEndpointAuthMethod: 'client_secret_post' }, ['tokenEndpointAuthMethod']],
    [{ ...web, grantTypes: ['authorization_code'] }, { scopes: ['offline_access'] }, ['scopes', 0]],
  ])('cannot make %j with %j', async (before, body, path) => {
    const { id } = await register(before)
    const answer = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body })
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { errors: [{ path }] }])
  })

  it('makes a client inactive and active again', async () => {
    const { id, clientId } = await register()
    for (const isActive of [false, true]) {
      const answer = await api.send(api.owner, 'PATCH', `${PATH}/${id}`, { body: { isActive } })
      expect(answer.json()).toMatchObject({ isActive, revokedAt: null })
      expect(await api.repositories.clientCache.find(clientId)).toMatchObject({ isActive })
    }
  })
})
