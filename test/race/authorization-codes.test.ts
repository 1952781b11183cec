import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, type ServerGroup, type RaceClient } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, RACES, printFigures } from './race-report.ts'
import { stringMember } from './http-client.ts'
import { ATTEMPTS, countActive, raceCodes, refreshTokensOf } from './race-scenarios.ts'

const CODES = readCount('RACE_CODES', RACES)

describe('RFC 6749 §4.1.2, over two processes: a code is used once', () => {
  let bench: ServerGroup
  let client: RaceClient

  beforeAll(async () => {
    bench = await startServerGroup()
    client = await bench.registerClient()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  it(
    'has one success for every code, at any process, and a replay revokes its tokens',
    async () => {
      const { races, tally } = await raceCodes(bench, client, CODES)
      const won = races.flatMap((race) => race.won)
      const issued = [...refreshTokensOf(won), ...won.map((answer) => stringMember(answer, 'access_token'))]
      const alive = await countActive(bench, client, issued)
      printFigures(`codes × ${ATTEMPTS}`, { ...tally, 'alive after replay': alive })

      expect(tally).toMatchObject({ races: CODES, doubled: 0, unwon: 0, faults: 0, odd: 0 })
      expect(won).toHaveLength(CODES)
      expect(races.flatMap(({ lost }) => lost)).toHaveLength(CODES * (ATTEMPTS - 1))
      expect(alive).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it('opens one refresh family for a code and leaves nothing half written', async () => {
    const [counted] = await bench.query<Record<string, number>>(`
      SELECT (SELECT count(*) FROM authorization_codes WHERE consumed_at IS NOT NULL)::int AS consumed,
        (SELECT count(*) FROM refresh_token_families)::int AS families,
        (SELECT count(DISTINCT grant_id) FROM refresh_token_families)::int AS grants_with_families,
        (SELECT count(*) FROM grants WHERE revoked_reason = 'code_replayed')::int AS revoked,
        (SELECT count(*) FROM audit_events WHERE type = 'oauth2.code_replayed')::int AS replays_audited`)
    expect(counted).toEqual({
      consumed: CODES,
      families: CODES,
      grants_with_families: CODES,
      revoked: CODES,
      replays_audited: CODES,
    })
  })
})
