import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ISSUER } from '../../../support/app.ts'
import { createSeededDatabase, type TestDatabase } from '../../../support/cluster.ts'
import { createTestClock } from '../../../support/clock.ts'
import { eventually } from '../../../support/eventually.ts'
import { createCimdEnvironment, type CimdEnvironment } from '../../../support/client-metadata-documents.ts'
import { uuidv7 } from '../../../../src/lib/crypto/random.ts'

const HOUR = 3_600
const DAY = 86_400
const OTHER_URI = 'https://app.example.com/other'

let stage: CimdEnvironment
beforeAll(async () => {
  stage = await createCimdEnvironment()
})
afterAll(() => stage.close())
// Maximum number of fetches of unknown documents per host and minute.
beforeEach(() => stage.api.clock.advance(61))

const refused = { status: 400, signIn: false }
const admitted = { status: 200, signIn: true }
const row = async (clientId: string) => {
  const found = await stage.stored(clientId)
  if (!found) throw new Error('There is no such client')
  return found
}

describe('OAuth Client ID Metadata Document §3.4 cache lifetime of a document', () => {
  const lifetimes: [headers: Record<string, string>, seconds: number][] = [
    [{}, HOUR],
    [{ 'cache-control': 'max-age=600' }, 600],
    [{ 'cache-control': 'public, max-age=600, s-maxage=300' }, 300],
    [{ 'cache-control': 'Max-Age="600"', age: '200' }, 400],
    [{ 'cache-control': 'max-age=1' }, 60],
    [{ 'cache-control': 'no-store, max-age=600' }, 60],
    [{ 'cache-control': 'no-cache' }, 60],
    [{ 'cache-control': 'max-age=99999999' }, DAY],
    [{ 'cache-control': 'max-age=soon' }, HOUR],
  ]

  it.each(lifetimes)('with %j: %i seconds', async (headers, seconds) => {
    const { web, api, visit } = stage
    const clientId = web.publish({}, headers)
    await visit(clientId)
    api.clock.advance(seconds - 1)
    await visit(clientId)
    expect(web.askedFor(clientId)).toBe(1)
    api.clock.advance(2)
    await visit(clientId)
    expect(web.askedFor(clientId)).toBe(2)
  })

  it('changes apply from then on and are recorded; an unchanged document is not recorded', async () => {
    const { web, api, visit } = stage
    const clientId = web.publish()
    await visit(clientId)
    web.change(clientId, { client_name: 'Renamed', redirect_uris: [OTHER_URI] })
    expect(await visit(clientId, { redirect_uri: OTHER_URI })).toMatchObject(refused)
    expect(await visit(clientId)).toMatchObject(admitted)
    api.clock.advance(HOUR + 1)
    expect(await visit(clientId)).toMatchObject(refused)
    expect(await visit(clientId, { redirect_uri: OTHER_URI })).toMatchObject(admitted)
    const { id, name, version } = await row(clientId)
    expect(name).toBe('Renamed')
    const [event] = (await api.events()).slice(-1)
    expect(event).toMatchObject({ type: 'client.updated', clientId: id })
    expect(event?.metadata).toMatchObject({ by: 'metadata document', fields: ['redirectUris', 'name'] })
    api.clock.advance(HOUR + 1)
    await visit(clientId, { redirect_uri: OTHER_URI })
    expect((await row(clientId)).version).toBe(version)
    expect((await api.events()).slice(-1)).toMatchObject([{ id: event?.id }])
  })

  it('an invalid document stops authorization requests immediately, and everything else a day later', async () => {
    const { web, api, visit, party } = stage
    const clientId = web.publish({ grant_types: ['authorization_code', 'refresh_token'] })
    let { refresh_token: token } = await party(clientId).tokens(api.browser(), { scope: 'openid offline_access' })
    const refresh = async () => {
      const answer = await party(clientId).refresh(token)
      token = answer.json<{ refresh_token?: string }>().refresh_token ?? token
      return [answer.statusCode, answer.json<{ error?: string }>().error]
    }
    web.change(clientId, {}, { status: 404 })
    api.clock.advance(HOUR + 1)
    expect(await visit(clientId)).toMatchObject(refused)
    expect(await refresh()).toEqual([200, undefined])
    api.clock.advance(DAY - HOUR - 60)
    expect(await refresh()).toEqual([200, undefined])
    api.clock.advance(120)
    expect(await refresh()).toEqual([401, 'invalid_client'])
    web.change(clientId, { grant_types: ['authorization_code', 'refresh_token'] })
    api.clock.advance(11)
    expect(await refresh()).toEqual([200, undefined])
  })

  it('an invalid document is not fetched again immediately, and its content is not stored', async () => {
    const { web, api, visit, token } = stage
    const clientId = web.publish()
    web.change(clientId, {}, { status: 503 })
    await visit(clientId)
    web.change(clientId, {})
    expect(await visit(clientId)).toMatchObject(refused)
    expect(await token(clientId)).toEqual([401, 'invalid_client'])
    expect(web.askedFor(clientId)).toBe(1)
    api.clock.advance(11)
    expect(await visit(clientId)).toMatchObject(admitted)
  })

  it('a client that removes its key loses the grants that it received with it', async () => {
    const { web, api, visit, party } = stage
    const pair = await generateKeyPair('ES256', { extractable: true })
    const jwks = { keys: [await exportJWK(pair.publicKey)] }
    const grants = { grant_types: ['authorization_code', 'refresh_token'] }
    const clientId = web.publish({ ...grants, token_endpoint_auth_method: 'private_key_jwt', jwks })
    const rp = party(clientId)
    const code = await rp.code(api.browser(), { scope: 'openid' })
    const assertion = await new SignJWT({ iss: clientId, sub: clientId, aud: ISSUER, jti: 'once' })
      .setProtectedHeader({ alg: 'ES256' })
      .setExpirationTime(Math.floor(api.clock.now().getTime() / 1000) + 60)
      .sign(pair.privateKey)
    const answer = await rp.exchange(code, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    })
    const tokens = answer.json<{ refresh_token: string; access_token: string }>()
    web.change(clientId, grants)
    api.clock.advance(HOUR + 1)
    expect(await visit(clientId)).toMatchObject(admitted)
    expect(await row(clientId)).toMatchObject({ clientType: 'public', requirePkce: true })
    expect((await rp.refresh(tokens.refresh_token)).json()).toMatchObject({ error: 'invalid_grant' })
  })
})

describe('many concurrent requests', () => {
  it('cause one fetch and one client', async () => {
    const { web, api, visit } = stage
    const clientId = web.publish({ client_name: 'Many' })
    const seen = await Promise.all(Array.from({ length: 20 }, () => visit(clientId)))
    expect(seen.filter(({ signIn }) => signIn)).toHaveLength(20)
    expect(web.askedFor(clientId)).toBe(1)
    api.clock.advance(HOUR + 1)
    await Promise.all(Array.from({ length: 20 }, () => visit(clientId)))
    expect(web.askedFor(clientId)).toBe(2)
  })

  it('and are rejected by one fetch if it fails', async () => {
    const { web, visit } = stage
    const clientId = web.publish()
    web.change(clientId, 'nothing')
    const seen = await Promise.all(Array.from({ length: 20 }, () => visit(clientId)))
    expect(seen.filter(({ status }) => status === 400)).toHaveLength(20)
    expect(web.askedFor(clientId)).toBe(1)
  })

  describe('at two processes', () => {
    let database: TestDatabase
    let one: CimdEnvironment
    let two: CimdEnvironment
    beforeAll(async () => {
      database = await createSeededDatabase()
      const { connectionString } = database
      const clock = createTestClock()
      const { authorities } = stage.web
      one = await createCimdEnvironment({ connectionString, clock, authorities })
      two = await createCimdEnvironment({ connectionString, clock, authorities })
      await one.setPolicy({ clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: [stage.web.host] })
    })
    afterAll(async () => {
      await one.close()
      await two.close()
      await database.drop()
    })

    it('create one client, and share the fetched document', async () => {
      const { web } = stage
      for (let round = 0; round < 5; round += 1) {
        const clientId = web.publish()
        const seen = await Promise.all([one, two, one, two].map(({ visit }) => visit(clientId)))
        expect(seen.filter(({ signIn }) => signIn)).toHaveLength(4)
        expect(await one.api.prisma.client.count({ where: { clientId } })).toBe(1)
        const asked = web.askedFor(clientId)
        expect(asked).toBeLessThanOrEqual(2)
        one.api.clock.advance(HOUR + 1)
        await one.visit(clientId)
        expect(await two.visit(clientId)).toMatchObject(admitted)
        expect(web.askedFor(clientId)).toBe(asked + 1)
      }
    })
  })
})

describe('changes by administrators to such a client', () => {
  const act = async (
    method: 'GET' | 'PATCH' | 'PUT' | 'POST' | 'DELETE',
    clientId: string,
    { path = '', body }: { path?: string; body?: object } = {},
  ) => {
    const { id } = await row(clientId)
    return stage.api.send(await stage.owner(), method, `/v1/admin/clients/${id}${path}`, body && { body })
  }

  it('apply to all settings except those of the document', async () => {
    const clientId = stage.web.publish()
    await stage.visit(clientId)
    for (const body of [
      { name: 'Mine' },
      { redirectUris: ['https://evil.example.com/'] },
      { scopes: ['openid'] },
      { isFirstParty: true },
      { requireConsent: false },
    ]) {
      const answer = await act('PATCH', clientId, { body })
      expect(answer.statusCode).toBe(400)
      expect(answer.json()).toMatchObject({
        errors: [{ path: Object.keys(body), message: expect.stringContaining('metadata document') }],
      })
    }
    const changed = await act('PATCH', clientId, { body: { description: 'Of a vendor', accessTokenLifetime: 300 } })
    expect(changed.json()).toMatchObject({ description: 'Of a vendor', accessTokenLifetime: 300 })
    stage.web.change(clientId, { client_name: 'Renamed' })
    stage.api.clock.advance(HOUR + 1)
    await stage.visit(clientId)
    expect(await row(clientId)).toMatchObject({ name: 'Renamed', description: 'Of a vendor', accessTokenLifetime: 300 })
  })

  it('cannot add a secret', async () => {
    const clientId = stage.web.publish()
    await stage.visit(clientId)
    expect((await act('POST', clientId, { path: '/secrets', body: { forSigning: true } })).statusCode).toBe(409)
  })

  it('a disabled client stays disabled, and its document is not fetched, until it is enabled', async () => {
    const { web, api, visit, token } = stage
    const clientId = web.publish()
    await visit(clientId)
    expect((await act('POST', clientId, { path: '/disable' })).statusCode).toBe(200)
    web.change(clientId, { client_name: 'Back again' })
    for (const seconds of [0, HOUR + 1, 40 * DAY]) {
      api.clock.advance(seconds)
      await api.repositories.sweep(api.clock.now())
      expect(await visit(clientId)).toMatchObject({ signIn: false, status: 403 })
      expect(await token(clientId)).toEqual([401, 'invalid_client'])
    }
    expect(web.askedFor(clientId)).toBe(1)
    expect((await act('POST', clientId, { path: '/enable' })).statusCode).toBe(200)
    expect(await visit(clientId)).toMatchObject(admitted)
    expect(await row(clientId)).toMatchObject({ name: 'Back again' })
  })

  it('a deleted client is never created again', async () => {
    const { web, api, visit, token } = stage
    const clientId = web.publish()
    await visit(clientId)
    expect((await act('DELETE', clientId)).statusCode).toBe(204)
    for (const days of [0, 2, 40]) {
      api.clock.advance(days * DAY)
      await api.repositories.sweep(api.clock.now())
      expect(await visit(clientId)).toMatchObject({ ...refused, description: expect.stringContaining('deleted') })
      expect(await token(clientId)).toEqual([401, 'invalid_client'])
    }
    expect(web.askedFor(clientId)).toBe(1)
  })
})

describe('the number of such clients', () => {
  const fill = async (count: number, fetchedAt: Date) => {
    const { prisma, owner } = stage.api
    const ids = Array.from({ length: count }, () => uuidv7(fetchedAt))
    const organisationId = owner.organisation.id
    const filler = { organisationId, clientType: 'public', tokenEndpointAuthMethod: 'none', createdAt: fetchedAt }
    await prisma.client.createMany({
      data: ids.map((id) => ({
        ...filler,
        id,
        clientId: `https://filler.example/${id}`,
        name: 'Filler',
        updatedAt: fetchedAt,
      })),
    })
    await prisma.clientMetadataDocument.createMany({
      data: ids.map((id) => ({ clientId: id, organisationId, fetchedAt, freshUntil: fetchedAt })),
    })
    return ids
  }
  const clear = async () => {
    await stage.api.prisma.client.deleteMany({ where: { metadataDocument: { isNot: null } } })
  }
  const left = (ids: string[]) => stage.api.prisma.client.count({ where: { id: { in: ids } } })

  it('is bounded: the least recently used client is removed, but none in use or disabled', async () => {
    const { web, api, visit, owner } = stage
    await clear()
    const { prisma, clock } = api
    const [consented = '', disabled = ''] = await fill(2, clock.now())
    const who = { organisationId: api.owner.organisation.id, userId: (await owner()).id }
    await prisma.consent.create({ data: { ...who, clientId: consented, scopes: [], grantedAt: clock.now() } })
    await prisma.client.update({ where: { id: disabled }, data: { isActive: false } })
    clock.advance(60)
    const [oldest = ''] = await fill(1, clock.now())
    clock.advance(60)
    await fill(997, clock.now())
    clock.advance(60)
    // Each of them was used recently, so none may be evicted.
    expect((await visit(web.publish())).description).toMatch(/limit of clients/)
    clock.advance(HOUR)
    expect(await visit(web.publish())).toMatchObject(admitted)
    expect(await left([consented, disabled, oldest])).toBe(2)
    expect(await prisma.clientMetadataDocument.count()).toBe(1_000)
    await clear()
  })

  it('shrinks: a client unused for thirty days is removed, and may be created again', async () => {
    const { web, api, visit, party } = stage
    const [unused, used] = [web.publish(), web.publish()]
    await visit(unused)
    await party(used).tokens(api.browser(), { scope: 'openid' })
    api.clock.advance(30 * DAY - 60)
    await api.repositories.sweep(api.clock.now())
    const { id } = await row(unused)
    api.clock.advance(120)
    await api.repositories.sweep(api.clock.now())
    expect(await stage.stored(unused)).toBeNull()
    expect(await stage.stored(used)).not.toBeNull()
    await eventually(
      () => api.repositories.clientCache.find(unused),
      (known) => known === undefined,
    )
    expect(await visit(unused)).toMatchObject(admitted)
    expect((await row(unused)).id).not.toBe(id)
  })
})

describe('the rate of fetches of unknown documents', () => {
  it('is limited per IP address of the requests; known documents do not count', async () => {
    const limited = await createCimdEnvironment({ limits: { signIn: { max: 3, window: 300 } } })
    const [first = '', ...others] = Array.from({ length: 4 }, () => limited.web.publish())
    expect(await limited.visit(first)).toMatchObject(admitted)
    for (const clientId of others.slice(0, 2)) await limited.visit(clientId)
    const answer = await limited.visit(others[2] ?? '')
    expect(answer.status).toBe(429)
    expect(answer.browser.page.headers['retry-after']).toBeDefined()
    expect((await limited.token(others[2] ?? ''))[0]).toBe(429)
    expect(limited.web.askedFor(others[2] ?? '')).toBe(0)
    expect(await limited.visit(first)).toMatchObject(admitted)
    await limited.close()
  })

  it('is limited per fetched host, for all requesting addresses', async () => {
    const { web, visit } = stage
    const all = Array.from({ length: 31 }, () => web.publish())
    web.asked.length = 0
    const statuses: number[] = []
    for (const clientId of all) statuses.push((await visit(clientId)).status)
    expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429])
    expect(web.asked).toHaveLength(30)
  })
})

describe('the number of statements for a request of such a client', () => {
  it('equals that of any other client while its document is fresh', async () => {
    const { web } = stage
    const quiet = await createCimdEnvironment({ flushIntervalMs: HOUR * 1_000, authorities: web.authorities })
    await quiet.setPolicy({ clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: [web.host] })
    const rp = quiet.party(web.publish())
    const browser = quiet.api.browser()
    const counts: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const code = await rp.code(browser, { scope: 'openid' })
      if (round === 0) await quiet.api.changesRead()
      const before = quiet.api.database.statementCount()
      await browser.get(rp.authorizeUrl({ scope: 'openid' }))
      const between = quiet.api.database.statementCount()
      expect((await rp.exchange(code)).statusCode).toBe(200)
      counts.push(between - before, quiet.api.database.statementCount() - between)
    }
    expect(counts.slice(2)).toEqual([2, 1, 2, 1])
    await quiet.close()
  })
})
