import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api } from '../../../support/api.ts'
import type { RegisteredTestClient } from '../../../support/app.ts'
import { relyingParty, type Tokens } from '../../../support/relying-party.ts'
import { createTenant } from '../../../support/tenant.ts'

const REVOKE = '/oauth2/revoke'

let api: Api
let client: RegisteredTestClient
let other: RegisteredTestClient

beforeAll(async () => {
  api = await createApi()
  client = await api.registerClient({ clientType: 'confidential' })
  other = await api.registerClient({ clientType: 'confidential' })
})
afterAll(() => api.close())

const works = async (token: string, of = client) => (await relyingParty(api, of).userinfo(token)).statusCode === 200
const isLive = async (token: string, of = client) =>
  (await relyingParty(api, of).introspect(token)).json<{ active: boolean }>().active

/** The recorded revocations, which are then deleted. */
async function takeEvents() {
  const where = { type: { in: ['oauth2.grant_revoked', 'oauth2.token_revoked'] } }
  const events = await api.prisma.auditEvent.findMany({ where, orderBy: { occurredAt: 'asc' } })
  await api.prisma.auditEvent.deleteMany({ where })
  return events
}

describe('RFC 7009 §2.1: a client revokes its own token', () => {
  it('an access token only', async () => {
    const rp = relyingParty(api, client)
    const tokens = await rp.tokens()
    const answer = await rp.revoke(tokens.access_token)
    expect([answer.statusCode, answer.json()]).toEqual([200, {}])
    expect(await works(tokens.access_token)).toBe(false)
    const next = (await rp.refresh(tokens.refresh_token)).json<Tokens>()
    expect(await works(next.access_token)).toBe(true)
  })

  it.each([0, 1, 2])('a refresh token with its whole grant, %i rotations after it was issued', async (age) => {
    const rp = relyingParty(api, client)
    const given = [await rp.tokens()]
    for (let generation = 0; generation < age; generation += 1) {
      given.push((await rp.refresh(given.at(-1)?.refresh_token ?? '')).json<Tokens>())
    }
    expect((await rp.revoke(given[0]?.refresh_token ?? '')).statusCode).toBe(200)
    for (const { access_token } of given) expect(await works(access_token)).toBe(false)
    expect((await rp.refresh(given.at(-1)?.refresh_token ?? '')).json()).toMatchObject({ error: 'invalid_grant' })
  })

  it.each(['refresh_token', 'access_token', 'pulse', ''])('with any token_type_hint: %j', async (hint) => {
    const rp = relyingParty(api, client)
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const tokens = await rp.tokens()
      expect((await rp.revoke(tokens[kind], { token_type_hint: hint })).statusCode).toBe(200)
      expect(await isLive(tokens[kind])).toBe(false)
    }
  })

  it('many concurrently, some twice: each is revoked and recorded once', async () => {
    const rp = relyingParty(api, client)
    const all: Tokens[] = []
    for (let count = 0; count < 6; count += 1) all.push(await rp.tokens())
    await takeEvents()
    const given = [
      ...all.slice(0, 3).map(({ access_token: token }) => token),
      ...all.slice(3).map((t) => t.refresh_token),
    ]
    const answers = await Promise.all([...given, ...given.toReversed(), ...given].map((token) => rp.revoke(token)))
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200))
    for (const { access_token: token } of all) expect(await works(token)).toBe(false)
    const events = await takeEvents()
    expect(events.map(({ type }) => type).sort()).toEqual([
      ...Array<string>(3).fill('oauth2.grant_revoked'),
      ...Array<string>(3).fill('oauth2.token_revoked'),
    ])
    expect(new Set(events.map(({ resourceId }) => resourceId)).size).toBe(6)
  })

  it('keeps the grants of other browsers', async () => {
    const rp = relyingParty(api, client)
    const [here, there] = [await rp.tokens(), await rp.tokens()]
    await rp.revoke(here.refresh_token)
    expect(await works(there.access_token)).toBe(true)
  })

  it('a public client names itself', async () => {
    const open = await api.registerClient()
    const rp = relyingParty(api, open)
    const tokens = await rp.tokens()
    expect((await rp.post(REVOKE, { token: tokens.refresh_token })).statusCode).toBe(401)
    expect(await works(tokens.access_token)).toBe(true)
    expect((await rp.revoke(tokens.refresh_token)).statusCode).toBe(200)
    expect(await works(tokens.access_token)).toBe(false)
  })

  it('not a token of another client, although the response is the same', async () => {
    const foreign = await (await createTenant(api)).registerClient()
    const tokens = await relyingParty(api, client).tokens()
    for (const stranger of [other, foreign, await api.registerClient()]) {
      for (const token of [tokens.access_token, tokens.refresh_token]) {
        const answer = await relyingParty(api, stranger).revoke(token)
        expect([answer.statusCode, answer.json()]).toEqual([200, {}])
      }
    }
    expect(await works(tokens.access_token)).toBe(true)
    expect(await isLive(tokens.refresh_token)).toBe(true)
  })
})

describe('RFC 7009 §2.2: the response', () => {
  it.each(['unknown', 'a.b.c', 'rt_AAAA', `rt_${'A'.repeat(70)}`, '💥'])('is 200 for %s too', async (token) => {
    const answer = await relyingParty(api, client).revoke(token)
    expect([answer.statusCode, answer.json()]).toEqual([200, {}])
  })

  it('is 200 for a token that was altered, which does nothing', async () => {
    const rp = relyingParty(api, client)
    const { refresh_token: token, access_token } = await rp.tokens()
    const altered = token.slice(0, -3) + (token.endsWith('AAA') ? 'BBB' : 'AAA')
    expect((await rp.revoke(altered)).statusCode).toBe(200)
    expect(await works(access_token)).toBe(true)
  })

  it('is 200 for a token that has expired', async () => {
    const rp = relyingParty(api, client)
    const { access_token } = await rp.tokens()
    api.clock.advance(3601)
    await takeEvents()
    expect((await rp.revoke(access_token)).statusCode).toBe(200)
    expect(await takeEvents()).toEqual([])
  })

  it('rejects a client that does not authenticate (§2.2.1)', async () => {
    const rp = relyingParty(api, client)
    const { access_token: token } = await rp.tokens()
    const wrong = Buffer.from(`${client.clientId}:wrong`).toString('base64')
    for (const answer of [
      await rp.post(REVOKE, { token }),
      await rp.post(REVOKE, { token, client_id: client.clientId }),
      await rp.post(REVOKE, { token }, { authorization: `Basic ${wrong}` }),
    ]) {
      expect([answer.statusCode, answer.json()]).toEqual([401, expect.objectContaining({ error: 'invalid_client' })])
      expect(answer.headers['www-authenticate']).toMatch(/^Basic /)
    }
    expect(await works(token)).toBe(true)
  })

  it('rejects a request without a token, or with two', async () => {
    const rp = relyingParty(api, client)
    const authorization = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`
    const twice = await api.app.inject({
      method: 'POST',
      url: REVOKE,
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      payload: 'token=a&token=b',
    })
    for (const answer of [await rp.revoke(''), twice]) {
      expect([answer.statusCode, answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })])
    }
    const got = await api.app.inject({ method: 'GET', url: `${REVOKE}?token=a`, headers: { authorization } })
    expect([got.statusCode, got.headers['allow']]).toEqual([405, 'POST'])
  })
})

describe('the audit trail of revocations', () => {
  it('records an access token once, also for repeated and concurrent revocations', async () => {
    const rp = relyingParty(api, client)
    const { access_token: token } = await rp.tokens()
    await takeEvents()
    await Promise.all([rp.revoke(token), rp.revoke(token), rp.revoke(token), rp.revoke(token)])
    await rp.revoke(token)
    const events = await takeEvents()
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string }
    expect(events).toEqual([
      expect.objectContaining({
        type: 'oauth2.token_revoked',
        success: true,
        organisationId: api.owner.organisation.id,
        clientId: client.id,
        resourceType: 'access_token',
        resourceId: jti,
        ipAddress: '127.0.0.1',
        requestId: expect.stringMatching(/^req_/),
      }),
    ])
  })

  it('records a grant once, whichever of its refresh tokens are revoked', async () => {
    const rp = relyingParty(api, client)
    const first = await rp.tokens()
    const second = (await rp.refresh(first.refresh_token)).json<Tokens>()
    await takeEvents()
    await Promise.all([rp.revoke(first.refresh_token), rp.revoke(second.refresh_token), rp.revoke(first.refresh_token)])
    await rp.revoke(second.refresh_token)
    expect(await takeEvents()).toEqual([
      expect.objectContaining({
        type: 'oauth2.grant_revoked',
        success: true,
        organisationId: api.owner.organisation.id,
        clientId: client.id,
        userId: api.owner.id,
        resourceType: 'grant',
      }),
    ])
  })

  it('records nothing if nothing was revoked', async () => {
    const tokens = await relyingParty(api, client).tokens()
    await takeEvents()
    for (const token of ['unknown', tokens.access_token, tokens.refresh_token]) {
      await relyingParty(api, other).revoke(token)
    }
    expect(await takeEvents()).toEqual([])
  })
})
