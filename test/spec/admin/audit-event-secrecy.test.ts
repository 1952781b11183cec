import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../support/api.ts'
import { OWNER, type RegisteredTestClient } from '../../support/app.ts'
import { relyingParty, type Tokens } from '../../support/relying-party.ts'
import { createTenant } from '../../support/tenant.ts'

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

/** Goes through everything once, rightly and wrongly, and answers every secret that passed by, by what it is. */
async function goThroughEverything(): Promise<Record<string, string>> {
  const { app } = api
  const client: RegisteredTestClient = await api.registerClient({ clientType: 'confidential', requireConsent: true })
  const rp = relyingParty(api, client)
  const browser = api.browser()
  const code = await rp.code(browser)
  const sid = browser.cookies.get('cerb_sid') ?? ''
  const wrongPassword = 'a wrong password of a user'
  await app.inject({ method: 'POST', url: '/v1/auth/login', payload: { email: OWNER.email, password: wrongPassword } })
  await app.inject({ method: 'POST', url: '/v1/auth/login', payload: { mail: OWNER.email, password: wrongPassword } })
  await app.inject({ method: 'POST', url: '/v1/auth/login', headers: FORM, payload: `password=${wrongPassword}` })
  const first = (await rp.exchange(code)).json<Tokens>()
  const second = (await rp.refresh(first.refresh_token)).json<Tokens>()
  const { access_token: token } = second
  await rp.introspect(token)
  await rp.introspect(second.refresh_token)
  await rp.userinfo(token)
  // As careless clients send them: in URLs, in malformed URLs, and in unexpected places.
  const wrongSecret = 'a-client-secret-that-is-not-the-right-one'
  for (const url of [
    `/oauth2/userinfo?access_token=${token}`,
    `/callback?code=${code}`,
    `/%E0%A4%A?code=${code}&access_token=${token}`,
    `/%E0%A4%A/${code}`,
    `/v1/admin/clients/${'a'.repeat(300)}?access_token=${token}`,
    `/oauth2/authorize?client_id=${client.clientId}&code=${code}&client_secret=${wrongSecret}`,
    `/oauth2/logout?id_token_hint=${first.id_token}x`,
    `/auth/login?request=x&password=${encodeURIComponent(wrongPassword)}`,
  ]) {
    await app.inject({ method: 'GET', url, headers: { cookie: `cerb_sid=${sid}` } })
  }
  await rp.post('/oauth2/token', { grant_type: code, client_id: client.clientId, client_secret: wrongSecret })
  await rp.post('/oauth2/token', {
    grant_type: 'authorization_code',
    code,
    client_id: client.clientId,
    client_secret: client.clientSecret ?? '',
  })
  await rp.post('/oauth2/revoke', { token }, { authorization: `Basic ${wrongSecret}` })
  await rp.exchange(code, { code_verifier: `${rp.verifier}x` })
  api.clock.advance(60)
  await rp.refresh(first.refresh_token)
  const rotated = await api.send(api.owner, 'POST', `/v1/admin/clients/${client.id}/rotate-secret`)
  await api.send(api.owner, 'PATCH', '/v1/me/profile', { body: { firstName: 'Ada', password: wrongPassword } })
  await rp.revoke(second.refresh_token)
  await browser.get(`/oauth2/logout?id_token_hint=${second.id_token}`)
  return {
    password: OWNER.password,
    wrongPassword,
    wrongSecret,
    code,
    sid,
    verifier: rp.verifier,
    firstAccess: first.access_token,
    firstRefresh: first.refresh_token,
    firstId: first.id_token,
    secondAccess: token,
    secondRefresh: second.refresh_token,
    secondId: second.id_token,
    clientSecret: client.clientSecret ?? '',
    nextSecret: rotated.json<{ clientSecret: string }>().clientSecret,
    ownerCookie: api.owner.cookie.split('=')[1] ?? '',
  }
}

describe('secrets', () => {
  it('are neither in the log, nor in the audit trail, nor readable in the database', async () => {
    const secrets = await goThroughEverything()
    for (const [name, secret] of Object.entries(secrets)) expect([name, secret.length >= 20]).toEqual([name, true])
    const tables = await api.database.pool.query<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
    )
    const places: Record<string, string> = { log: api.logs.join('') }
    for (const { name } of tables.rows) {
      const { rows } = await api.database.pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
      places[name] = rows.map(({ row }) => row).join('\n')
    }
    expect(places['log']).toContain('request completed')
    expect(places['audit_events']).toContain('oauth2.code_replayed')
    expect(Object.keys(places)).toEqual(
      expect.arrayContaining(['sessions', 'authorization_codes', 'refresh_token_families']),
    )
    const found = Object.entries(places).flatMap(([place, text]) =>
      Object.entries(secrets).flatMap(([name, secret]) => {
        const spellings = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('hex')]
        return spellings.some((spelling) => text.includes(spelling)) ? [`${name} in ${place}`] : []
      }),
    )
    expect(found).toEqual([])
  })

  it('and the log has one JSON line per request, without injected lines', async () => {
    const before = api.logs.length
    await api.app.inject({
      method: 'GET',
      url: '/nothing%0A%7B%22level%22:60%7D',
      headers: { 'user-agent': 'a\u0085{"level":60}', 'x-request-id': 'a\u0085b' },
    })
    const lines = api.logs.slice(before)
    expect(lines).toHaveLength(1)
    for (const line of lines) {
      expect(line.trimEnd().split('\n')).toHaveLength(1)
      expect((JSON.parse(line) as { level: number }).level).toBeLessThan(60)
    }
  })
})

describe('an act and its event are one transaction', () => {
  const OUT_OF_ORDER =
    'CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION $m$no$m$; END $$'

  it('so that where the event cannot be kept, nothing has happened', async () => {
    const tenant = await createTenant(api)
    const client = await tenant.registerClient()
    const rp = relyingParty(api, client)
    const tokens = await rp.tokens(tenant.browser())
    const { pool } = api.database
    const state = async () => {
      const of = [tenant.organisation.id]
      const { rows } = await pool.query(
        `SELECT (SELECT json_agg(s ORDER BY id) FROM sessions s WHERE organisation_id = $1) AS sessions,
          (SELECT json_agg(g ORDER BY id) FROM grants g WHERE organisation_id = $1) AS grants,
          (SELECT json_agg(c ORDER BY id) FROM clients c WHERE organisation_id = $1) AS clients,
          (SELECT json_agg(k ORDER BY id) FROM client_secrets k WHERE organisation_id = $1) AS secrets,
          (SELECT json_agg(u ORDER BY id) FROM users u WHERE organisation_id = $1) AS users,
          (SELECT json_agg(r ORDER BY jti) FROM revoked_tokens r WHERE organisation_id = $1) AS revoked`,
        of,
      )
      return rows
    }
    const before = await state()
    await pool.query(OUT_OF_ORDER)
    await pool.query('CREATE TRIGGER refuse BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION refuse()')
    const url = `/v1/admin/clients/${client.id}`
    const { person } = tenant
    const email = `${person.id}@example.test`
    const body = { name: 'New', clientType: 'public', redirectUris: ['https://app.example.com/callback'] }
    const acts: Record<string, () => Promise<{ statusCode: number }>> = {
      'revoke an access token': () => rp.revoke(tokens.access_token),
      'revoke a refresh token': () => rp.revoke(tokens.refresh_token),
      'register a client': () => api.send(person, 'POST', '/v1/admin/clients', { body }),
      'change a client': () => api.send(person, 'PATCH', url, { body: { name: 'Renamed' } }),
      'rotate a secret': () => api.send(person, 'POST', `${url}/rotate-secret`),
      'revoke a client': () => api.send(person, 'POST', `${url}/revoke`),
      'delete a client': () => api.send(person, 'DELETE', url),
      'change a profile': () => api.send(person, 'PATCH', '/v1/me/profile', { body: { firstName: 'Eve' } }),
      'end a session': () => api.send(person, 'DELETE', `/v1/me/sessions/${person.sessionId}`),
      'sign out': () => api.send(person, 'POST', '/v1/auth/logout'),
      'sign in': () =>
        api.send(undefined, 'POST', '/v1/auth/login', { body: { email, password: 'a password of everybody' } }),
    }
    try {
      for (const [act, attempt] of Object.entries(acts)) {
        const { statusCode } = await attempt()
        expect([act, statusCode]).toEqual([act, 500])
        expect([act, await state()]).toEqual([act, before])
      }
    } finally {
      await pool.query('DROP FUNCTION refuse() CASCADE')
    }
    for (const [act, attempt] of Object.entries(acts)) {
      const { statusCode } = await attempt()
      // The previous action may have ended the session.
      expect([act, statusCode < 300 || statusCode === 401]).toEqual([act, true])
    }
    expect(await state()).not.toEqual(before)
  })
})
