import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, type ServerGroup } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, RACES, printFigures } from './race-report.ts'
import { ATTEMPTS, racePushedRequests } from './race-scenarios.ts'

const REQUESTS = readCount('RACE_PUSHED', RACES)

describe('RFC 9126 §7.3, over two processes: a pushed request has one answer', () => {
  let bench: ServerGroup
  beforeAll(async () => {
    bench = await startServerGroup()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  it(
    'from any browser and process, without partial writes',
    async () => {
      const tally = await racePushedRequests(bench, await bench.registerClient(), REQUESTS)
      printFigures(`pushed requests × ${ATTEMPTS}`, { ...tally })
      expect(tally).toMatchObject({ races: REQUESTS, doubled: 0, unwon: 0, odd: 0 })
      const [counted] = await bench.query<Record<string, number>>(`
        SELECT (SELECT count(*) FROM pushed_authorization_requests)::int AS pushed,
          (SELECT count(*) FROM authorization_codes)::int AS codes, (SELECT count(*) FROM grants)::int AS grants`)
      expect(counted).toEqual({ pushed: 0, codes: REQUESTS, grants: REQUESTS })
    },
    RACE_TIMEOUT_MS,
  )
})
