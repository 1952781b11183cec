import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ISSUER, OWNER } from '../../../support/app.ts'
import { eventually } from '../../../support/eventually.ts'
import { createCimdEnvironment, type CimdEnvironment } from '../../../support/client-metadata-documents.ts'
import { REDIRECT_URI } from '../../../support/relying-party.ts'

let stage: CimdEnvironment
beforeAll(async () => {
  stage = await createCimdEnvironment()
})
afterAll(() => stage.close())
// Maximum number of fetches of unknown documents per host and minute.
beforeEach(async () => {
  stage.api.clock.advance(61)
  await stage.takeDocuments()
})

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const JWK = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
}
const refusedOnPage = { status: 400, signIn: false }
const metadata = async () =>
  (await stage.api.app.inject({ method: 'GET', url: '/.well-known/openid-configuration' })).json<
    Record<string, unknown>
  >()

describe('OAuth Client ID Metadata Document: a client without a registration', () => {
  it('signs a user in, and then behaves like any other client', async () => {
    const { web, api, party, stored } = stage
    const clientId = web.publish({ grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email' })
    const rp = party(clientId)
    const browser = api.browser()
    const tokens = await rp.tokens(browser, { scope: 'openid email' })
    expect(decodeJwt(tokens.id_token)).toMatchObject({ iss: ISSUER, aud: clientId })
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: clientId, scope: 'openid email' })
    expect((await rp.userinfo(tokens.access_token)).json()).toMatchObject({ email: OWNER.email })
    expect((await rp.refresh(tokens.refresh_token)).statusCode).toBe(200)
    expect((await rp.revoke(tokens.refresh_token)).statusCode).toBe(200)
    expect((await rp.userinfo(tokens.access_token)).statusCode).toBe(401)
    expect(await stored(clientId)).toMatchObject({
      organisationId: api.owner.organisation.id,
      name: 'Published',
      clientType: 'public',
      redirectUris: [REDIRECT_URI],
      scopes: ['openid', 'email'],
      requirePkce: true,
      requireConsent: true,
      isFirstParty: false,
    })
    expect(web.askedFor(clientId)).toBe(1)
  })

  it('authenticates by a key that it publishes', async () => {
    const { web, api, party } = stage
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [await exportJWK(pair.publicKey)] }
    const clientId = web.publish({ token_endpoint_auth_method: 'private_key_jwt', jwks })
    const rp = party(clientId)
    const code = await rp.code(api.browser(), { scope: 'openid' })
    const sign = (key: typeof pair.privateKey) =>
      new SignJWT({ iss: clientId, sub: clientId, aud: ISSUER, jti: String(api.clock.now().getTime()) })
        .setProtectedHeader({ alg: 'ES256' })
        .setExpirationTime(Math.floor(api.clock.now().getTime() / 1000) + 60)
        .sign(key)
    const prove = (assertion: string) => ({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    const stranger = await generateKeyPair('ES256')
    expect((await rp.exchange(code, prove(await sign(stranger.privateKey)))).statusCode).toBe(401)
    expect((await rp.exchange(code)).statusCode).toBe(401)
    expect((await rp.exchange(code, prove(await sign(pair.privateKey)))).statusCode).toBe(200)
  })

  it('may be used first in a device authorization', async () => {
    const { web, party, stored } = stage
    const clientId = web.publish({ grant_types: [DEVICE], response_types: [] })
    const answer = await party(clientId).post('/oauth2/device_authorization', { client_id: clientId, scope: 'openid' })
    expect(answer.statusCode).toBe(200)
    expect(await stored(clientId)).not.toBeNull()
  })

  it('is recorded as an audit event, and visible to administrators under its client_id', async () => {
    const { web, api, visit, owner } = stage
    const clientId = web.publish()
    await visit(clientId)
    const [event] = (await api.events()).slice(-1)
    expect(event).toMatchObject({
      type: 'client.registered',
      organisationId: api.owner.organisation.id,
      metadata: { clientId, by: 'metadata document' },
    })
    const shown = await api.send(await owner(), 'GET', `/v1/admin/clients/${encodeURIComponent(clientId)}`)
    expect(shown.json()).toMatchObject({ clientId, id: event?.clientId, tokenEndpointAuthMethod: 'none' })
    const list = await api.send(await owner(), 'GET', `/v1/admin/clients?search=${encodeURIComponent(clientId)}`)
    expect(list.json<{ data: object[] }>().data).toMatchObject([{ clientId }])
  })
})

describe('§2 the client identifier', () => {
  const bad: [what: string, of: (base: string) => string][] = [
    ['plain http', (base) => `${base.replace('https:', 'http:')}/clients/x`],
    ['no path', (base) => base],
    ['the root', (base) => `${base}/`],
    ['a fragment', (base) => `${base}/clients/x#y`],
    ['an empty fragment', (base) => `${base}/clients/x#`],
    ['a user name', (base) => `${base.replace('//', '//user@')}/clients/x`],
    ['a dot segment', (base) => `${base}/clients/./x`],
    ['a double dot segment', (base) => `${base}/clients/../x`],
    ['an encoded dot segment', (base) => `${base}/clients/%2e%2e/x`],
    ['a backslash', (base) => `${base}\\clients\\x`],
    ['capitals in the host', (base) => `${base.replace('localhost', 'LOCALHOST')}/clients/x`],
    ['the port 443', () => 'https://app.example.com:443/clients/x'],
    ['a dot behind the host', (base) => `${base.replace('localhost', 'localhost.')}/clients/x`],
    ['an address in place of a host', (base) => `${base.replace('localhost', '127.0.0.1')}/clients/x`],
    ['an address of IPv6', (base) => `${base.replace('localhost', '[::1]')}/clients/x`],
    ['an address in one number', () => 'https://2130706433/clients/x'],
    ['characters that are none of a URL', (base) => `${base}/clients/ü`],
    ['more than 500 characters', (base) => `${base}/${'x'.repeat(500)}`],
  ]

  it.each(bad)('with %s is rejected on a page, and never fetched', async (_what, of) => {
    const { web, visit, token } = stage
    await stage.setPolicy({
      clientIdMetadataDocuments: 'any',
      clientIdMetadataHosts: [web.host],
    })
    web.asked.length = 0
    const clientId = of(web.base)
    const said = clientId.startsWith('https:') ? /^client_id must / : /^There is no client /
    expect(await visit(clientId)).toMatchObject({ ...refusedOnPage, description: expect.stringMatching(said) })
    expect(await token(clientId)).toEqual([401, 'invalid_client'])
    expect(web.asked).toEqual([])
  })

  it('may have a query, and a port that is allowed', async () => {
    const { web, visit } = stage
    const clientId = `${web.base}/clients/query?app=1`
    web.documents.set('/clients/query?app=1', {
      body: JSON.stringify({ client_id: clientId, redirect_uris: [REDIRECT_URI] }),
      headers: { 'content-type': 'application/json' },
    })
    expect(await visit(clientId)).toMatchObject({ status: 200, signIn: true })
  })
})

describe('§3 the content of the document', () => {
  type Change = Parameters<CimdEnvironment['web']['change']>
  const bad: [what: string, body: Change[1], more: Change[2], said: RegExp][] = [
    ['nothing', {}, { status: 404 }, /status 404/],
    ['an error', {}, { status: 500 }, /status 500/],
    ['another success', {}, { status: 203 }, /status 203/],
    ['a redirect', {}, { status: 302, headers: { location: '/clients/elsewhere' } }, /status 302/],
    ['a page', {}, { headers: { 'content-type': 'text/html' } }, /application\/json/],
    ['a file of no type', {}, { headers: {} }, /application\/json/],
    ['no JSON', 'client_id', {}, /JSON object/],
    ['no object', '[]', {}, /JSON object/],
    ['too much', { client_name: 'x'.repeat(40_000) }, {}, /cannot be fetched/],
    ['no client_id', { client_id: undefined }, {}, /client_id/],
    ['the client_id of another', { client_id: 'https://app.example.com/client' }, {}, /client_id/],
    ['a secret', { client_secret: 'known to all' }, {}, /client_secret/],
    ['the end of a secret', { client_secret_expires_at: 0 }, {}, /client_secret_expires_at/],
    ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }, {}, /token_endpoint_auth_method/],
    ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, {}, /token_endpoint_auth_method/],
    ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }, {}, /token_endpoint_auth_method/],
    ['a certificate', { token_endpoint_auth_method: 'self_signed_tls_client_auth' }, {}, /token_endpoint_auth_method/],
    ['private_key_jwt without a key', { token_endpoint_auth_method: 'private_key_jwt' }, {}, /jwks/],
    ['no redirect_uris', { redirect_uris: undefined }, {}, /redirect_uris/],
    ['a redirect URI by http', { redirect_uris: ['http://app.example.com/'] }, {}, /redirect_uris/],
    ['a wildcard', { redirect_uris: ['https://*.example.com/'] }, {}, /redirect_uris/],
    ['a scope beyond', { scope: 'openid payments' }, {}, /scope/],
    [
      'a machine',
      {
        grant_types: ['client_credentials', 'authorization_code'],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [JWK] },
      },
      {},
      /grant_types/,
    ],
    ['text that cannot be stored', { client_name: 'a\0b' }, {}, /client_name/],
  ]

  it.each(bad)('%s: is rejected on a page, and nothing is stored', async (_what, body, more, said) => {
    const { web, visit, token, stored } = stage
    const clientId = web.publish()
    web.change(clientId, body, more)
    web.asked.length = 0
    const seen = await visit(clientId)
    expect(seen).toMatchObject(refusedOnPage)
    expect(seen.description).toMatch(said)
    expect(web.asked).toEqual([new URL(clientId).pathname])
    expect(await token(clientId)).toEqual([401, 'invalid_client'])
    expect(await stored(clientId)).toBeNull()
  })

  it('without a method the client is public, and null counts as absent', async () => {
    const { web, visit, stored } = stage
    const clientId = web.publish({ token_endpoint_auth_method: null, client_secret: null, tos_uri: null })
    expect(await visit(clientId)).toMatchObject({ status: 200, signIn: true })
    expect(await stored(clientId)).toMatchObject({ clientType: 'public', tokenEndpointAuthMethod: 'none' })
  })

  it('may have a media type with the suffix +json', async () => {
    const clientId = stage.web.publish({}, { 'content-type': 'application/oauth-client+json; charset=utf-8' })
    expect(await stage.visit(clientId)).toMatchObject({ status: 200, signIn: true })
  })

  it('allows only its own redirect URIs', async () => {
    const { web, visit } = stage
    const clientId = web.publish()
    const seen = await visit(clientId, { redirect_uri: 'https://evil.example.com/callback' })
    expect(seen).toMatchObject(refusedOnPage)
    expect(seen.browser.page.body).toContain('redirect_uri_mismatch')
  })

  it('requires a software statement if the organisation requires one', async () => {
    const { web, visit, setPolicy } = stage
    await setPolicy({ softwareStatementRequired: true })
    expect((await visit(web.publish())).description).toMatch(/software_statement/)
  })

  it('is validated under the profile for dynamic registration, and may have the allowed scopes', async () => {
    const { web, visit, setPolicy, stored } = stage
    const scopes = ['openid', 'payments']
    await setPolicy({ profile: 'oauth2.1', clientIdMetadataScopes: scopes })
    expect((await visit(web.publish({ redirect_uris: ['http://localhost/cb'] }))).description).toMatch(/oauth2\.1/)
    const clientId = web.publish({ scope: 'openid payments' })
    expect(await visit(clientId, { scope: 'openid' })).toMatchObject({ signIn: true })
    expect(await stored(clientId)).toMatchObject({ profile: 'oauth2.1', scopes })
  })
})

describe('§6 forbidden fetches', () => {
  it('a non-public address is not contacted', async () => {
    const { web } = stage
    const guarded = await createCimdEnvironment({ allow: [] })
    await guarded.setPolicy({ clientIdMetadataDocuments: 'any', clientIdMetadataHosts: [web.host] })
    const clientId = web.publish()
    web.asked.length = 0
    expect(await guarded.visit(clientId)).toMatchObject({
      ...refusedOnPage,
      description: expect.stringMatching(/cannot be fetched/),
    })
    expect(web.asked).toEqual([])
    expect(guarded.api.logs.join('\n')).toContain('resolves to no public address')
    await guarded.close()
  })

  it('an untrusted certificate is rejected', async () => {
    const { web } = stage
    const other = await createCimdEnvironment()
    await other.setPolicy({ clientIdMetadataHosts: [web.host], clientIdMetadataDocuments: 'hosts' })
    expect(await other.visit(web.publish())).toMatchObject(refusedOnPage)
    await other.close()
  })
})

describe('the organisation of the client', () => {
  it('exists only if one allows such clients; the metadata shows it', async () => {
    const { web, visit, token, setPolicy } = stage
    await setPolicy({ clientIdMetadataDocuments: 'off' })
    await eventually(metadata, (seen) => seen['client_id_metadata_document_supported'] === false)
    const clientId = web.publish()
    web.asked.length = 0
    expect(await visit(clientId)).toMatchObject(refusedOnPage)
    expect(await token(clientId)).toEqual([401, 'invalid_client'])
    expect(web.asked).toEqual([])
    await setPolicy({ clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: [] })
    expect((await metadata())['client_id_metadata_document_supported']).toBe(false)
    await setPolicy({ clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: [web.host] })
    await eventually(metadata, (seen) => seen['client_id_metadata_document_supported'] === true)
    expect(await visit(clientId)).toMatchObject({ signIn: true })
  })

  it('stops accepting the client immediately when it disallows the host', async () => {
    const { web, visit, party, setPolicy, api } = stage
    const clientId = web.publish({ grant_types: ['authorization_code', 'refresh_token'] })
    const tokens = await party(clientId).tokens(api.browser(), { scope: 'openid' })
    // `any` allows any host, but only the port 443.
    await setPolicy({ clientIdMetadataDocuments: 'any', clientIdMetadataHosts: [] })
    await eventually(
      async () => (await visit(clientId)).status,
      (status) => status === 400,
    )
    expect((await party(clientId).refresh(tokens.refresh_token)).statusCode).toBe(401)
    await setPolicy({ clientIdMetadataHosts: [web.host] })
    await eventually(
      async () => (await visit(clientId)).signIn,
      (signIn) => signIn,
    )
  })

  it('is the one that lists its host; only one can', async () => {
    const { web, api, setPolicy, visit, stored } = stage
    const beta = await api.addPerson(['clients:*'], await api.addOrganisation('beta'))
    const hosts = { clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: ['app.example.com', web.host] }
    const conflict = await setPolicy(hosts, beta)
    expect(conflict.statusCode).toBe(409)
    const policy = await api.send(beta, 'GET', '/v1/admin/registration-policy')
    expect(policy.json()).toMatchObject({ clientIdMetadataDocuments: 'off', clientIdMetadataHosts: [] })
    // An organisation with `any` does not get hosts that another one lists.
    expect((await setPolicy({ clientIdMetadataDocuments: 'any' }, beta)).statusCode).toBe(200)
    expect((await setPolicy({ clientIdMetadataDocuments: 'any' })).statusCode).toBe(409)
    const clientId = web.publish()
    await visit(clientId)
    expect(await stored(clientId)).toMatchObject({ organisationId: api.owner.organisation.id })
    const other = await api.send(beta, 'GET', `/v1/admin/clients/${encodeURIComponent(clientId)}`)
    expect(other.statusCode).toBe(404)
    // A port that is not 443 must be listed.
    await setPolicy({ clientIdMetadataHosts: [] })
    const unlisted = web.publish()
    web.asked.length = 0
    expect(await visit(unlisted)).toMatchObject(refusedOnPage)
    expect(web.asked).toEqual([])
    await setPolicy({ clientIdMetadataDocuments: 'off' }, beta)
  })

  it('is unique also if two list the host concurrently', async () => {
    const { api, setPolicy } = stage
    const two = await Promise.all(
      ['gamma', 'delta'].map(async (slug) => api.addPerson(['clients:*'], await api.addOrganisation(slug))),
    )
    const hosts = { clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: ['raced.example.com'] }
    const answers = await Promise.all(two.map((person) => setPolicy(hosts, person)))
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([200, 409])
  })

  it.each([
    '',
    'https://app.example.com',
    'app.example.com/x',
    'App.example.com',
    'app.example.com:443',
    '10.0.0.1',
    '*',
  ])('the host %j is invalid', async (host) => {
    const answer = await stage.setPolicy({ clientIdMetadataHosts: [host] })
    expect(answer.statusCode).toBe(400)
    expect(answer.body).toContain('clientIdMetadataHosts')
  })

  it('an administrator cannot grant its clients permissions that they lack', async () => {
    const { api, setPolicy } = stage
    const person = await api.addPerson(['clients:create'])
    expect((await setPolicy({ clientIdMetadataScopes: ['users:read'] }, person)).statusCode).toBe(403)
  })
})

describe('§6 what users see', () => {
  const consent = async (clientId: string, more: Record<string, string> = {}) => {
    const browser = await stage.api.signedInBrowser()
    await browser.get(stage.party(clientId).authorizeUrl({ scope: 'openid', ...more }))
    return browser.page.body
  }

  it('the host of its document, and no logo', async () => {
    const { web } = stage
    const page = await consent(web.publish({ logo_uri: 'https://app.example.com/logo.png' }))
    expect(page).toMatch(new RegExp(`id="published".*${web.host}`))
    expect(page).not.toContain('logo.png')
    expect(page).not.toContain('id="on-device"')
  })

  it("a warning at each request if responses can only go to the user's own device", async () => {
    const { web, api, party } = stage
    const redirectUri = 'http://127.0.0.1:8123/callback'
    const clientId = web.publish({ redirect_uris: [redirectUri], application_type: 'native' })
    const more = { redirect_uri: redirectUri, scope: 'openid' }
    expect(await consent(clientId, more)).toContain('id="on-device"')
    const browser = await api.signedInBrowser()
    await browser.get(party(clientId).authorizeUrl(more))
    await browser.submit({}, 'allow')
    expect(browser.url).toContain(redirectUri)
    expect(await consent(clientId, more)).toContain('id="on-device"')
  })

  it('no warning for a registered client', async () => {
    const { clientId } = await stage.api.registerClient({ requireConsent: true, redirectUris: [REDIRECT_URI] })
    expect(await consent(clientId)).not.toContain('id="published"')
  })
})
