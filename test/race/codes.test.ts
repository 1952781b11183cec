import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, type Bench, type BenchClient } from './bench.ts'
import { amount, PATIENCE, RACES, report } from './figures.ts'
import { member } from './http.ts'
import { ATTEMPTS, countActive, raceCodes, refreshTokensOf } from './races.ts'

const CODES = amount('RACE_CODES', RACES)

describe('RFC 6749 §4.1.2, over two processes: a code is used once', () => {
  let bench: Bench
  let client: BenchClient

  beforeAll(async () => {
    bench = await openBench()
    client = await bench.registerClient()
  }, PATIENCE)
  afterAll(() => bench?.close())

  it(
    'has one success for every code, whoever presents it where, and a replay takes back what it gave',
    async () => {
      const { races, tally } = await raceCodes(bench, client, CODES)
      const won = races.flatMap((race) => race.won)
      const issued = [...refreshTokensOf(won), ...won.map((answer) => member(answer, 'access_token'))]
      const alive = await countActive(bench, client, issued)
      report(`codes × ${ATTEMPTS}`, { ...tally, 'alive after replay': alive })

      expect(tally).toMatchObject({ races: CODES, doubled: 0, unwon: 0, faults: 0, odd: 0 })
      expect(won).toHaveLength(CODES)
      expect(races.flatMap(({ lost }) => lost)).toHaveLength(CODES * (ATTEMPTS - 1))
      expect(alive).toBe(0)
    },
    PATIENCE,
  )

  it('opens one refresh family for a code and leaves nothing half written', async () => {
    const [counted] = await bench.query<Record<string, number>>(`
      SELECT (SELECT count(*) FROM authorization_codes WHERE consumed_at IS NOT NULL)::int AS consumed,
        (SELECT count(*) FROM refresh_families)::int AS families,
        (SELECT count(DISTINCT grant_id) FROM refresh_families)::int AS grants_with_families,
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
