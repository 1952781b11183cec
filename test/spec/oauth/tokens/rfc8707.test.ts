import { decodeJwt, decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import type { RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'

const ISSUER = 'https://auth.example.com'
const FILES = 'https://files.example.com/api'
const MAIL = 'https://mail.example.com'
const OPAQUE = 'https://opaque.example.com'

let api: Api
let client: RegisteredTestClient
let rp: ReturnType<typeof relyingParty>
let filesId: string

const createResource = async (settings: object) => {
  const answer = await api.send(api.owner, 'POST', '/v1/admin/resources', { body: settings })
  expect(answer.statusCode).toBe(201)
  return answer.json<{ id: string }>().id
}
const changeResource = async (id: string, settings: object) =>
  expect((await api.send(api.owner, 'PATCH', `/v1/admin/resources/${id}`, { body: settings })).statusCode).toBe(200)

beforeAll(async () => {
  api = await createApi()
  filesId = await createResource({
    identifier: FILES,
    name: 'Files',
    accessTokenLifetime: 60,
    scopes: [
      {
        name: 'read',
        title: 'Read your files',
        description: 'All of them',
        localised: { de: { title: 'Ihre Dateien lesen' } },
      },
      { name: 'write' },
    ],
  })
  await createResource({ identifier: MAIL, name: 'Mail', accessTokenTyp: 'JWT', scopes: [{ name: 'read' }] })
  await createResource({ identifier: OPAQUE, name: 'Opaque', accessTokenFormat: 'opaque', scopes: [{ name: 'x' }] })
  client = await api.registerClient({ clientType: 'confidential', audience: ['https://old.example.com'] })
  rp = relyingParty(api, client)
})
afterAll(() => api.close())

/** A token request with a parameter that is sent several times. */
const withResources = (form: Record<string, string>, resources: readonly string[]) => {
  const payload = new URLSearchParams(form)
  for (const resource of resources) payload.append('resource', resource)
  const basic = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
  return api.app.inject({
    method: 'POST',
    url: '/oauth2/token',
    payload: payload.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Basic ${basic}` },
  })
}
const claimsOf = ({ access_token }: Tokens) => decodeJwt(access_token)
const request = { scope: 'openid profile offline_access read', resource: FILES }

describe('RFC 8707 §2: a resource that the authorization request names', () => {
  it('is the audience of the access token, which has only its scopes', async () => {
    const tokens = await rp.tokens(undefined, request)
    expect(claimsOf(tokens)).toMatchObject({ aud: FILES, scope: 'read' })
    expect(tokens).toMatchObject({ scope: 'read', expires_in: 60 })
    expect(decodeJwt(tokens.id_token)).toMatchObject({ aud: client.clientId })
    expect((await rp.introspect(tokens.access_token)).json()).toMatchObject({ active: true, aud: FILES, scope: 'read' })
    expect((await rp.introspect(tokens.refresh_token)).json()).toMatchObject({ active: true, aud: [FILES] })
    // It is a token for that API, and not for the account of the user.
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    const me = await api.app.inject({
      url: '/v1/me/profile',
      headers: { authorization: `Bearer ${tokens.access_token}` },
    })
    expect(me.statusCode).toBe(401)
  })

  it('is found in another spelling, and named as it is registered', async () => {
    const tokens = await rp.tokens(undefined, { ...request, resource: 'HTTPS://Mail.example.com/' })
    expect(claimsOf(tokens).aud).toBe(MAIL)
    expect(decodeProtectedHeader(tokens.access_token).typ).toBe('JWT')
  })

  it('may be pushed, and be in a request object as a list', async () => {
    const browser = api.browser()
    await rp.code(browser)
    await browser.get(await rp.pushedUrl({ ...request, prompt: 'none' }))
    const pushed = await rp.exchange(String(browser.answer().get('code')))
    expect(claimsOf(pushed.json<Tokens>()).aud).toBe(FILES)
    const claims = { ...rp.request({ scope: 'openid read', prompt: 'none' }), resource: [FILES, OPAQUE] }
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const object = `${encode({ alg: 'none' })}.${encode({ ...claims, aud: ISSUER })}.`
    await browser.get(rp.authorizeUrl({ scope: undefined, request: object }))
    const code = String(browser.answer().get('code'))
    const answer = await rp.exchange(code, { resource: FILES })
    expect(claimsOf(answer.json<Tokens>())).toMatchObject({ aud: FILES, scope: 'read' })
  })

  it.each([
    ['that does not exist', { resource: 'https://unknown.example.com' }, 'invalid_target'],
    ['that is relative', { resource: '/api' }, 'invalid_target'],
    ['that has a fragment', { resource: `${FILES}#x` }, 'invalid_target'],
    ['beside the API of this server', { resource: `${FILES} ${ISSUER}` }, 'invalid_target'],
    ['with a scope that it does not have', { resource: FILES, scope: 'openid delete' }, 'invalid_scope'],
    ['with a scope of the API of this server', { resource: FILES, scope: 'users:read' }, 'invalid_scope'],
    ['with a scope about the user that the client lacks', { resource: FILES, scope: 'groups' }, 'invalid_scope'],
  ])('is rejected %s', async (_, parameters, error) => {
    const browser = api.browser()
    await browser.get(rp.authorizeUrl(parameters))
    expect(browser.answer().get('error')).toBe(error)
    expect((await rp.push(parameters)).json()).toMatchObject({ error })
  })

  it('may be absent: the settings of the client decide, as before', async () => {
    const tokens = await rp.tokens()
    expect(claimsOf(tokens).aud).toEqual(['https://old.example.com', ISSUER])
    const own = await rp.refresh(tokens.refresh_token, { resource: ISSUER })
    expect(claimsOf(own.json<Tokens>())).toMatchObject({ aud: ISSUER, scope: 'openid profile email' })
  })
})

describe('RFC 8707 §2.2: a token request', () => {
  const several = async () => {
    const browser = api.browser()
    await rp.code(browser)
    await browser.get(
      `${rp.authorizeUrl({ scope: 'openid read write' })}&resource=${FILES}&resource=${MAIL}&prompt=none`,
    )
    return String(browser.answer().get('code'))
  }

  it('chooses one of several, and the refresh token keeps them all', async () => {
    const first = (await rp.exchange(await several(), { resource: FILES })).json<Tokens>()
    expect(claimsOf(first)).toMatchObject({ aud: FILES, scope: 'read write' })
    const second = (await rp.refresh(first.refresh_token, { resource: MAIL })).json<Tokens>()
    expect(claimsOf(second)).toMatchObject({ aud: MAIL, scope: 'read' })
    const third = (await rp.refresh(second.refresh_token, { resource: FILES, scope: 'write' })).json<Tokens>()
    expect(claimsOf(third)).toMatchObject({ aud: FILES, scope: 'write' })
    // Of this server, the token has the scopes about the user.
    const own = (await rp.refresh(third.refresh_token, { resource: ISSUER })).json<Tokens>()
    expect(claimsOf(own)).toMatchObject({ aud: ISSUER, scope: 'openid' })
    expect((await rp.userinfo(own.access_token)).statusCode).toBe(200)
  })

  it('gets no token for several that need different ones', async () => {
    const code = await several()
    const form = { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example.com/callback' }
    const both = await withResources({ ...form, code_verifier: rp.verifier }, [FILES, MAIL])
    expect(both.json()).toMatchObject({ error: 'invalid_target' })
    // Without names, it is for the first.
    const answer = await rp.exchange(code)
    expect(claimsOf(answer.json<Tokens>())).toMatchObject({ aud: FILES })
  })

  it('is rejected for a resource that was not granted, and consumes nothing', async () => {
    const code = await rp.code(undefined, request)
    for (const resource of [MAIL, 'https://unknown.example.com']) {
      const answer = await rp.exchange(code, { resource })
      expect([answer.statusCode, answer.json<{ error: string }>().error]).toEqual([400, 'invalid_target'])
    }
    const tokens = (await rp.exchange(code, { resource: FILES })).json<Tokens>()
    expect((await rp.refresh(tokens.refresh_token, { resource: MAIL })).json()).toMatchObject({
      error: 'invalid_target',
    })
    expect((await rp.refresh(tokens.refresh_token)).statusCode).toBe(200)
  })

  it('is rejected without a resource in the authorization request', async () => {
    const code = await rp.code()
    expect((await rp.exchange(code, { resource: FILES })).json()).toMatchObject({ error: 'invalid_target' })
    expect((await rp.exchange(code)).statusCode).toBe(200)
  })

  it('gets an opaque token for a resource that wants one', async () => {
    const tokens = await rp.tokens(undefined, { scope: 'openid x', resource: OPAQUE })
    expect(tokens.access_token).toMatch(/^cat_/)
    expect((await rp.introspect(tokens.access_token)).json()).toMatchObject({ aud: OPAQUE, scope: 'x' })
  })

  it('gets no token when the client may no longer request the resource', async () => {
    const id = await createResource({ identifier: 'https://short.example.com', name: 'Short' })
    const tokens = await rp.tokens(undefined, { scope: 'openid', resource: 'https://short.example.com' })
    expect(claimsOf(tokens).scope).toBe('')
    await changeResource(id, { clientKinds: ['first_party'] })
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_target' })
  })

  it('of client_credentials has the scopes of the client that the resource has', async () => {
    const machine = await api.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['read', 'other'],
    })
    const { exchange } = relyingParty(api, machine)
    const get = (more: Record<string, string>) => exchange('', { grant_type: 'client_credentials', ...more })
    expect(claimsOf((await get({ resource: FILES })).json<Tokens>())).toMatchObject({ aud: FILES, scope: 'read' })
    expect((await get({ resource: FILES, scope: 'other' })).json()).toMatchObject({ error: 'invalid_scope' })
    // The resource has it, but no user allows it.
    expect((await get({ resource: FILES, scope: 'write' })).json()).toMatchObject({ error: 'invalid_scope' })
    expect(claimsOf((await get({})).json<Tokens>())).toMatchObject({ aud: ISSUER, scope: 'read other' })
  })
})

describe('a device', () => {
  it('gets a token for the resource that it named', async () => {
    const grantTypes = ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token']
    const device = relyingParty(api, await api.registerClient({ grantTypes, redirectUris: [], clientType: 'public' }))
    const start = (resource: string) =>
      device.post('/oauth2/device_authorization', {
        client_id: device.request()['client_id'],
        scope: 'openid read',
        resource,
      })
    expect((await start('https://unknown.example.com')).json()).toMatchObject({ error: 'invalid_target' })
    const started = (await start(FILES)).json<{ device_code: string; user_code: string }>()
    const browser = api.browser()
    await rp.code(browser)
    await browser.get(`/device?user_code=${started.user_code}`)
    await browser.submit({ user_code: started.user_code }, '')
    expect(browser.page.body).toContain('Read your files')
    await browser.submit({}, 'allow')
    const form = { grant_type: grantTypes[0], device_code: started.device_code }
    const answer = await device.post('/oauth2/token', { ...form, client_id: device.request()['client_id'] })
    expect(claimsOf(answer.json<Tokens>())).toMatchObject({ aud: FILES, scope: 'read' })
  })
})

describe('the consent page', () => {
  it('has the words of the resource, and a consent is for one resource only', async () => {
    const asking = relyingParty(api, await api.registerClient({ requireConsent: true, clientType: 'confidential' }))
    const browser = api.browser()
    await rp.code(browser)
    browser.language = 'de'
    await browser.get(asking.authorizeUrl({ scope: 'openid read', resource: FILES }))
    for (const text of ['Files', FILES, 'Ihre Dateien lesen', 'All of them', 'Ihre Identität bestätigen']) {
      expect(browser.page.body).toContain(text)
    }
    await browser.submit({}, 'allow')
    expect(browser.answer().get('code')).not.toBeNull()
    await browser.get(asking.authorizeUrl({ scope: 'openid read', resource: FILES, prompt: 'none' }))
    expect(browser.answer().get('code')).not.toBeNull()
    for (const other of [{ resource: MAIL }, { resource: FILES, scope: 'openid read write' }]) {
      await browser.get(asking.authorizeUrl({ scope: 'openid read', prompt: 'none', ...other }))
      expect(browser.answer().get('error')).toBe('consent_required')
    }
  })
})

describe('the claims of a resource', () => {
  const CLAIMS = 'https://claims.example.com'
  const claims = [
    { source: 'roles', name: 'roles', in: ['access_token'] },
    { source: 'groups', name: 'groups', in: ['introspection'], shape: 'path' },
    { source: 'email', name: 'mail', in: ['access_token'], scope: 'see' },
    { source: 'constant', name: 'tier', in: ['access_token', 'introspection'], value: 'gold' },
  ]
  let asking: ReturnType<typeof relyingParty>
  let askingId: string
  let resourceId: string
  beforeAll(async () => {
    resourceId = await createResource({ identifier: CLAIMS, name: 'Claims', scopes: [{ name: 'see' }], claims })
    const registered = await api.registerClient({
      clientType: 'confidential',
      isFirstParty: true,
      claims: [
        { source: 'constant', name: 'of_client', in: ['access_token', 'introspection', 'id_token'], value: 1 },
        { source: 'permissions', name: 'rights', in: ['id_token'] },
      ],
    })
    askingId = registered.id
    asking = relyingParty(api, registered)
    const post = async (url: string, body: object) =>
      (await api.send(api.owner, 'POST', url, { body })).json<{ id: string }>()
    const team = await post('/v1/admin/teams', { name: 'Platform', slug: 'platform' })
    await post(`/v1/admin/teams/${team.id}/members`, { userId: api.owner.id })
  })
  const group = () => `${api.owner.organisation.slug}/platform`

  it('replace those of the client in its access tokens and their introspection', async () => {
    const tokens = await asking.tokens(undefined, { scope: 'openid see', resource: CLAIMS })
    expect(claimsOf(tokens)).toMatchObject({ roles: ['owner'], mail: 'owner@acme.test', tier: 'gold' })
    expect(claimsOf(tokens)).not.toHaveProperty('of_client')
    expect(decodeJwt(tokens.id_token)).toMatchObject({ of_client: 1, rights: ['*'] })
    const introspected = (await asking.introspect(tokens.access_token)).json<Record<string, unknown>>()
    expect(introspected).toMatchObject({ groups: [group()], tier: 'gold' })
    expect(introspected).not.toHaveProperty('of_client')
  })

  it('are the same whether the token request names the resource, and after a refresh', async () => {
    const browser = api.browser()
    const named = await asking.exchange(await asking.code(browser, { scope: 'openid', resource: CLAIMS }), {
      resource: CLAIMS,
    })
    expect(claimsOf(named.json<Tokens>())).toMatchObject({ roles: ['owner'], tier: 'gold' })
    expect(claimsOf(named.json<Tokens>())).not.toHaveProperty('mail')
    for (const more of [{}, { resource: CLAIMS }]) {
      const { refresh_token } = await asking.tokens(browser, { scope: 'openid', resource: CLAIMS })
      const refreshed = await asking.refresh(refresh_token, more)
      expect(claimsOf(refreshed.json<Tokens>())).toMatchObject({ roles: ['owner'], tier: 'gold' })
    }
    const own = await asking.tokens(browser, { scope: 'openid' })
    expect(claimsOf(own)).toMatchObject({ of_client: 1 })
    expect(claimsOf(own)).not.toHaveProperty('tier')
  })

  it('are not replaced by those of the client once the resource is gone', async () => {
    const id = await createResource({ identifier: 'https://gone.example.com', name: 'Gone' })
    const tokens = await asking.tokens(undefined, { scope: 'openid', resource: 'https://gone.example.com' })
    await api.send(api.owner, 'DELETE', `/v1/admin/resources/${id}`)
    const introspected = (await asking.introspect(tokens.access_token)).json<Record<string, unknown>>()
    expect(introspected['active']).toBe(true)
    expect(introspected).not.toHaveProperty('of_client')
  })

  it('are previewed with their reasons', async () => {
    const preview = async (more: Record<string, string>) => {
      const query = new URLSearchParams({ userId: api.owner.id, ...more })
      return api.send(api.owner, 'GET', `/v1/admin/clients/${askingId}/claims-preview?${query}`)
    }
    const seen = (await preview({ resource: CLAIMS })).json<Record<string, { claims: object; reasons: object[] }>>()
    expect(seen['accessToken']?.claims).toMatchObject({ aud: CLAIMS, scope: 'see', roles: ['owner'], tier: 'gold' })
    expect(seen['accessToken']?.claims).not.toHaveProperty('of_client')
    expect(seen['accessToken']?.reasons).toContainEqual(expect.objectContaining({ claim: 'roles', rule: 'resource' }))
    expect(seen['introspection']?.claims).toMatchObject({ groups: [group()], tier: 'gold' })
    expect(seen['idToken']?.claims).toMatchObject({ of_client: 1 })
    expect((await preview({ resource: 'https://unknown.example.com' })).statusCode).toBe(400)
    expect((await preview({ resource: CLAIMS, scope: 'openid write' })).statusCode).toBe(400)
  })

  it.each([
    ['in an ID token', { source: 'roles', name: 'roles', in: ['id_token'] }],
    ['by a scope about the user', { source: 'groups', name: 'groups', in: ['access_token'], scope: 'groups' }],
    ['with a name of the protocol', { source: 'roles', name: 'aud', in: ['access_token'] }],
  ])('are rejected %s', async (_, claim) => {
    const answer = await api.send(api.owner, 'PATCH', `/v1/admin/resources/${resourceId}`, {
      body: { claims: [claim] },
    })
    expect(answer.statusCode).toBe(400)
  })
})

describe('which clients may request a resource', () => {
  it('is decided by their kind, or by name', async () => {
    const id = await createResource({ identifier: 'https://kinds.example.com', name: 'Kinds', clientKinds: [] })
    const [ordinary, own] = [await api.registerClient(), await api.registerClient({ isFirstParty: true })]
    const self = await api.registerClient()
    // As a registration by the client itself leaves it.
    await api.prisma.clientRegistration.create({
      data: {
        clientId: self.id,
        organisationId: api.owner.organisation.id,
        tokenHash: Buffer.from(self.id),
        metadata: {},
        anonymous: false,
        createdAt: api.clock.now(),
      },
    })
    const allowed = async () => {
      await api.changesRead()
      const answers = await Promise.all(
        [ordinary, own, self].map(({ clientId }) =>
          api.browser().get(
            relyingParty(api, { ...client, clientId }).authorizeUrl({
              scope: 'openid',
              resource: 'https://kinds.example.com',
              prompt: 'none',
            }),
          ),
        ),
      )
      return answers.map((browser) => browser.answer().get('error') !== 'invalid_target')
    }
    expect(await allowed()).toEqual([false, false, false])
    for (const [change, expected] of [
      [{ clientKinds: ['managed'] }, [true, true, false]],
      [{ clientKinds: ['first_party'] }, [false, true, false]],
      [{ clientKinds: ['dcr'] }, [false, false, true]],
      [{ clientKinds: ['all'] }, [true, true, true]],
      [{ clientKinds: [], clients: [self.clientId] }, [false, false, true]],
      [{ clientKinds: ['all'], isActive: false }, [false, false, false]],
    ] as const) {
      await changeResource(id, change)
      expect(await allowed()).toEqual(expected)
    }
    await changeResource(filesId, { isActive: true })
  })

  it('does not matter in another organisation, which has resources of its own', async () => {
    const organisation = await api.addOrganisation('resources-elsewhere')
    const stranger = await api.addPerson(['clients:create'], organisation)
    const body = {
      name: 'x',
      clientType: 'public',
      redirectUris: ['https://app.example.com/callback'],
      scopes: ['openid'],
    }
    const created = await api.send(stranger, 'POST', '/v1/admin/clients', { body })
    const other = relyingParty(api, created.json<RegisteredTestClient>())
    const browser = api.browser()
    await browser.get(other.authorizeUrl({ scope: 'openid', resource: FILES }))
    expect(browser.answer().get('error')).toBe('invalid_target')
  })
})
