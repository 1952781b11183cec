import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestApp, type TestApp } from '../support/app.ts'
import { relyingParty, REDIRECT_URI } from '../support/relying-party.ts'

const DAY = 86_400

describe('sweeping', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  const rows = async () => {
    const { prisma } = test.database
    return {
      requests: await prisma.pendingAuthorizationRequest.count(),
      codes: await prisma.authorizationCode.count(),
      families: await prisma.refreshTokenFamily.count(),
      grants: await prisma.grant.count(),
      sessions: await prisma.session.count(),
      denied: await prisma.revokedToken.count(),
    }
  }

  it('leaves what lives, and removes each thing when nothing can need it any more', async () => {
    const lasting = relyingParty(test, await test.registerClient({ refreshTokenLifetime: 30 * DAY }))
    const brief = relyingParty(
      test,
      await test.registerClient({ grantTypes: ['authorization_code'], scopes: ['openid', 'profile', 'email'] }),
    )
    const browser = test.browser()
    const kept = await lasting.tokens(browser)
    const { access_token: revoked } = await brief.tokens(browser)
    await brief.revoke(revoked)
    await test.browser().get(brief.authorizeUrl())
    const before = await rows()
    expect(before).toMatchObject({ requests: 1, codes: 2, families: 1, grants: 2, denied: 1 })

    await test.repositories.sweep(test.clock.now())
    expect(await rows()).toEqual(before)

    test.clock.advance(2 * DAY)
    await test.repositories.sweep(test.clock.now())
    // The session stays while it has a grant, expired or not.
    expect(await rows()).toMatchObject({ requests: 0, codes: 0, families: 1, grants: 1, denied: 0 })
    const refreshed = await lasting.refresh(kept.refresh_token)
    expect(refreshed.statusCode).toBe(200)

    test.clock.advance(30 * DAY)
    await test.repositories.sweep(test.clock.now())
    await test.repositories.sweep(test.clock.now())
    expect(await rows()).toEqual({ requests: 0, codes: 0, families: 0, grants: 0, sessions: 0, denied: 0 })
  })

  it('removes a pushed request when it expires, or an hour later if a user came in time', async () => {
    const party = relyingParty(test, await test.registerClient({ pushedAuthorizationRequestLifetime: 60 }))
    const count = () => test.database.prisma.pushedAuthorizationRequest.count()
    const before = await count()
    await party.push()
    await test.browser().get(await party.pushedUrl())
    expect(await count()).toBe(before + 2)
    test.clock.advance(61)
    await test.repositories.sweep(test.clock.now())
    expect(await count()).toBe(before + 1)
    test.clock.advance(3_600)
    await test.repositories.sweep(test.clock.now())
    expect(await count()).toBe(before)
  })

  it('removes far more than one batch in one go', async () => {
    const client = await test.registerClient()
    const { organisationId } = await test.database.prisma.client.findUniqueOrThrow({ where: { id: client.id } })
    await test.database.prisma.pendingAuthorizationRequest.createMany({
      data: Array.from({ length: 1_700 }, (_, index) => ({
        id: `waiting-${index}`,
        organisationId,
        clientId: client.id,
        parameters: { redirect_uri: REDIRECT_URI },
        channel: 'browser',
        browserCookieHash: new Uint8Array(32),
        createdAt: test.clock.now(),
        expiresAt: test.clock.now(),
      })),
    })
    test.clock.advance(1)
    await test.repositories.sweep(test.clock.now())
    expect(await rows()).toMatchObject({ requests: 0 })
  })
})

describe('retention of audit events', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  const events = () => test.database.prisma.auditEvent.count()
  const organisationId = async () => (await test.database.prisma.organisation.findFirstOrThrow()).id
  const partitions = async () => {
    const { rows } = await test.database.pool.query<{ name: string }>(
      `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit_events'::regclass ORDER BY name`,
    )
    return rows.map(({ name }) => name)
  }
  const nameOf = (date: Date, months: number) => {
    const month = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months))
    return `audit_events_${month.toISOString().slice(0, 7).replace('-', '_')}`
  }
  const maintain = (days: number) => test.repositories.maintainAuditLog(test.clock.now(), days)

  it('makes the partitions of the coming months, once, and fills them with what came before', async () => {
    const now = test.clock.now()
    test.clock.advance(45 * DAY)
    await test.signIn()
    const later = test.clock.now()
    await Promise.all([maintain(0), maintain(0)])
    await maintain(0)
    expect(await partitions()).toEqual([
      ...[0, 1, 2, 3].map((months) => nameOf(later, months)),
      'audit_events_default',
      'audit_events_initial',
    ])
    const { rows } = await test.database.pool.query<{ name: string }>(
      'SELECT tableoid::regclass::text AS name FROM audit_events WHERE occurred_at > $1',
      [new Date(now.getTime() + 40 * DAY * 1000)],
    )
    expect(rows).toEqual([{ name: nameOf(later, 0) }])
  })

  it('drops a partition when every organisation may lose its last event, and no other', async () => {
    const { pool } = test.database
    const old = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM audit_events_initial')
    const all = await events()
    expect(old.rows[0]?.count).toBeGreaterThan(0)
    await maintain(45)
    expect(await events()).toBe(all)
    test.clock.advance(35 * DAY)
    await test.database.prisma.organisation.update({
      where: { id: await organisationId() },
      data: { settings: { auditRetentionDays: 200 } },
    })
    await maintain(45)
    expect(await events()).toBe(all)
    await test.database.prisma.organisation.update({ where: { id: await organisationId() }, data: { settings: {} } })
    await maintain(45)
    expect(await events()).toBe(all - (old.rows[0]?.count ?? 0))
    expect(await partitions()).not.toContain('audit_events_initial')
  })

  it('deletes the events of organisations that keep them for a shorter time', async () => {
    const { prisma } = test.database
    const id = await organisationId()
    await prisma.organisation.update({ where: { id }, data: { settings: { auditRetentionDays: 30 } } })
    await test.signIn()
    const all = await events()
    await maintain(365)
    // The sign-in of the first test was 35 days ago.
    expect(await events()).toBe(all - 1)
    await prisma.organisation.update({ where: { id }, data: { settings: { auditRetentionDays: 365 } } })
    test.clock.advance(40 * DAY)
    await maintain(30)
    expect(await events()).toBe(all - 1)
    await prisma.organisation.update({ where: { id }, data: { settings: {} } })
    await prisma.organisation.create({
      data: {
        id: randomUUID(),
        slug: 'long',
        name: 'Long',
        settings: { auditRetentionDays: 365 },
        createdAt: test.clock.now(),
        updatedAt: test.clock.now(),
      },
    })
    await maintain(30)
    expect(await events()).toBe(0)
  })

  it('keeps them for ever where that is asked for', async () => {
    await test.signIn()
    const all = await events()
    test.clock.advance(4_000 * DAY)
    await maintain(0)
    expect(await events()).toBe(all)
  })

  it('waits until another time while the table is locked', async () => {
    const blocker = await test.database.pool.connect()
    try {
      await blocker.query('BEGIN')
      await blocker.query('LOCK TABLE audit_events_default IN ACCESS SHARE MODE')
      test.clock.advance(40 * DAY)
      const before = await partitions()
      await maintain(0)
      expect(await partitions()).toEqual(before)
    } finally {
      await blocker.query('ROLLBACK')
      blocker.release()
    }
    await maintain(0)
    expect(await partitions()).toContain(nameOf(test.clock.now(), 3))
  })
})

describe('sweeping of sessions', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('reaches all that can go in one run, past those that a grant holds', async () => {
    const party = relyingParty(test, await test.registerClient({ refreshTokenLifetime: 30 * DAY }))
    await party.tokens(test.browser())
    const { prisma } = test.database
    const { sessionId } = await prisma.grant.findFirstOrThrow()
    const held = await prisma.session.findUniqueOrThrow({ where: { id: sessionId ?? '' } })
    await prisma.session.createMany({
      data: Array.from({ length: 1_700 }, (_, index) => ({
        ...held,
        methods: [],
        id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
        tokenHash: new Uint8Array(Buffer.from(`session ${index}`)),
      })),
    })
    test.clock.advance(3 * DAY)
    await test.repositories.sweep(test.clock.now())
    expect(await prisma.session.findMany({ select: { id: true } })).toEqual([{ id: held.id }])
  })
})

describe('sweeping of clients', () => {
  let test: TestApp
  beforeAll(async () => {
    test = await createTestApp()
  })
  afterAll(() => test.close())

  it('removes deleted ones without grants, and no others', async () => {
    const { prisma } = test.database
    const [kept, idle, used] = [
      await test.registerClient(),
      await test.registerClient({ clientType: 'confidential' }),
      await test.registerClient({ refreshTokenLifetime: 30 * DAY }),
    ]
    await relyingParty(test, used).tokens(test.browser())
    const headers = { cookie: await test.signIn(), 'x-org-domain': 'acme' }
    for (const { id } of [idle, used]) {
      const answer = await test.app.inject({ method: 'DELETE', url: `/v1/admin/clients/${id}`, headers })
      expect(answer.statusCode).toBeLessThan(300)
    }
    const left = async () => {
      await test.repositories.sweep(test.clock.now())
      const rows = await prisma.client.findMany({ select: { id: true } })
      return new Set(rows.map(({ id }) => id))
    }
    expect(await left()).toEqual(new Set([kept.id, idle.id, used.id]))
    test.clock.advance(2 * DAY)
    expect(await left()).toEqual(new Set([kept.id, used.id]))
    expect(await prisma.clientSecret.count()).toBe(0)
    test.clock.advance(30 * DAY)
    expect(await left()).toEqual(new Set([kept.id]))
  })
})
