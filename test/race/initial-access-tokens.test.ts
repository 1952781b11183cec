import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, type ServerGroup } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, REGISTRATION_RACES, printFigures } from './race-report.ts'
import { ATTEMPTS, raceInitialTokens } from './race-scenarios.ts'

const TOKENS = readCount('RACE_INITIAL_TOKENS', REGISTRATION_RACES)

describe('RFC 7591 §3, over two processes: an initial access token registers at most `uses` clients', () => {
  let bench: ServerGroup
  let registered = 0
  beforeAll(async () => {
    bench = await startServerGroup()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  it.each([1, 3, ATTEMPTS])(
    'and no more, however many come at once: %i',
    async (uses) => {
      const { clients, tally } = await raceInitialTokens(bench, uses, TOKENS)
      printFigures(`initial access tokens for ${uses} × ${ATTEMPTS}`, { ...tally })
      expect(tally).toMatchObject({ races: TOKENS, overdrawn: 0, wasted: 0, odd: 0 })
      expect(new Set(clients).size).toBe(TOKENS * uses)
      registered += clients.length
    },
    RACE_TIMEOUT_MS,
  )

  it('each client is there once, and no use is left or owed', async () => {
    const [counted] = await bench.query<Record<string, number>>(`
      SELECT (SELECT count(*) FROM clients)::int AS clients,
        (SELECT count(*) FROM client_registrations)::int AS registrations,
        (SELECT count(*) FROM audit_events WHERE type = 'client.registered')::int AS audited,
        (SELECT count(*) FROM initial_access_tokens WHERE uses_left <> 0)::int AS unspent`)
    expect(counted).toEqual({ clients: registered, registrations: registered, audited: registered, unspent: 0 })
  })
})
