import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openChangePoller, type ChangePoller } from '../../src/storage/db/change-poller.ts'
import { connectionConfig } from '../../src/storage/db/connection/connection.ts'
import { createTestApp, type RegisteredTestClient, type TestApp } from '../support/app.ts'
import { createDatabase, createSeededDatabase, type TestDatabase } from '../support/cluster.ts'
import { startDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { relyingParty } from '../support/relying-party.ts'

describe('the change poller', () => {
  let database: TestDatabase
  let connection: Client
  let other: Client
  let poller: ChangePoller
  const changes: string[] = []
  beforeAll(async () => {
    database = await createDatabase()
    connection = new Client(database.connectionString)
    other = new Client(database.connectionString)
    await Promise.all([connection.connect(), other.connect()])
    poller = await openChangePoller(connectionConfig(database.connectionString), {
      onChange: (subject) => changes.push(subject),
      onReset: () => changes.push('reset'),
      onTime: () => {},
    })
  })
  afterAll(async () => {
    await poller.close()
    await Promise.all([connection.end(), other.end()])
    await database.drop()
  })

  const change = (client: Client, subject: string) =>
    client.query('INSERT INTO cache_invalidations (subject) VALUES ($1)', [subject])
  const seen = (...subjects: string[]) =>
    eventually(
      () => changes,
      (all) => subjects.every((one) => all.includes(one)),
    )

  it('begins with a reset, and reports each change once', async () => {
    expect(changes).toEqual(['reset'])
    expect(poller.isCurrent()).toBe(true)
    for (const subject of ['first', 'second', 'third']) {
      await change(connection, subject)
      await seen(subject)
    }
    expect(changes).toEqual(['reset', 'first', 'second', 'third'])
  })

  it('reports a change whose transaction began before one that it has seen already', async () => {
    await connection.query('BEGIN')
    await change(connection, 'long')
    await change(other, 'short')
    await seen('short')
    expect(changes).not.toContain('long')
    await connection.query('COMMIT')
    expect(await seen('long')).toContain('long')
  })

  it('reports no change that was rolled back', async () => {
    await connection.query('BEGIN')
    await change(connection, 'rolled back')
    await connection.query('ROLLBACK')
    await change(connection, 'afterwards')
    await seen('afterwards')
    expect(changes).not.toContain('rolled back')
  })

  it('resets instead of reporting thousands of changes', async () => {
    const before = changes.filter((subject) => subject === 'reset').length
    await connection.query(
      "INSERT INTO cache_invalidations (subject) SELECT 'mass ' || n FROM generate_series(1, 5000) n",
    )
    await eventually(
      () => changes.filter((subject) => subject === 'reset').length,
      (count) => count > before,
    )
    expect(changes.some((subject) => subject.startsWith('mass'))).toBe(false)
  })

  it('resets after its connection was lost', async () => {
    const before = changes.filter((subject) => subject === 'reset').length
    await connection.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cerberus-changes' AND datname = current_database()",
    )
    await eventually(
      () => changes.filter((subject) => subject === 'reset').length,
      (count) => count > before,
    )
    await change(connection, 'after reconnecting')
    expect(await seen('after reconnecting')).toContain('after reconnecting')
  })

  it('is not trusted longer than a second after its last read', async () => {
    const proxy = await startDatabaseProxy(database.connectionString)
    const silent = await openChangePoller(connectionConfig(proxy.connectionString), {
      onChange: () => {},
      onReset: () => {},
      onTime: () => {},
    })
    expect(silent.isCurrent()).toBe(true)
    proxy.swallow(true)
    const since = performance.now()
    await eventually(silent.isCurrent, (isCurrent) => !isCurrent)
    // Before the connection is given up after two seconds.
    expect(performance.now() - since).toBeLessThan(1_900)
    await silent.close()
    await proxy.close()
  })
})

describe('a process whose connection for changes falls silent', () => {
  let database: TestDatabase
  let proxy: DatabaseProxy
  let deaf: TestApp
  let other: TestApp
  let client: RegisteredTestClient
  beforeAll(async () => {
    database = await createSeededDatabase()
    proxy = await startDatabaseProxy(database.connectionString)
    other = await createTestApp({ connectionString: database.connectionString })
    deaf = await createTestApp({ connectionString: proxy.connectionString, clock: other.clock })
    client = await other.registerClient({
      clientType: 'confidential',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      scopes: ['api'],
    })
  })
  afterAll(async () => {
    await deaf.close()
    await other.close()
    await proxy.close()
    await database.drop()
  })

  const status = async () =>
    (await relyingParty(deaf, client).exchange('', { grant_type: 'client_credentials' })).statusCode
  const setActive = async (isActive: boolean) => {
    const headers = {
      cookie: await other.signIn(),
      'x-org-domain': 'acme',
      'content-type': 'application/merge-patch+json',
    }
    const url = `/v1/admin/clients/${client.id}`
    const answer = await other.app.inject({ method: 'PATCH', url, headers, payload: JSON.stringify({ isActive }) })
    expect(answer.statusCode).toBe(200)
  }

  it('serves a client from memory before', async () => {
    await deaf.changesRead()
    expect(await status()).toBe(200)
    const before = deaf.database.statementCount()
    expect(await status()).toBe(200)
    expect(deaf.database.statementCount()).toBe(before)
  })

  it('rejects a client that is disabled at another process all the same, within a second or so', async () => {
    proxy.swallow(true, 'cerberus-changes')
    await setActive(false)
    const since = performance.now()
    expect(await eventually(status, (code) => code === 401)).toBe(401)
    // Cached data is trusted for one second after the last read; a busy machine takes a while for the requests.
    expect(performance.now() - since).toBeLessThan(2_500)
  })

  it('reads clients from the database, so that nothing is outdated', async () => {
    await setActive(true)
    expect(await status()).toBe(200)
    await setActive(false)
    expect(await status()).toBe(401)
  })

  it('serves from memory again when its connection is back', async () => {
    await setActive(true)
    proxy.swallow(false)
    await eventually(
      async () => {
        const before = deaf.database.statementCount()
        await status()
        return deaf.database.statementCount() - before
      },
      (statements) => statements === 0,
    )
    await setActive(false)
    expect(await eventually(status, (code) => code === 401)).toBe(401)
  })
})
