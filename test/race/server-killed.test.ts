import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, serverIndexOf, type ServerGroup, type RaceClient } from './server-group.ts'
import { readCount, RACE_TIMEOUT_MS, printFigures, stopwatch } from './race-report.ts'
import { verifyTokens, NO_LOSSES, runRetryingClients } from './retrying-client.ts'

const KILLS = readCount('RACE_KILLS', 8)

describe('a server process that is killed', () => {
  let bench: ServerGroup
  let client: RaceClient
  beforeAll(async () => {
    bench = await startServerGroup()
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  it(
    'takes no acknowledged token with it, and what it left unanswered is settled by the other',
    async () => {
      const elapsed = stopwatch()
      const wallets = runRetryingClients(bench, client, 8)
      for (let kill = 0; kill < KILLS; kill += 1) {
        await wallets.progress(50)
        await sleep(Math.random() * 300)
        const side = serverIndexOf(kill)
        expect(await bench.serverAt(side).kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
        await bench.restart(side)
      }
      const ledger = await wallets.stop()
      const found = await verifyTokens(bench, client, ledger)
      const { histories: _holdings, violations, ...figures } = ledger
      printFigures('kill -9 of a server', {
        kills: KILLS,
        ...figures,
        wrongs: violations.length,
        ...found,
        seconds: elapsed(),
      })

      expect(violations).toEqual([])
      expect(found).toMatchObject(NO_LOSSES)
      expect(ledger.unanswered).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )
})
