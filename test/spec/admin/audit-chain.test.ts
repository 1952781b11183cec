import type { JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Anchor, type Finding, readAnchor, verifyChain } from '../../../packages/cli/src/audit/verify-chain.ts'
import { chainEvents } from '../../../src/audit/chain-events.ts'
import { uuidv7 } from '../../../src/lib/crypto/random.ts'
import { createApi, type Api, type Person } from '../../support/api.ts'
import { ISSUER } from '../../support/app.ts'

type Line = Record<string, unknown> & { kind: string }

let api: Api
let auditor: Person
let jwks: JSONWebKeySet
/** Checkpoints as the log of the server has them. */
let logged: string[] = []

beforeAll(async () => {
  api = await createApi()
  // Days pass here.
  const seconds = 30_000_000
  await api.prisma.organisation.updateMany({ data: { sessionIdleTimeout: seconds, sessionLifetime: seconds } })
  await api.prisma.session.updateMany({ data: { expiresAt: new Date(api.clock.now().getTime() + seconds * 1000) } })
  auditor = await api.addPerson(['audit:read'])
  jwks = (await api.app.inject('/oauth2/jwks.json')).json()
})
afterAll(() => api.close())

/** Lets the jobs run that chain events and sign checkpoints, an hour later. */
async function chain(seconds = 3_600) {
  api.clock.advance(seconds)
  await chainEvents({
    issuer: ISSUER,
    clock: api.clock,
    auditChain: api.repositories.auditChain,
    sign: api.signer.sign,
    onCheckpoint: ({ jws }) => logged.push(jws),
  })
}

const sql = (text: string, values: unknown[] = []) => api.database.pool.query(text, values)

/** A client that is registered and renamed: events with changes. */
async function change() {
  const client = await api.registerClient()
  await api.send(api.owner, 'PATCH', `/v1/admin/clients/${client.id}`, { body: { name: 'Renamed' } })
  return client
}

async function readChain(person = auditor): Promise<Line[]> {
  const answer = await api.send(person, 'GET', '/v1/admin/audit-logs/chain')
  expect(answer.statusCode).toBe(200)
  return answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
}

const verify = async (anchors: Anchor[] = [], lines?: Line[]) =>
  verifyChain(lines ?? (await readChain()), jwks, anchors)
const problemsOf = ({ findings }: { findings: Finding[] }) => findings.map(({ problem, eventId }) => [problem, eventId])

describe('the hash chain of an organisation', () => {
  it('has every event once, numbered, whenever it is extended, and verifies', async () => {
    await change()
    await Promise.all([chain(), chain(0)])
    await change()
    await chain(60)
    await chain(60)
    const lines = await readChain()
    const chained = lines.filter(({ kind }) => kind === 'event')
    const { rows } = await sql('SELECT id FROM audit_events WHERE organisation_id = $1 ORDER BY id', [
      auditor.organisation.id,
    ])
    // The reads that the test itself has just made are not old enough.
    expect(chained.length).toBeGreaterThan(7)
    const stored = (rows as { id: string }[]).map(({ id }) => id)
    expect(chained.map(({ id }) => id)).toEqual(stored.slice(0, chained.length))
    expect(stored.length - chained.length).toBeLessThan(3)
    expect(chained.map(({ sequence }) => sequence)).toEqual(chained.map((_, index) => index + 1))
    const report = await verify([], lines)
    expect(report).toMatchObject({
      events: chained.length,
      firstSequence: 1,
      lastSequence: chained.length,
      findings: [],
    })
    expect(report.checkpoints).toBe(1)
  })

  it('has a signed checkpoint an hour, which is logged', async () => {
    const before = logged.length
    await change()
    await chain(3_600)
    await change()
    await chain(1_800)
    expect(logged.length).toBe(before + 1)
    await chain(1_800)
    expect(logged.length).toBe(before + 2)
    await chain(3_600)
    // Nothing happened but the read of this test at most.
    expect(logged.length - before).toBeLessThan(4)
    const stored = (await readChain()).filter(({ kind }) => kind === 'checkpoint').map(({ jws }) => jws)
    expect(logged).toEqual(expect.arrayContaining(stored))
  })

  it('waits for transactions that are running', async () => {
    const blocker = await api.database.pool.connect()
    const client = await api.registerClient()
    const chainedAbout = async () =>
      (await readChain()).filter((line) => line.kind === 'event' && JSON.stringify(line).includes(client.id)).length
    try {
      await blocker.query('BEGIN')
      await blocker.query('SELECT pg_current_xact_id()')
      // By the clock of the test, the transaction began before the client was registered.
      await chain(5)
      expect(await chainedAbout()).toBe(0)
    } finally {
      await blocker.query('ROLLBACK')
      blocker.release()
    }
    await chain(60)
    expect(await chainedAbout()).toBe(1)
  })

  it('belongs to its organisation, and needs audit:read', async () => {
    const organisation = await api.addOrganisation('chained-elsewhere')
    const stranger = await api.addPerson(['*'], organisation)
    await chain()
    const lines = await readChain(stranger)
    expect(JSON.stringify(lines)).not.toContain(auditor.organisation.id)
    expect(lines.filter(({ kind }) => kind === 'event').length).toBeGreaterThan(0)
    expect((await verify([], lines)).findings).toEqual([])
    const person = await api.addPerson(['users:*'])
    expect((await api.send(person, 'GET', '/v1/admin/audit-logs/chain')).statusCode).toBe(403)
  })
})

describe('cerberus audit verify finds', () => {
  let anchors: Anchor[]
  let events: string[]

  beforeEach(async () => {
    await change()
    await chain()
    await change()
    await chain()
    const lines = await readChain()
    events = lines.filter(({ kind }) => kind === 'event').map(({ id }) => String(id))
    anchors = lines.filter(({ kind }) => kind === 'checkpoint').map(({ jws }) => readAnchor(String(jws)))
  })

  /** Makes a change by SQL, verifies, and undoes it. */
  async function whileChanged(statements: [string, unknown[]][], kept: Anchor[] = []) {
    const tables = ['audit_events', 'audit_chain_blocks', 'audit_checkpoints']
    for (const table of tables) await sql(`CREATE TABLE saved_${table} AS SELECT * FROM ${table}`)
    try {
      for (const [text, values] of statements) expect((await sql(text, values)).rowCount).toBeGreaterThan(0)
      return await verify(kept)
    } finally {
      for (const table of tables) {
        await sql(`TRUNCATE ${table}`)
        await sql(`INSERT INTO ${table} SELECT * FROM saved_${table}`)
        await sql(`DROP TABLE saved_${table}`)
      }
    }
  }

  it.each([
    ['a value', `UPDATE audit_events SET ip_address = '203.0.113.9' WHERE id = $1`],
    ['metadata', `UPDATE audit_events SET metadata = metadata || '{"x":1}' WHERE id = $1`],
    ['what changed', `UPDATE audit_events SET changes = '[{"field":"name","to":"x"}]' WHERE id = $1`],
    ['the time', `UPDATE audit_events SET occurred_at = occurred_at - interval '1 second' WHERE id = $1`],
    ['success', 'UPDATE audit_events SET success = NOT success WHERE id = $1'],
  ])('a changed row: %s', async (_, text) => {
    const id = events.at(-3)
    expect(problemsOf(await whileChanged([[text, [id]]]))).toEqual([['changed', id]])
  })

  it('changes that were deleted, unless they are those of an erased user', async () => {
    const { rows } = await sql(
      `SELECT id FROM audit_events WHERE changes IS NOT NULL AND resource_type = 'client' LIMIT 1`,
    )
    const { id } = rows[0] as { id: string }
    const changed = await whileChanged([['UPDATE audit_events SET changes = NULL WHERE id = $1', [id]]])
    expect(problemsOf(changed)).toEqual([['changed', id]])
    const user = (await api.send(api.owner, 'POST', '/v1/admin/users', { body: { email: 'erased@acme.test' } })).json<{
      id: string
    }>()
    await chain()
    await api.send(api.owner, 'DELETE', `/v1/admin/users/${user.id}?erase=true`)
    await chain()
    expect(await verify()).toMatchObject({ erasedChanges: 1, findings: [] })
  })

  it('a removed row', async () => {
    for (const id of [events[0], events.at(-2), events.at(-1)]) {
      const report = await whileChanged([['DELETE FROM audit_events WHERE id = $1', [id]]])
      expect(problemsOf(report)).toEqual([['removed', id]])
    }
  })

  it('an inserted row, whatever its id and time', async () => {
    const between = new Date(api.clock.now().getTime() - 3_700_000)
    for (const id of [uuidv7(between), '0193a1c2-7b5e-4000-8000-000000000001', uuidv7(api.clock.now())]) {
      const copy = `INSERT INTO audit_events (id, organisation_id, occurred_at, type, category, action, success, metadata)
        VALUES ($1, $2, $3, 'client.created', 'client', 'create', true, '{}')`
      const report = await whileChanged([[copy, [id, auditor.organisation.id, between]]])
      expect(problemsOf(report)).toEqual([['inserted', id]])
    }
  })

  it('a log whose last rows and blocks were cut off, by the checkpoints', async () => {
    const last = `(SELECT max(first_sequence) FROM audit_chain_blocks WHERE organisation_id = $1)`
    const organisation = [auditor.organisation.id]
    const cut: [string, unknown[]][] = [
      [
        `DELETE FROM audit_events WHERE id = ANY (SELECT unnest(event_ids) FROM audit_chain_blocks
        WHERE organisation_id = $1 AND first_sequence = ${last})`,
        organisation,
      ],
      [`DELETE FROM audit_chain_blocks WHERE organisation_id = $1 AND first_sequence = ${last}`, organisation],
    ]
    expect(problemsOf(await whileChanged(cut))).toEqual([['truncated', null]])
    // The last checkpoint is gone as well: one that was kept elsewhere says so.
    const all: [string, unknown[]][] = [
      ...cut,
      [
        `DELETE FROM audit_checkpoints WHERE organisation_id = $1 AND sequence =
        (SELECT max(sequence) FROM audit_checkpoints WHERE organisation_id = $1)`,
        organisation,
      ],
    ]
    expect((await whileChanged(all)).findings).toEqual([])
    expect(problemsOf(await whileChanged(all, anchors))).toEqual([['truncated', null]])
  })

  it('a chain that was computed anew, by the checkpoints and by their signatures', async () => {
    const block = `first_sequence = (SELECT max(first_sequence) FROM audit_chain_blocks WHERE organisation_id = $1)`
    const values = [auditor.organisation.id]
    const forged = `UPDATE audit_chain_blocks SET event_hashes = sha256('x') || substring(event_hashes FROM 33)
      WHERE organisation_id = $1 AND ${block}`
    const report = await whileChanged([[forged, values]])
    expect(new Set(report.findings.map(({ problem }) => problem))).toEqual(new Set(['changed', 'rewritten']))
    const lines = await readChain()
    const forgedHash = 'ab'.repeat(32)
    const resigned = lines.map((line) => (line.kind === 'checkpoint' ? { ...line, hash: forgedHash } : line))
    const problems = (await verify([], resigned)).findings.map(({ problem }) => problem)
    expect(new Set(problems)).toEqual(new Set(['rewritten', 'unverified']))
    const others = (await verifyChain(lines, { keys: [] })).findings.map(({ problem }) => problem)
    expect(new Set(others)).toEqual(new Set(['unverified']))
  })

  it('an export that was cut off', async () => {
    const lines = await readChain()
    expect(problemsOf(await verify([], lines.slice(0, -1)))).toEqual([['truncated', null]])
    const gap = lines.toSpliced(3, 1)
    expect((await verify([], gap)).findings.map(({ problem }) => problem)).toContain('removed')
  })
})

describe('retention', () => {
  it('removes the oldest part of the chain with its events, and the rest still verifies', async () => {
    await chain()
    const before = await verify()
    const { id } = auditor.organisation
    await api.prisma.organisation.update({ where: { id }, data: { settings: { auditRetentionDays: 30 } } })
    api.clock.advance(31 * 86_400)
    await api.repositories.maintainAuditLog(api.clock.now(), 365)
    // As long as nothing follows, the last checkpoint is about events that are gone.
    expect(problemsOf(await verify())).toEqual([['truncated', null]])
    await chain()
    const after = await verify()
    expect(after).toMatchObject({ findings: [] })
    expect(after.firstSequence).toBeGreaterThan(before.lastSequence)
  })
})
