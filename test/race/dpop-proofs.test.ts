import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, type ServerGroup } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, RACES, printFigures } from './race-report.ts'
import { ATTEMPTS, raceProofs } from './race-scenarios.ts'

const PROOFS = readCount('RACE_PROOFS', RACES)

describe('RFC 9449 §11.1, over two processes: a DPoP proof is good once', () => {
  let bench: ServerGroup
  beforeAll(async () => {
    bench = await startServerGroup()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  it(
    'however often it comes at once, and wherever',
    async () => {
      const tally = await raceProofs(bench, PROOFS)
      printFigures(`DPoP proofs × ${ATTEMPTS}`, tally)
      expect(tally).toMatchObject({ races: PROOFS, doubled: 0, unwon: 0, odd: 0 })
      const [counted] = await bench.query<Record<string, number>>('SELECT count(*)::int AS used FROM replay_cache')
      expect(counted).toEqual({ used: PROOFS })
    },
    RACE_TIMEOUT_MS,
  )
})
