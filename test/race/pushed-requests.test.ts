import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, type Bench } from './bench.ts'
import { amount, PATIENCE, RACES, report } from './figures.ts'
import { ATTEMPTS, racePushedRequests } from './races.ts'

const REQUESTS = amount('RACE_PUSHED', RACES)

describe('RFC 9126 §7.3, over two processes: a pushed request has one answer', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  }, PATIENCE)
  afterAll(() => bench?.close())

  it(
    'whoever brings it where, and leaves nothing half written',
    async () => {
      const tally = await racePushedRequests(bench, await bench.registerClient(), REQUESTS)
      report(`pushed requests × ${ATTEMPTS}`, { ...tally })
      expect(tally).toMatchObject({ races: REQUESTS, doubled: 0, unwon: 0, odd: 0 })
      const [counted] = await bench.query<Record<string, number>>(`
        SELECT (SELECT count(*) FROM pushed_authorization_requests)::int AS pushed,
          (SELECT count(*) FROM authorization_codes)::int AS codes, (SELECT count(*) FROM grants)::int AS grants`)
      expect(counted).toEqual({ pushed: 0, codes: REQUESTS, grants: REQUESTS })
    },
    PATIENCE,
  )
})
