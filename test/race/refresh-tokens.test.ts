import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBench, sideOf, type Bench, type BenchClient } from './bench.ts'
import { amount, forEach, PATIENCE, RACES, report } from './figures.ts'
import { member } from './http.ts'
import { ATTEMPTS, countActive, isRefusedGrant, raceRefreshTokens, refreshTokensOf } from './races.ts'

const TOKENS = amount('RACE_TOKENS', RACES)

describe('RFC 9700 §4.14.2, over two processes: refresh tokens rotate without forks', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await openBench()
  }, PATIENCE)
  afterAll(() => bench?.close())

  describe('with a reuse window', () => {
    let client: BenchClient
    let successors: string[]
    let tokens: string[]

    it(
      'answers every attempt within the window with the same successor',
      async () => {
        client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
        const { races, tally, ...raced } = await raceRefreshTokens(bench, client, TOKENS)
        tokens = raced.tokens
        report(`refresh tokens × ${ATTEMPTS}, window on`, { ...tally })

        expect(tally).toMatchObject({ races: TOKENS, unwon: 0, forked: 0, faults: 0, odd: 0 })
        expect(races.flatMap(({ won }) => won)).toHaveLength(TOKENS * ATTEMPTS)
        successors = races.flatMap(({ won }) => [...refreshTokensOf(won)])
      },
      PATIENCE,
    )

    it(
      'leaves one live token for each family',
      async () => {
        expect(await countActive(bench, client, successors)).toBe(TOKENS)
        expect(await countActive(bench, client, tokens)).toBe(0)
        const generations = await bench.query('SELECT DISTINCT generation FROM refresh_families')
        expect(generations).toEqual([{ generation: 1 }])
      },
      PATIENCE,
    )

    it(
      'ends the family when a token older than the predecessor comes back, the newest token included',
      async () => {
        const sample = successors.slice(0, 100)
        const newest = await forEach(sample, 8, async (token, index) =>
          member(await bench.refresh(sideOf(index), client, token), 'refresh_token'),
        )
        const reused = await forEach(tokens.slice(0, sample.length), 8, (token, index) =>
          bench.refresh(sideOf(index + 1), client, token),
        )
        expect(reused.filter(isRefusedGrant)).toHaveLength(sample.length)
        expect(await countActive(bench, client, newest)).toBe(0)
        const refused = await forEach(newest, 8, (token, index) => bench.refresh(sideOf(index), client, token))
        expect(refused.filter(isRefusedGrant)).toHaveLength(sample.length)
      },
      PATIENCE,
    )
  })

  it(
    'without a reuse window has one success for every token, and the reuse ends the family',
    async () => {
      const client = await bench.registerClient({ refreshTokenReuseWindow: 0 })
      const { races, tally } = await raceRefreshTokens(bench, client, TOKENS)
      const won = races.flatMap((race) => race.won)
      const issued = [...refreshTokensOf(won), ...won.map((answer) => member(answer, 'access_token'))]
      const alive = await countActive(bench, client, issued)
      report(`refresh tokens × ${ATTEMPTS}, window 0`, { ...tally, 'alive after reuse': alive })

      expect(tally).toMatchObject({ races: TOKENS, doubled: 0, unwon: 0, forked: 0, faults: 0, odd: 0 })
      expect(races.flatMap(({ lost }) => lost)).toHaveLength(TOKENS * (ATTEMPTS - 1))
      expect(alive).toBe(0)
    },
    PATIENCE,
  )
})
