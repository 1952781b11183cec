import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SingleUseToken } from '../../src/model/replay/replay-cache.ts'
import { connectDatabase, type Database } from '../../src/storage/db/database.ts'
import { createReplayCache } from '../../src/storage/replay/replay-cache.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'

let own: TestDatabase
let database: Database
beforeAll(async () => {
  own = await createDatabase()
  // One connection, so that settings left behind by a statement would be seen.
  database = connectDatabase({ connection: own.connectionString, poolSize: 2, onError: () => {} })
})
afterAll(async () => {
  await database.close()
  await own.drop()
})

const token = (given: Partial<SingleUseToken> = {}): SingleUseToken => ({
  kind: 'dpop_proof',
  signer: 'a-thumbprint',
  jti: randomUUID(),
  organisationId: randomUUID(),
  expiresAt: new Date(),
  ...given,
})

describe('the replay cache', () => {
  it('accepts a token once, in one batch and over two', async () => {
    const cache = createReplayCache(database.hotPool)
    const used = token()
    const results = await Promise.all(Array.from({ length: 8 }, () => cache.consume(used)))
    expect(results.filter(Boolean)).toHaveLength(1)
    expect(await createReplayCache(database.hotPool).consume(used)).toBe(false)
  })

  it('distinguishes tokens by kind, signer and jti', async () => {
    const cache = createReplayCache(database.hotPool)
    const one = token({ jti: 'the-same' })
    const others = [
      { ...one, kind: 'client_assertion' as const },
      { ...one, signer: 'another-thumbprint' },
      { ...one, jti: 'another' },
    ]
    for (const each of [one, ...others]) expect(await cache.consume(each)).toBe(true)
    for (const each of [one, ...others]) expect(await cache.consume(each)).toBe(false)
  })

  it('survives a crash: its table is logged', async () => {
    const { rows } = await database.pool.query(`SELECT relpersistence FROM pg_class WHERE relname = 'replay_cache'`)
    expect(rows).toEqual([{ relpersistence: 'p' }])
  })

  it.each([
    ['dpop_proof', 'off'],
    ['client_assertion', 'on'],
  ] as const)(
    'commits a %s with synchronous_commit %s, and leaves the connection as it was',
    async (kind, expected) => {
      const { pool } = database
      // A deferred trigger runs at the commit, with the settings that the commit will use.
      await pool.query(`
      CREATE TABLE commits (setting text);
      CREATE FUNCTION record_commit() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO commits VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER record_commit AFTER INSERT ON replay_cache DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION record_commit()`)
      try {
        expect(await createReplayCache(pool).consume(token({ kind }))).toBe(true)
        expect((await pool.query('SELECT setting FROM commits')).rows).toEqual([{ setting: expected }])
        expect((await pool.query('SHOW synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }])
      } finally {
        await pool.query('DROP FUNCTION record_commit() CASCADE; DROP TABLE commits')
      }
    },
  )
})
