import { afterEach, describe, expect, it } from 'vitest'
import { createEmptyDatabase } from '../support/cluster.ts'
import { authorizationCodeOf, startServerGroup, type ServerGroup } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, printFigures, stopwatch, repeat } from './race-report.ts'
import { expectStatus, stringMember, send } from './http-client.ts'

const ROUNDS = readCount('RACE_ROUNDS', 3)
const PROCESSES = 4

describe('processes that start at once on an empty database and an empty data directory', () => {
  let bench: ServerGroup | undefined
  let database: Awaited<ReturnType<typeof createEmptyDatabase>> | undefined
  afterEach(async () => {
    await bench?.close()
    await database?.drop()
  })

  it.each(repeat(ROUNDS).map((_, round) => round + 1))(
    'become one server: one migrates, one makes the organisation, all have the same keys (round %i)',
    async (round) => {
      const elapsed = stopwatch()
      database = await createEmptyDatabase()
      const environment = { LOG_LEVEL: 'info' }
      bench = await startServerGroup({ processes: PROCESSES, databaseUrl: database.connectionString, environment })
      const seconds = elapsed()
      const { servers, at, cookie } = bench
      const says = (words: string) => servers.filter((server) => server.output().includes(words)).length
      const sets = await Promise.all(servers.map((_, side) => send(at(side, '/oauth2/jwks.json'))))
      const sessions = servers.map((_, side) => send(at(side, '/v1/me/profile'), { headers: { cookie } }))
      const [stored] = await bench.query<Record<string, unknown>>(`
        SELECT (SELECT count(*) FROM organisations)::int AS organisations, (SELECT count(*) FROM users)::int AS users,
          (SELECT count(*) - count(DISTINCT slug) FROM roles)::int AS roles_twice,
          (SELECT jsonb_object_agg(alg, n) FROM (SELECT alg, count(*) AS n FROM signing_keys GROUP BY alg) k) AS keys,
          (SELECT count(*) FROM server_secrets)::int AS secrets,
          (SELECT count(*) - count(DISTINCT migration_name) FROM _prisma_migrations)::int AS migrations_twice,
          (SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NULL)::int AS migrations_unfinished`)
      printFigures('start on an empty database', {
        processes: PROCESSES,
        round,
        'seconds until all are ready': seconds,
      })

      expect(says('Applied migration')).toBe(1)
      expect(says('The database was empty')).toBe(1)
      expect(stored).toEqual({
        organisations: 1,
        users: 1,
        roles_twice: 0,
        secrets: 1,
        migrations_twice: 0,
        migrations_unfinished: 0,
        // Of what signs, the one that does and the next; of what decrypts, one.
        keys: { RS256: 2, PS256: 2, ES256: 2, EdDSA: 2, 'RSA-OAEP-256': 1, 'ECDH-ES': 1 },
      })
      expect(new Set(sets.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
      expect((await Promise.all(sessions)).map(({ status }) => status)).toEqual(servers.map(() => 200))

      // What one process gives, every other takes.
      const client = await bench.registerClient()
      const code = authorizationCodeOf(await bench.authorize(1, client))
      const issued = expectStatus(await bench.exchange(2, client, code), 200)
      const renewed = expectStatus(await bench.refresh(3, client, stringMember(issued, 'refresh_token')), 200)
      expect(await bench.isActive(0, client, stringMember(renewed, 'refresh_token'))).toBe(true)
      expect(await bench.isActive(1, client, stringMember(renewed, 'access_token'))).toBe(true)
    },
    RACE_TIMEOUT_MS,
  )
})
