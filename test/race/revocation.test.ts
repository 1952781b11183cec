import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  authorizationCodeOf,
  startServerGroup,
  serverIndexOf,
  type ServerGroup,
  type RaceClient,
} from './server-group.ts'
import { readCount, mapConcurrently, RACE_TIMEOUT_MS, printFigures, stopwatch, repeat } from './race-report.ts'
import { expectStatus, stringMember, send, type HttpResult } from './http-client.ts'
import { countActive, refreshTokensOf } from './race-scenarios.ts'

const PAIRS = readCount('RACE_PAIRS', 300)
/** Number of grants of one session or client whose revocation is raced. */
const TOGETHER = 10
const ROUNDS = Math.ceil(PAIRS / TOGETHER)

describe('what is ended while it is being used is ended, once both have returned', () => {
  let bench: ServerGroup
  let client: RaceClient
  beforeAll(async () => {
    bench = await startServerGroup()
    client = await bench.registerClient({ refreshTokenReuseWindow: 60 })
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  const signOut = (round: number, cookie: string) =>
    send(bench.at(serverIndexOf(round), '/v1/auth/logout'), { method: 'POST', headers: { cookie } })

  /** Every token that some answers carry. */
  const tokensOf = (answers: readonly HttpResult[]) => {
    const issued = answers.filter(({ status }) => status === 200)
    return [...refreshTokensOf(issued), ...issued.map((answer) => stringMember(answer, 'access_token'))]
  }

  /** Starts all at once, the last of them at a random place, and resolves with what came of the others. */
  async function amid(
    uses: readonly (() => Promise<HttpResult>)[],
    end: () => Promise<HttpResult>,
  ): Promise<HttpResult[]> {
    const place = Math.floor(Math.random() * (uses.length + 1))
    const before = uses.slice(0, place).map((use) => use())
    const ending = end()
    const after = uses.slice(place).map((use) => use())
    expectStatus(await ending, 200)
    const answers = await Promise.all([...before, ...after])
    expect(answers.filter(({ status }) => ![200, 400, 401].includes(status))).toEqual([])
    return answers
  }

  function conclude(title: string, answers: readonly HttpResult[], survivors: number, seconds: number): number {
    const won = answers.filter(({ status }) => status === 200).length
    printFigures(title, { pairs: answers.length, 'used before the end': won, survivors, seconds })
    return survivors
  }

  it(
    'RFC 7009 §2.1: a refresh token that is revoked while it is rotated',
    async () => {
      const elapsed = stopwatch()
      const issued = await bench.tokens(client, PAIRS)
      const answers = await mapConcurrently(issued, 8, (answer, index) => {
        const token = stringMember(answer, 'refresh_token')
        const use = () => bench.refresh(serverIndexOf(index), client, token)
        return amid([use], () => bench.revoke(serverIndexOf(index + 1), client, token))
      })
      const survivors = await countActive(bench, client, tokensOf([...issued, ...answers.flat()]))
      expect(conclude('revoke ∥ refresh', answers.flat(), survivors, elapsed())).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'sign-out while refresh tokens of the session are rotated',
    async () => {
      const elapsed = stopwatch()
      const rounds = await mapConcurrently(repeat(ROUNDS), 2, async (_, round) => {
        const cookie = await bench.signIn()
        const issued = await bench.tokens(client, TOGETHER, cookie)
        const uses = issued.map((answer, index) => {
          return () => bench.refresh(serverIndexOf(index), client, stringMember(answer, 'refresh_token'))
        })
        return { issued, answers: await amid(uses, () => signOut(round, cookie)) }
      })
      const answers = rounds.flatMap((round) => round.answers)
      const tokens = tokensOf([...answers, ...rounds.flatMap(({ issued }) => issued)])
      expect(conclude('sign-out ∥ refresh', answers, await countActive(bench, client, tokens), elapsed())).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'sign-out while codes of the session are exchanged',
    async () => {
      const elapsed = stopwatch()
      const rounds = await mapConcurrently(repeat(ROUNDS), 2, async (_, round) => {
        const cookie = await bench.signIn()
        const codes = await bench.codes(client, TOGETHER, cookie)
        const uses = codes.map((code, index) => () => bench.exchange(serverIndexOf(index), client, code))
        return amid(uses, () => signOut(round, cookie))
      })
      const survivors = await countActive(bench, client, tokensOf(rounds.flat()))
      expect(conclude('sign-out ∥ exchange', rounds.flat(), survivors, elapsed())).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'revocation of a client while it exchanges codes, also after it was made active again',
    async () => {
      const elapsed = stopwatch()
      const rounds = await mapConcurrently(repeat(ROUNDS), 2, async (_, round) => {
        const revoked = await bench.registerClient()
        const codes = await bench.codes(revoked, TOGETHER)
        const uses = codes.map((code, index) => () => bench.exchange(serverIndexOf(index), revoked, code))
        const answers = await amid(uses, () => bench.administer(serverIndexOf(round), 'POST', `/${revoked.id}/revoke`))
        const access = answers
          .filter(({ status }) => status === 200)
          .map((answer) => stringMember(answer, 'access_token'))
        const survivors = await countActive(bench, client, access)
        await reactivate(revoked)
        return { answers, survivors: survivors + (await countActive(bench, revoked, tokensOf(answers))) }
      })
      const survivors = rounds.reduce((total, round) => total + round.survivors, 0)
      expect(
        conclude(
          'client revoke ∥ exchange',
          rounds.flatMap(({ answers }) => answers),
          survivors,
          elapsed(),
        ),
      ).toBe(0)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'revocation of a client while codes are issued to it',
    async () => {
      const elapsed = stopwatch()
      const rounds = await mapConcurrently(repeat(ROUNDS), 2, async (_, round) => {
        const revoked = await bench.registerClient()
        const authorized: Promise<HttpResult>[] = []
        const revoking = bench.administer(serverIndexOf(round), 'POST', `/${revoked.id}/revoke`)
        for (const [index] of repeat(TOGETHER).entries())
          authorized.push(bench.authorize(serverIndexOf(index), revoked))
        expectStatus(await revoking, 200)
        const codes = (await Promise.all(authorized)).filter(({ status }) => status === 302).map(authorizationCodeOf)
        // What was allowed while it was revoked stays void when it comes back.
        await reactivate(revoked)
        return mapConcurrently(codes, 4, (code, index) => bench.exchange(serverIndexOf(index), revoked, code))
      })
      const alive = rounds.flat().filter(({ status }) => ![400, 401].includes(status))
      printFigures('client revoke ∥ authorize', {
        pairs: ROUNDS * TOGETHER,
        codes: rounds.flat().length,
        survivors: alive.length,
        seconds: elapsed(),
      })
      expect(alive).toHaveLength(0)
    },
    RACE_TIMEOUT_MS,
  )

  /** Makes a revoked client active again, and waits until both processes know. */
  async function reactivate({ id, ...revoked }: RaceClient): Promise<void> {
    expectStatus(await bench.administer(0, 'PATCH', `/${id}`, { isActive: true }), 200)
    for (const side of [0, 1]) {
      while ((await bench.refresh(side, { id, ...revoked }, 'rt_')).status === 401) {
        // The notification arrives within a moment.
      }
    }
  }
})
