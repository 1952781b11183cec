import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { relyingParty } from '../../support/relying-party.ts'

interface Trace {
  reference: string
  clientId: string
  error: string
  checks: { name: string; outcome: string; seen: string; advice: string | null }[]
}

let api: Api
beforeAll(async () => {
  api = await createApi()
})
afterAll(() => api.close())

const read = async (reference: string, person: Person = api.owner) => {
  const answer = await api.app.inject({ url: `/v1/admin/traces/${reference}`, headers: { cookie: person.cookie } })
  return { status: answer.statusCode, trace: answer.json<Trace>(), body: answer.body }
}
/** The failure, as soon as it is stored: storing it does not delay the response. */
const traceOf = async (reference: string) => {
  await expect.poll(async () => (await read(reference)).status).toBe(200)
  return (await read(reference)).trace
}
const authorize = async (url: string, headers: Record<string, string> = {}) => {
  const answer = await api.app.inject({ url, headers })
  return { answer, reference: String(answer.headers['x-request-id']) }
}
const failedIn = ({ checks }: Trace) => checks.filter(({ outcome }) => outcome === 'failed')

describe('the trace of a refused authorization request', () => {
  it('is found by the reference on the error page, and tells what failed and what was seen', async () => {
    const client = await api.registerClient()
    const elsewhere = 'https://app.example.com/other'
    const { answer, reference } = await authorize(relyingParty(api, client).authorizeUrl({ redirect_uri: elsewhere }))
    expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining(reference)])
    const trace = await traceOf(reference)
    expect(trace).toMatchObject({ reference, clientId: client.id, error: 'redirect_uri_mismatch' })
    expect(failedIn(trace)).toMatchObject([
      { name: 'redirect_uri', seen: expect.stringContaining(elsewhere), advice: expect.stringContaining('exactly') },
    ])
  })

  it('is kept of what a redirect refuses, without what could be secret', async () => {
    const client = await api.registerClient()
    const url = relyingParty(api, client).authorizeUrl({
      state: 'very-secret',
      nonce: 'very-secret',
      scope: 'openid no',
    })
    const { answer, reference } = await authorize(url)
    expect(answer.statusCode).toBe(302)
    const trace = await traceOf(reference)
    expect(failedIn(trace)).toMatchObject([{ name: 'scope' }])
    expect(JSON.stringify(trace)).not.toContain('very-secret')
  })

  it('is stored for an invalid request object, with the error description as advice', async () => {
    const client = await api.registerClient({ requestUris: ['https://127.0.0.1:1/request'] })
    const rp = relyingParty(api, client)
    for (const more of [{ request: 'x' }, { request_uri: 'https://127.0.0.1:1/request' }]) {
      const { answer, reference } = await authorize(rp.authorizeUrl(more))
      const description = new URL(String(answer.headers['location'])).searchParams.get('error_description')
      expect(failedIn(await traceOf(reference))).toMatchObject([{ name: 'request_object', advice: description }])
    }
  })

  it('ends after an hour, and is swept', async () => {
    const client = await api.registerClient({ requirePkce: true })
    const url = relyingParty(api, client).authorizeUrl({ code_challenge: undefined, code_challenge_method: undefined })
    const { reference } = await authorize(url)
    expect(failedIn(await traceOf(reference))).toMatchObject([{ name: 'pkce' }])
    api.clock.advance(3_600)
    const owner = { ...api.owner, cookie: await api.signIn() }
    expect((await read(reference, owner)).status).toBe(404)
    api.clock.advance(1)
    await api.repositories.sweep(api.clock.now())
    expect(await api.prisma.authorizationFailure.count({ where: { reference } })).toBe(0)
    Object.assign(api.owner, owner)
  })

  it('cannot be read by another organisation, or without clients:read', async () => {
    const client = await api.registerClient()
    const { reference } = await authorize(relyingParty(api, client).authorizeUrl({ scope: 'no' }))
    await traceOf(reference)
    const stranger = await api.addPerson(['clients:*'], await api.addOrganisation('strangers'))
    const other = await api.addPerson(['users:read'])
    expect([(await read(reference, stranger)).status, (await read(reference, other)).status]).toEqual([404, 403])
    expect((await read('%00%00%00%00%00%00%00%00')).status).toBeGreaterThanOrEqual(400)
    expect((await read('unknown-reference')).status).toBe(404)
  })

  it('is not kept where nothing is wrong, of unknown clients, or beyond a thousand', async () => {
    const client = await api.registerClient()
    const rp = relyingParty(api, client)
    const count = () => api.prisma.authorizationFailure.count()
    const before = await count()
    await authorize(rp.authorizeUrl({ prompt: 'none' }))
    await authorize(rp.authorizeUrl({ client_id: 'client_unknown' }))
    const { reference } = await authorize(rp.authorizeUrl({ scope: 'first' }))
    await traceOf(reference)
    await api.prisma.$executeRaw`
      INSERT INTO authorization_failures (organisation_id, reference, client_id, error, checks, created_at, expires_at)
      SELECT ${api.owner.organisation.id}::uuid, 'filler-' || n, ${client.id}::uuid, 'x', '[]', now(), '2100-01-01'
      FROM generate_series(1, 1000) AS n`
    const { organisation } = api.owner
    const [createdAt, expiresAt] = [api.clock.now(), new Date('2100-01-01')]
    const more = { organisationId: organisation.id, clientId: client.id, error: 'x', checks: [], createdAt, expiresAt }
    await api.repositories.authorizationFailures.create({ ...more, reference: 'one-too-many' })
    expect(await count()).toBe(before + 1 + 1000)
    await api.prisma.$executeRaw`DELETE FROM authorization_failures WHERE reference LIKE 'filler-%'`
  })

  it('has a reference of its own, even if senders choose the same X-Request-Id', async () => {
    const rp = relyingParty(api, await api.registerClient())
    const same = { 'x-request-id': 'the-same-reference' }
    const references: string[] = []
    for (const scope of ['first', 'second']) {
      const { reference } = await authorize(rp.authorizeUrl({ scope }), same)
      expect(reference).toMatch(/^the-same-reference_[\w-]{16}$/)
      expect(failedIn(await traceOf(reference))[0]?.seen).toContain(`scope=${scope}`)
      references.push(reference)
    }
    expect(new Set(references).size).toBe(2)
    expect((await read('the-same-reference')).status).toBe(404)
  })
})
