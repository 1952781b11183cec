// What a client does while servers fall: it gets codes, exchanges them and rotates what it got, sends what was not
// answered again to the other process, and keeps a ledger of what it was given. Only what a client can see is in it.
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, type Bench, type BenchClient, type Side } from './bench.ts'
import { forEach, times } from './figures.ts'
import { member, type Answer } from './http.ts'
import { isRefusedGrant } from './races.ts'

/** What came of one code. The refresh tokens are in the order in which they were acknowledged. */
export interface Holding {
  accessTokens: string[]
  refreshTokens: string[]
}

export interface Ledger {
  holdings: Holding[]
  /** Requests whose answer never came, and those that were put off with 503. */
  unanswered: number
  putOff: number
  /** Codes that were refused after an earlier attempt had gone unanswered: it had taken effect. */
  codesLostWithTheirAnswer: number
  /** What must not be: refusals of what nobody had used, faults, 503 without Retry-After, no end to the retries. */
  wrongs: string[]
  /** The longest that any request took, in milliseconds. */
  longest: number
}

const ROTATIONS = 4
const RETRY_MS = 40
/** An outage that outlasts so many attempts has no end. */
const MOST_ATTEMPTS = 1000

/** Lets `width` wallets work on a bench of two until they are told to stop; they bring what they have begun to its end. */
export function workWallets(bench: Bench, client: BenchClient, width: number) {
  const ledger: Ledger = {
    holdings: [],
    unanswered: 0,
    putOff: 0,
    codesLostWithTheirAnswer: 0,
    wrongs: [],
    longest: 0,
  }
  const stop = new AbortController()

  /** Sends until there is an answer that means something, to the other process each time. */
  async function insist(what: string, attempt: (side: Side) => Promise<Answer>) {
    let side: Side = Math.random() < 0.5 ? 0 : 1
    for (let attempts = 1; attempts <= MOST_ATTEMPTS; attempts += 1) {
      const started = performance.now()
      const answer = await attempt(side)
      ledger.longest = Math.max(ledger.longest, Math.round(performance.now() - started))
      if (answer.status === 0) ledger.unanswered += 1
      else if (answer.status === 503) {
        ledger.putOff += 1
        if (answer.headers['retry-after'] === undefined) ledger.wrongs.push(`${what}: 503 without Retry-After`)
      } else {
        if (answer.status >= 500) ledger.wrongs.push(`${what}: ${answer.status} ${answer.body.slice(0, 300)}`)
        return { answer, retried: attempts > 1 }
      }
      side = side === 0 ? 1 : 0
      await sleep(RETRY_MS)
    }
    ledger.wrongs.push(`${what}: no end to the retries`)
    return undefined
  }

  async function fillHolding(): Promise<void> {
    const authorized = await insist('authorize', (side) => bench.authorize(side, client))
    if (authorized?.answer.status !== 302) return note('authorize', authorized?.answer)
    const code = codeOf(authorized.answer)
    const exchanged = await insist('exchange', (side) => bench.exchange(side, client, code))
    if (!exchanged) return
    if (exchanged.retried && isRefusedGrant(exchanged.answer)) {
      ledger.codesLostWithTheirAnswer += 1
      return
    }
    if (exchanged.answer.status !== 200) return note('exchange', exchanged.answer)
    const holding = { accessTokens: [], refreshTokens: [] }
    ledger.holdings.push(holding)
    let newest = acknowledge(holding, exchanged.answer)
    for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
      // Whether or not an unanswered attempt took effect, the window answers the next one.
      const refreshed = await insist('refresh', (side) => bench.refresh(side, client, newest))
      if (refreshed?.answer.status !== 200) return note('refresh', refreshed?.answer)
      newest = acknowledge(holding, refreshed.answer)
    }
  }

  function note(what: string, answer: Answer | undefined): void {
    if (answer) ledger.wrongs.push(`${what}: ${answer.status} ${answer.body.slice(0, 300)}`)
  }

  const working = Promise.all(
    times(width).map(async () => {
      while (!stop.signal.aborted) await fillHolding()
    }),
  )
  return {
    /** Resolves once `count` more answers with tokens have come. */
    async progress(count: number): Promise<void> {
      const wanted = acknowledgements(ledger) + count
      while (acknowledgements(ledger) < wanted && ledger.wrongs.length === 0) await sleep(10)
    },
    async stop(): Promise<Ledger> {
      stop.abort()
      await working
      return ledger
    },
  }
}

function acknowledgements({ holdings }: Ledger): number {
  return holdings.reduce((total, { accessTokens }) => total + accessTokens.length, 0)
}

function acknowledge({ accessTokens, refreshTokens }: Holding, answer: Answer): string {
  const refreshToken = member(answer, 'refresh_token')
  accessTokens.push(member(answer, 'access_token'))
  refreshTokens.push(refreshToken)
  return refreshToken
}

/** Compares a ledger with what the servers say now, and has the database checked for halves of what they wrote. */
export async function audit(bench: Bench, client: BenchClient, ledger: Ledger) {
  const { holdings } = ledger
  const active = (side: Side) => (token: string) => bench.isActive(side, client, token)
  const found = await forEach(holdings, 8, async ({ accessTokens, refreshTokens }, index) => {
    const ask = active(index % 2 === 0 ? 0 : 1)
    const access = await Promise.all(accessTokens.map(ask))
    const refresh = await Promise.all(refreshTokens.map(ask))
    return {
      accessLost: access.filter((alive) => !alive).length,
      newestLost: refresh.at(-1) === true ? 0 : 1,
      olderAlive: refresh.slice(0, -1).filter(Boolean).length,
      forks: refreshTokens.length - new Set(refreshTokens).size,
    }
  })
  const sum = (of: (one: (typeof found)[number]) => number) => found.reduce((total, one) => total + of(one), 0)
  const [stored] = await bench.query<Record<'halves' | 'orphans' | 'siblings', number>>(`
    SELECT (SELECT count(*) FROM authorization_codes c WHERE consumed_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM refresh_families f WHERE f.grant_id = c.grant_id))::int AS halves,
      (SELECT count(*) FROM refresh_families f WHERE NOT EXISTS (
        SELECT FROM grants g WHERE g.id = f.grant_id))::int AS orphans,
      (SELECT count(*) - count(DISTINCT grant_id) FROM refresh_families)::int AS siblings`)
  if (!stored) throw new Error('The database did not answer')
  return {
    acknowledged: acknowledgements(ledger),
    accessTokensLost: sum(({ accessLost }) => accessLost),
    newestRefreshTokensLost: sum(({ newestLost }) => newestLost),
    supersededAlive: sum(({ olderAlive }) => olderAlive),
    forks: sum(({ forks }) => forks),
    codesHalfRedeemed: stored.halves,
    familiesWithoutGrant: stored.orphans,
    grantsWithTwoFamilies: stored.siblings,
  }
}

/** An audit that found nothing. */
export const NOTHING_LOST = {
  accessTokensLost: 0,
  newestRefreshTokensLost: 0,
  supersededAlive: 0,
  forks: 0,
  codesHalfRedeemed: 0,
  familiesWithoutGrant: 0,
  grantsWithTwoFamilies: 0,
} as const
