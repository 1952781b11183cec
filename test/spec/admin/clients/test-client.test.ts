import { exportJWK, generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import { closeServers, startHttpServer } from '../../../support/loopback-servers.ts'
import { overwriteClient } from '../../../support/stored-clients.ts'

const PATH = '/v1/admin/clients'
const REDIRECT = 'https://app.example.com/callback'

interface Check {
  name: string
  outcome: string
  expected: string
  seen: string
  advice: string | null
}
interface Tested {
  passed: boolean
  checks: Check[]
  request: Check[]
}

let api: Api
let elsewhere: Awaited<ReturnType<typeof startHttpServer>>
let jwks: { keys: object[] }
let served: Record<string, [number, string]>
let asked: string[]

beforeAll(async () => {
  api = await createApi({ allow: ['localhost'] })
  const { publicKey } = await generateKeyPair('RS256', { extractable: true })
  jwks = { keys: [await exportJWK(publicKey)] }
  asked = []
  served = { '/jwks': [200, JSON.stringify(jwks)], '/hook': [404, ''], '/broken': [500, ''] }
  elsewhere = await startHttpServer(({ method, url = '' }, response) => {
    asked.push(`${method} ${url}`)
    const [status, text] = served[url] ?? [404, '']
    response.writeHead(status).end(text)
  })
})
afterAll(async () => {
  await closeServers()
  await api.close()
})

const at = (path: string) => `http://localhost:${elsewhere.port}${path}`
const send = (id: string, body: unknown = {}) => api.send(api.owner, 'POST', `${PATH}/${id}/test`, { body })
const test = async (id: string, body: unknown = {}) => {
  const answer = await send(id, body)
  expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)])
  return answer.json<Tested>()
}
const named = (checks: Check[], name: string) => checks.filter((check) => check.name === name)
/** What an administration that does not look would have let in. */
const set = (id: string, settings: object) => overwriteClient(api, id, settings)

describe('the test of a client', () => {
  it('passes one that can be used, by what its endpoint would do, and writes an event alone', async () => {
    const { id } = await api.registerClient({
      redirectUris: ['http://127.0.0.1/callback', 'com.example.app:/callback'],
    })
    const before = await api.prisma.client.findUniqueOrThrow({ where: { id } })
    const { passed, checks, request } = await test(id)
    expect([passed, named(checks, 'redirect_uri').map(({ outcome }) => outcome)]).toEqual([
      true,
      ['skipped', 'skipped'],
    ])
    expect(request.map(({ name, outcome }) => [name, outcome])).toContainEqual(['pkce', 'passed'])
    expect(request.every(({ outcome }) => outcome === 'passed')).toBe(true)
    expect(await api.prisma.client.findUniqueOrThrow({ where: { id } })).toEqual(before)
    expect([await api.prisma.grant.count(), await api.prisma.pendingAuthorizationRequest.count()]).toEqual([0, 0])
    const events = (await api.events()).filter(({ clientId }) => clientId === id)
    expect(events.map(({ type, metadata }) => [type, metadata])).toContainEqual([
      'client.tested',
      expect.objectContaining({ failures: [] }),
    ])
  })

  it('stops at the first check that fails, in the words of the authorization endpoint, and tells no secrets', async () => {
    const { id } = await api.registerClient({ redirectUris: [REDIRECT] })
    const parameters = { response_type: 'code', redirect_uri: REDIRECT, scope: 'openid admin', state: 'very-secret' }
    const { passed, request } = await test(id, { parameters })
    const outcomes = Object.fromEntries(request.map(({ name, outcome }) => [name, outcome]))
    expect(outcomes).toMatchObject({
      redirect_uri: 'passed',
      response_type: 'passed',
      scope: 'failed',
      pkce: 'skipped',
    })
    const [scope] = named(request, 'scope')
    expect([scope?.seen, scope?.advice]).toEqual([
      expect.stringContaining('openid admin'),
      expect.stringContaining('These scopes are not registered for this client: admin.'),
    ])
    expect([passed, JSON.stringify(request).includes('very-secret')]).toEqual([false, false])
    const url = `/oauth2/authorize?${new URLSearchParams({ ...parameters, client_id: (await api.prisma.client.findUniqueOrThrow({ where: { id } })).clientId })}`
    const { headers } = await api.app.inject(url)
    expect(new URL(String(headers['location'])).searchParams.get('error_description')).toBe(scope?.advice)
  })

  it.each([
    ['client', { isActive: false }, {}],
    ['redirect_uri', {}, { redirect_uri: `${REDIRECT}/`, response_type: 'code' }],
    ['response_type', {}, { redirect_uri: REDIRECT, response_type: 'token' }],
    ['pkce', {}, { redirect_uri: REDIRECT, response_type: 'code' }],
    [
      'prompt',
      {},
      {
        redirect_uri: REDIRECT,
        response_type: 'code',
        prompt: 'none login',
        code_challenge: 'x'.repeat(43),
        code_challenge_method: 'S256',
      },
    ],
    ['request_object', { requireSignedRequestObject: true }, { redirect_uri: REDIRECT, response_type: 'code' }],
    ['lengths', {}, { redirect_uri: REDIRECT, response_type: 'code', nonce: 's'.repeat(3_000) }],
  ])('names the check that failed: %s', async (name, settings, parameters) => {
    const { id } = await api.registerClient({ redirectUris: [REDIRECT] })
    await set(id, settings)
    const { request } = await test(id, { parameters })
    expect(request.filter(({ outcome }) => outcome === 'failed')).toMatchObject([{ name, advice: expect.any(String) }])
  })

  it('asks its addresses as it asks everything outside: none that are not public', async () => {
    const inside = `https://127.0.0.1:${elsewhere.port}/callback`
    const { id } = await api.registerClient({ redirectUris: [inside, 'https://10.0.0.1/cb'] })
    const before = elsewhere.connections
    const { checks } = await test(id)
    expect(named(checks, 'redirect_uri').map(({ outcome, seen }) => [outcome, seen])).toEqual([
      ['failed', `${inside}: no response`],
      ['failed', 'https://10.0.0.1/cb: no response'],
    ])
    expect(elsewhere.connections).toBe(before)
  })

  it('tries 20 addresses and no more', async () => {
    const redirectUris = Array.from({ length: 22 }, (_, index) => `https://127.0.0.1:1/${index}`)
    const { id } = await api.registerClient({ redirectUris })
    const outcomes = named((await test(id)).checks, 'redirect_uri').map(({ outcome }) => outcome)
    expect([outcomes.filter((one) => one === 'failed').length, outcomes.slice(-2)]).toEqual([
      20,
      ['skipped', 'skipped'],
    ])
  })

  it('looks at its keys: to be had, strong, fit to sign and to encrypt by', async () => {
    const keyed = {
      clientType: 'confidential',
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwksUri: 'https://x.example/',
    }
    const { id } = await api.registerClient(keyed)
    const keys = async (data: object) => {
      await set(id, data)
      const { checks } = await test(id)
      return [...named(checks, 'keys'), ...named(checks, 'id_token_encryption')].map(({ outcome }) => outcome)
    }
    const encrypted = { idTokenEncryptedResponseAlg: 'RSA-OAEP-256', idTokenEncryptedResponseEnc: 'A256GCM' }
    expect(await keys({ jwksUri: at('/jwks') })).toEqual(['passed'])
    expect(asked).toContain('GET /jwks')
    expect(await keys({ ...encrypted })).toEqual(['passed', 'passed'])
    expect(await keys({ idTokenEncryptedResponseAlg: 'ECDH-ES' })).toEqual(['passed', 'failed'])
    expect(await keys({ idTokenEncryptedResponseEnc: null })).toEqual(['passed', 'failed'])
    expect(await keys({ tokenEndpointAuthSigningAlg: 'ES256' })).toEqual(['failed', 'failed'])
    expect(await keys({ jwksUri: at('/hook'), tokenEndpointAuthSigningAlg: null })).toEqual(['failed', 'failed'])
    const curve = await exportJWK((await generateKeyPair('ES256', { extractable: true })).publicKey)
    served['/ec'] = [200, JSON.stringify({ keys: [curve] })]
    expect(await keys({ jwksUri: at('/ec'), tokenEndpointAuthSigningAlg: 'RS256' })).toEqual(['failed', 'passed'])
    expect(await keys({ tokenEndpointAuthSigningAlg: 'ES256' })).toEqual(['passed', 'passed'])
    await set(id, { tokenEndpointAuthSigningAlg: null })
    served['/weak'] = [200, JSON.stringify({ keys: [{ kty: 'RSA', e: 'AQAB', n: 'AQAB' }] })]
    expect(await keys({ jwksUri: at('/weak') })).toEqual(['failed', 'failed'])
  })

  it('finds a client that cannot authenticate, a sector that lists another, settings that contradict', async () => {
    const { id } = await api.registerClient({ clientType: 'confidential', redirectUris: [REDIRECT] })
    await api.prisma.clientSecret.deleteMany({ where: { clientId: id } })
    served['/sector'] = [200, JSON.stringify(['https://other.example.com/'])]
    await set(id, { sectorIdentifierUri: at('/sector'), grantTypes: ['refresh_token'], backchannelLogoutUri: REDIRECT })
    const { checks } = await test(id)
    const failures = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name)
    expect(failures).toEqual(expect.arrayContaining(['authentication', 'sector', 'settings', 'backchannel_logout_uri']))
    expect(checks.every(({ outcome, advice }) => (outcome === 'failed') === (advice !== null))).toBe(true)
  })

  it('needs the right to change the client, of its own organisation, and a sound body', async () => {
    const { id } = await api.registerClient()
    const reader = await api.addPerson(['clients:read'])
    const stranger = await api.addPerson(['clients:*'], await api.addOrganisation('elsewhere'))
    const tried = async (person: typeof reader) =>
      (await api.send(person, 'POST', `${PATH}/${id}/test`, { body: {} })).statusCode
    expect([await tried(reader), await tried(stranger)]).toEqual([403, 404])
    for (const body of [[], { parameters: [] }, { parameters: { a: 1 } }, { other: 1 }]) {
      expect((await send(id, body)).statusCode).toBe(400)
    }
  })
})
