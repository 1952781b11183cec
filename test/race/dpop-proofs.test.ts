import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, type Bench } from './bench.ts'
import { amount, PATIENCE, RACES, report } from './figures.ts'
import { ATTEMPTS, raceProofs } from './races.ts'

const PROOFS = amount('RACE_PROOFS', RACES)

describe('RFC 9449 §11.1, over two processes: a DPoP proof is good once', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  }, PATIENCE)
  afterAll(() => bench?.close())

  it(
    'however often it comes at once, and wherever',
    async () => {
      const tally = await raceProofs(bench, PROOFS)
      report(`DPoP proofs × ${ATTEMPTS}`, tally)
      expect(tally).toMatchObject({ races: PROOFS, doubled: 0, unwon: 0, odd: 0 })
      const [counted] = await bench.query<Record<string, number>>('SELECT count(*)::int AS used FROM used_proofs')
      expect(counted).toEqual({ used: PROOFS })
    },
    PATIENCE,
  )
})
