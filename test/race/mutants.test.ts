import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, type Bench } from './bench.ts'
import { PATIENCE, RACES, REGISTRATION_RACES, report } from './figures.ts'
import {
  mutateServer,
  readThenAnswer,
  readThenProve,
  readThenRedeem,
  readThenRegister,
  readThenRotate,
} from './mutant.ts'
import { ATTEMPTS, raceCodes, raceInitialTokens, raceProofs, racePushedRequests, raceRefreshTokens } from './races.ts'

describe('the races see a server that reads, then writes', () => {
  let mutant: Awaited<ReturnType<typeof mutateServer>>
  let bench: Bench
  beforeAll(async () => {
    mutant = await mutateServer([readThenRedeem, readThenAnswer, readThenRotate, readThenRegister, readThenProve])
    bench = await openBench({ program: mutant.program })
  }, PATIENCE)
  afterAll(async () => {
    await bench?.close()
    await mutant?.remove()
  })

  it(
    'give codes to more than one',
    async () => {
      const { tally } = await raceCodes(bench, await bench.registerClient(), RACES)
      report(`mutant, codes × ${ATTEMPTS}`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'answer a pushed request more than once',
    async () => {
      const tally = await racePushedRequests(bench, await bench.registerClient(), RACES)
      report(`mutant, pushed requests × ${ATTEMPTS}`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'fork families that have a reuse window',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
      const { tally } = await raceRefreshTokens(bench, client, RACES)
      report(`mutant, refresh tokens × ${ATTEMPTS}, window on`, { ...tally })
      expect(tally.forked).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'rotate more than once where there is none',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const { tally } = await raceRefreshTokens(bench, client, RACES)
      report(`mutant, refresh tokens × ${ATTEMPTS}, window 0`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'take one DPoP proof from more than one',
    async () => {
      const tally = await raceProofs(bench, RACES)
      report(`mutant, DPoP proofs × ${ATTEMPTS}`, tally)
      expect(tally.doubled).toBeGreaterThan(0)
    },
    PATIENCE,
  )

  it(
    'let more clients in than a token is good for',
    async () => {
      const { tally } = await raceInitialTokens(bench, 1, REGISTRATION_RACES)
      report(`mutant, initial access tokens × ${ATTEMPTS}`, { ...tally })
      expect(tally.overdrawn).toBeGreaterThan(0)
    },
    PATIENCE,
  )
})
