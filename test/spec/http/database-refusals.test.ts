import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { createSeededDatabase, type TestDatabase } from '../../support/cluster.ts'
import { readForm, type Browser } from '../../support/browser.ts'
import { startDatabaseProxy, type DatabaseProxy } from '../../support/database-proxy.ts'
import { relyingParty } from '../../support/relying-party.ts'

let database: TestDatabase
let proxy: DatabaseProxy
let api: Api
let requests: Record<string, InjectOptions & { url: string }>

/** The states in which PostgreSQL cannot serve at the moment (its documentation, appendix A). */
const STATES = {
  '25006': 'read-only transaction: a standby',
  '25P03': 'idle-in-transaction timeout',
  '40001': 'serialization failure',
  '40P01': 'deadlock',
  '53100': 'disk full',
  '53200': 'out of memory',
  '53300': 'too many connections',
  '53400': 'configuration limit exceeded',
  '55006': 'object in use',
  '55P03': 'lock not available',
  '57014': 'statement timeout',
  '57P01': 'administrator shutdown',
  '57P02': 'crash of a neighbour',
  '57P03': 'starting up',
  '57P05': 'idle session timeout',
  '58030': 'input/output error',
  '08000': 'connection exception',
  '08006': 'connection failure',
}

const INVITATION = `inv_${'A'.repeat(43)}`
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const cookieHeader = ({ cookies }: Browser) => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString()

beforeAll(async () => {
  database = await createSeededDatabase()
  proxy = await startDatabaseProxy(database.connectionString)
  api = await createApi({ connectionString: proxy.connectionString, onboarding: 'invitation' })
  await api.send(api.owner, 'PUT', '/v1/admin/registration-policy', { body: { policy: 'open' } })
  const client = await api.registerClient({
    clientType: 'confidential',
    grantTypes: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    requireConsent: true,
  })
  const rp = relyingParty(api, client)
  const browser = api.browser()
  const { access_token: token, refresh_token: refresh } = await rp.tokens(browser, { scope: 'openid offline_access' })
  const credentials = {
    authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
  }
  const visitor = api.browser()
  await visitor.get(rp.authorizeUrl())
  const { hidden } = readForm(visitor.page.body)
  const device = api.browser()
  await device.get('/device')
  const session = { cookie: cookieHeader(browser) }
  const owner = { cookie: api.owner.cookie }
  const json = { 'content-type': 'application/json' }
  const postedJson = (url: string, payload: object) => ({ method: 'POST', url, payload, headers: json }) as const
  const apiKey = await api.send(api.owner, 'POST', '/v1/admin/api-keys', {
    body: { name: 'Reader', scopes: ['clients:read'] },
  })
  const person = { firstName: 'Ada', lastName: 'Lovelace', password: 'a long password of hers' }
  const posted = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    ({ method: 'POST', url, payload: form(fields), headers: { ...FORM, ...headers } }) as const
  requests = {
    authorize: { url: rp.authorizeUrl(), headers: session },
    'authorize without a session': { url: rp.authorizeUrl() },
    'authorize with a pushed request': { url: await rp.pushedUrl(), headers: session },
    'authorize by POST': posted('/oauth2/authorize', rp.request(), session),
    resume: {
      url: `/oauth2/authorize/resume?request=${hidden['request']}`,
      headers: { cookie: cookieHeader(visitor) },
    },
    consent: { url: `/oauth2/consent?request=${hidden['request']}`, headers: { cookie: cookieHeader(visitor) } },
    'sign-in page': { url: `/auth/login?request=${hidden['request']}`, headers: { cookie: cookieHeader(visitor) } },
    'sign-in': posted(
      '/auth/login',
      { email: 'owner@acme.test', password: 'x', csrf: hidden['csrf'] ?? '' },
      { cookie: cookieHeader(visitor) },
    ),
    'user code': posted(
      '/device',
      { user_code: 'BCDF-GHJK', csrf: readForm(device.page.body).hidden['csrf'] ?? '' },
      { cookie: cookieHeader(device) },
    ),
    logout: { url: '/oauth2/logout', headers: session },
    'code exchange': posted(
      '/oauth2/token',
      {
        grant_type: 'authorization_code',
        code: 'authz_x',
        redirect_uri: 'https://app.example.com/callback',
        code_verifier: rp.verifier,
      },
      credentials,
    ),
    refresh: posted('/oauth2/token', { grant_type: 'refresh_token', refresh_token: refresh }, credentials),
    'device grant': posted(
      '/oauth2/token',
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: 'x'.repeat(43) },
      credentials,
    ),
    'device authorization': posted('/oauth2/device_authorization', { scope: 'openid' }, credentials),
    par: posted('/oauth2/par', rp.request(), credentials),
    introspection: posted('/oauth2/introspect', { token }, credentials),
    revocation: posted('/oauth2/revoke', { token }, credentials),
    userinfo: { url: '/oauth2/userinfo', headers: { authorization: `Bearer ${token}` } },
    registration: {
      method: 'POST',
      url: '/oauth2/register',
      payload: '{"redirect_uris":["https://a.example/cb"]}',
      headers: json,
    },
    'sign-in by JSON': {
      method: 'POST',
      url: '/v1/auth/login',
      payload: '{"email":"owner@acme.test","password":"x"}',
      headers: json,
    },
    profile: { url: '/v1/me/profile', headers: owner },
    'list of clients': { url: '/v1/admin/clients', headers: owner },
    client: { url: `/v1/admin/clients/${client.id}`, headers: owner },
    'new client': {
      method: 'POST',
      url: '/v1/admin/clients',
      payload: '{"name":"X","clientType":"public","redirectUris":["https://a.example/cb"]}',
      headers: { ...json, ...owner },
    },
    'client change': {
      method: 'PATCH',
      url: `/v1/admin/clients/${client.id}`,
      payload: '{"name":"X"}',
      headers: { ...json, ...owner },
    },
    'client deletion': { method: 'DELETE', url: `/v1/admin/clients/${client.id}`, headers: owner },
    'signing keys': { url: '/v1/admin/signing-keys', headers: owner },
    'audit log': { url: '/v1/admin/audit-logs', headers: owner },
    'list of clients by an API key': {
      url: '/v1/admin/clients',
      headers: { authorization: `Bearer ${apiKey.json<{ key: string }>().key}` },
    },
    'leaked API keys': postedJson('/v1/api-keys/report-leak', { keys: [apiKey.json<{ key: string }>().key] }),
    invitation: { url: `/v1/public/invitations/${INVITATION}` },
    'invitation page': { url: `/invitation?token=${INVITATION}` },
    'answer to an invitation': postedJson(`/v1/public/invitations/${INVITATION}/accept`, person),
    'sign-up of an organisation': postedJson('/v1/auth/onboard', {
      organisationName: 'Research',
      email: 'ada@research.example',
      token: 'onb_unknown',
      ...person,
    }),
  }
})
afterAll(async () => {
  await api.close()
  await proxy.close()
  await database.drop()
})
afterEach(() => proxy.refuse(undefined))

/** The code of an error in the format of its endpoint. */
function errorCode({ headers, body }: LightMyRequestResponse): string | undefined {
  const type = String(headers['content-type'])
  if (type.startsWith('text/html')) return /id="error-code"[^>]*><code>([^<]*)<\/code>/.exec(body)?.[1]
  const { error, type: problem } = JSON.parse(body) as { error?: string; type?: string }
  return error ?? problem?.split('#problem-')[1]
}

describe('a statement that waits longer than its limit is answered with 503, within five seconds', () => {
  const MAX_WAIT_MS = 5_000
  async function send(name: string) {
    const since = performance.now()
    const { statusCode, headers } = await api.app.inject(requests[name] ?? '')
    return [statusCode, headers['retry-after'], performance.now() - since < MAX_WAIT_MS]
  }

  it.each(['refresh', 'client change', 'client deletion', 'code exchange'])(
    'for a lock that another holds: %s',
    async (name) => {
      const other = new Client({ connectionString: database.connectionString })
      await other.connect()
      try {
        await other.query('BEGIN; LOCK TABLE grants, clients, authorization_codes IN ACCESS EXCLUSIVE MODE')
        expect(await send(name)).toEqual([503, '1', true])
      } finally {
        await other.end()
      }
    },
  )

  it.each(['refresh', 'profile'])('for an answer that is lost: %s', async (name) => {
    proxy.swallow(true)
    expect(await send(name).finally(() => proxy.swallow(false))).toEqual([503, '1', true])
  })
})

describe('RFC 9110 §15.6.4: a database that cannot serve is 503 with Retry-After, at every endpoint', () => {
  it.each(Object.entries(STATES))('SQLSTATE %s, %s', async (state) => {
    const outcomes: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    // Few invitations may be viewed from one address.
    const remoteAddress = `192.0.2.${Object.keys(STATES).indexOf(state)}`
    for (const [name, request] of Object.entries(requests)) {
      proxy.refuse(state)
      const answer = await api.app.inject({ ...request, remoteAddress })
      proxy.refuse(undefined)
      outcomes[name] = [answer.statusCode, answer.headers['retry-after'], errorCode(answer)]
      const { url } = request
      const code = url.startsWith('/v1/') ? 'unavailable' : 'temporarily_unavailable'
      expected[name] = [503, '1', code]
      expect(answer.body).not.toContain('refused by the test')
    }
    expect(outcomes).toEqual(expected)
  })
})
