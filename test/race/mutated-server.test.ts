import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, type ServerGroup } from './server-group.ts'
import { RACE_TIMEOUT_MS, RACES, REGISTRATION_RACES, printFigures } from './race-report.ts'
import {
  buildMutatedServer,
  readThenAnswer,
  readThenProve,
  readThenRedeem,
  readThenRegister,
  readThenRotate,
} from './mutated-server.ts'
import {
  ATTEMPTS,
  raceCodes,
  raceInitialTokens,
  raceProofs,
  racePushedRequests,
  raceRefreshTokens,
} from './race-scenarios.ts'

describe('the races see a server that reads, then writes', () => {
  let mutant: Awaited<ReturnType<typeof buildMutatedServer>>
  let bench: ServerGroup
  beforeAll(async () => {
    mutant = await buildMutatedServer([readThenRedeem, readThenAnswer, readThenRotate, readThenRegister, readThenProve])
    bench = await startServerGroup({ program: mutant.program })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    await bench?.close()
    await mutant?.remove()
  })

  it(
    'give codes to more than one',
    async () => {
      const { tally } = await raceCodes(bench, await bench.registerClient(), RACES)
      printFigures(`mutant, codes × ${ATTEMPTS}`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'answer a pushed request more than once',
    async () => {
      const tally = await racePushedRequests(bench, await bench.registerClient(), RACES)
      printFigures(`mutant, pushed requests × ${ATTEMPTS}`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'fork families with a grace period',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
      const { tally } = await raceRefreshTokens(bench, client, RACES)
      printFigures(`mutant, refresh tokens × ${ATTEMPTS}, window on`, { ...tally })
      expect(tally.forked).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'rotate more than once without a grace period',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const { tally } = await raceRefreshTokens(bench, client, RACES)
      printFigures(`mutant, refresh tokens × ${ATTEMPTS}, window 0`, { ...tally })
      expect(tally.doubled).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'take one DPoP proof from more than one',
    async () => {
      const tally = await raceProofs(bench, RACES)
      printFigures(`mutant, DPoP proofs × ${ATTEMPTS}`, tally)
      expect(tally.doubled).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'let more clients in than a token is good for',
    async () => {
      const { tally } = await raceInitialTokens(bench, 1, REGISTRATION_RACES)
      printFigures(`mutant, initial access tokens × ${ATTEMPTS}`, { ...tally })
      expect(tally.overdrawn).toBeGreaterThan(0)
    },
    RACE_TIMEOUT_MS,
  )
})
