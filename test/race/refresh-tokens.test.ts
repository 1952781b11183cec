import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServerGroup, serverIndexOf, type ServerGroup, type RaceClient } from './server-group.ts'
import { readCount, mapConcurrently, RACE_TIMEOUT_MS, RACES, printFigures } from './race-report.ts'
import { stringMember } from './http-client.ts'
import { ATTEMPTS, countActive, isRefusedGrant, raceRefreshTokens, refreshTokensOf } from './race-scenarios.ts'

const TOKENS = readCount('RACE_TOKENS', RACES)

describe('RFC 9700 §4.14.2, over two processes: refresh tokens rotate without forks', () => {
  let bench: ServerGroup
  beforeAll(async () => {
    bench = await startServerGroup()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  describe('with a reuse window', () => {
    let client: RaceClient
    let successors: string[]
    let tokens: string[]

    it(
      'answers every attempt within the window with the same successor',
      async () => {
        client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
        const { races, tally, ...raced } = await raceRefreshTokens(bench, client, TOKENS)
        tokens = raced.tokens
        printFigures(`refresh tokens × ${ATTEMPTS}, window on`, { ...tally })

        expect(tally).toMatchObject({ races: TOKENS, unwon: 0, forked: 0, faults: 0, odd: 0 })
        expect(races.flatMap(({ won }) => won)).toHaveLength(TOKENS * ATTEMPTS)
        successors = races.flatMap(({ won }) => [...refreshTokensOf(won)])
      },
      RACE_TIMEOUT_MS,
    )

    it(
      'leaves one live token for each family',
      async () => {
        expect(await countActive(bench, client, successors)).toBe(TOKENS)
        expect(await countActive(bench, client, tokens)).toBe(0)
        const generations = await bench.query('SELECT DISTINCT generation FROM refresh_token_families')
        expect(generations).toEqual([{ generation: 1 }])
      },
      RACE_TIMEOUT_MS,
    )

    it(
      'ends the family when a token older than the predecessor comes back, the newest token included',
      async () => {
        const sample = successors.slice(0, 100)
        const newest = await mapConcurrently(sample, 8, async (token, index) =>
          stringMember(await bench.refresh(serverIndexOf(index), client, token), 'refresh_token'),
        )
        const reused = await mapConcurrently(tokens.slice(0, sample.length), 8, (token, index) =>
          bench.refresh(serverIndexOf(index + 1), client, token),
        )
        expect(reused.filter(isRefusedGrant)).toHaveLength(sample.length)
        expect(await countActive(bench, client, newest)).toBe(0)
        const refused = await mapConcurrently(newest, 8, (token, index) =>
          bench.refresh(serverIndexOf(index), client, token),
        )
        expect(refused.filter(isRefusedGrant)).toHaveLength(sample.length)
      },
      RACE_TIMEOUT_MS,
    )
  })

  it(
    'without a reuse window has one success for every token, and the reuse ends the family',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const { races, tally } = await raceRefreshTokens(bench, client, TOKENS)
      const won = races.flatMap((race) => race.won)
      const issued = [...refreshTokensOf(won), ...won.map((answer) => stringMember(answer, 'access_token'))]
      const alive = await countActive(bench, client, issued)
      printFigures(`refresh tokens × ${ATTEMPTS}, window 0`, { ...tally, 'alive after reuse': alive })

      expect(tally).toMatchObject({ races: TOKENS, doubled: 0, unwon: 0, forked: 0, faults: 0, odd: 0 })
      expect(races.flatMap(({ lost }) => lost)).toHaveLength(TOKENS * (ATTEMPTS - 1))
      expect(alive).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )
})
