import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, sideOf, type Bench, type BenchClient } from './bench.ts'
import { amount, PATIENCE, report, stopwatch } from './figures.ts'
import { audit, NOTHING_LOST, workWallets } from './wallet.ts'

const KILLS = amount('RACE_KILLS', 8)

describe('a server process that is killed', () => {
  let bench: Bench
  let client: BenchClient
  beforeAll(async () => {
    bench = await openBench()
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, PATIENCE)
  afterAll(() => bench?.close())

  it(
    'takes no acknowledged token with it, and what it left unanswered is settled by the other',
    async () => {
      const elapsed = stopwatch()
      const wallets = workWallets(bench, client, 8)
      for (let kill = 0; kill < KILLS; kill += 1) {
        await wallets.progress(50)
        await sleep(Math.random() * 300)
        const side = sideOf(kill)
        expect(await bench.serverAt(side).kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
        await bench.restart(side)
      }
      const ledger = await wallets.stop()
      const found = await audit(bench, client, ledger)
      const { holdings: _holdings, wrongs, ...figures } = ledger
      report('kill -9 of a server', { kills: KILLS, ...figures, wrongs: wrongs.length, ...found, seconds: elapsed() })

      expect(wrongs).toEqual([])
      expect(found).toMatchObject(NOTHING_LOST)
      expect(ledger.unanswered).toBeGreaterThan(0)
    },
    PATIENCE,
  )
})
