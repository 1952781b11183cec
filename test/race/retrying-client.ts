// What a client does while servers fall: it gets codes, exchanges them and rotates what it got, sends what was not
// answered again to the other process, and keeps a ledger of what it was given. Only what a client can see is in it.
import { setTimeout as sleep } from 'node:timers/promises'
import { authorizationCodeOf, type ServerGroup, type RaceClient, type ServerIndex } from './server-group.ts'
import { mapConcurrently, repeat } from './race-report.ts'
import { stringMember, type HttpResult } from './http-client.ts'
import { isRefusedGrant } from './race-scenarios.ts'

/** What came of one code. The refresh tokens are in the order in which they were acknowledged. */
export interface TokenHistory {
  accessTokens: string[]
  refreshTokens: string[]
}

export interface ClientReport {
  histories: TokenHistory[]
  /** Requests whose answer never came, and those that were put off with 503. */
  unanswered: number
  rejectedWith503: number
  /** Codes that were refused after an earlier attempt had gone unanswered: it had taken effect. */
  codesLostWithTheirAnswer: number
  /** Violations: unused values rejected, server errors, 503 without Retry-After, endless retries. */
  violations: string[]
  /** The longest that any request took, in milliseconds. */
  longestRequestMs: number
}

const ROTATIONS_PER_CODE = 4
const RETRY_DELAY_MS = 40
/** An outage that outlasts this number of attempts counts as endless. */
const MAX_ATTEMPTS = 1000

/** Runs `concurrency` clients on a group of two servers until they are stopped; each completes its current flow. */
export function runRetryingClients(bench: ServerGroup, client: RaceClient, concurrency: number) {
  const report: ClientReport = {
    histories: [],
    unanswered: 0,
    rejectedWith503: 0,
    codesLostWithTheirAnswer: 0,
    violations: [],
    longestRequestMs: 0,
  }
  const stop = new AbortController()

  /** Sends until there is an answer that means something, to the other process each time. */
  async function sendUntilAnswered(what: string, attempt: (side: ServerIndex) => Promise<HttpResult>) {
    let side: ServerIndex = Math.random() < 0.5 ? 0 : 1
    for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts += 1) {
      const started = performance.now()
      const answer = await attempt(side)
      report.longestRequestMs = Math.max(report.longestRequestMs, Math.round(performance.now() - started))
      if (answer.status === 0) report.unanswered += 1
      else if (answer.status === 503) {
        report.rejectedWith503 += 1
        if (answer.headers['retry-after'] === undefined) report.violations.push(`${what}: 503 without Retry-After`)
      } else {
        if (answer.status >= 500) report.violations.push(`${what}: ${answer.status} ${answer.body.slice(0, 300)}`)
        return { answer, retried: attempts > 1 }
      }
      side = side === 0 ? 1 : 0
      await sleep(RETRY_DELAY_MS)
    }
    report.violations.push(`${what}: no end to the retries`)
    return undefined
  }

  async function runTokenLifecycle(): Promise<void> {
    const authorized = await sendUntilAnswered('authorize', (side) => bench.authorize(side, client))
    if (authorized?.answer.status !== 302) return recordViolation('authorize', authorized?.answer)
    const code = authorizationCodeOf(authorized.answer)
    const exchanged = await sendUntilAnswered('exchange', (side) => bench.exchange(side, client, code))
    if (!exchanged) return
    if (exchanged.retried && isRefusedGrant(exchanged.answer)) {
      report.codesLostWithTheirAnswer += 1
      return
    }
    if (exchanged.answer.status !== 200) return recordViolation('exchange', exchanged.answer)
    const holding = { accessTokens: [], refreshTokens: [] }
    report.histories.push(holding)
    let newest = recordTokens(holding, exchanged.answer)
    for (let rotation = 0; rotation < ROTATIONS_PER_CODE; rotation += 1) {
      // Whether or not an unanswered attempt took effect, the window answers the next one.
      const refreshed = await sendUntilAnswered('refresh', (side) => bench.refresh(side, client, newest))
      if (refreshed?.answer.status !== 200) return recordViolation('refresh', refreshed?.answer)
      newest = recordTokens(holding, refreshed.answer)
    }
  }

  function recordViolation(what: string, answer: HttpResult | undefined): void {
    if (answer) report.violations.push(`${what}: ${answer.status} ${answer.body.slice(0, 300)}`)
  }

  const workers = Promise.all(
    repeat(concurrency).map(async () => {
      while (!stop.signal.aborted) await runTokenLifecycle()
    }),
  )
  return {
    /** Resolves once `count` more answers with tokens have come. */
    async progress(count: number): Promise<void> {
      const wanted = countAcknowledged(report) + count
      while (countAcknowledged(report) < wanted && report.violations.length === 0) await sleep(10)
    },
    async stop(): Promise<ClientReport> {
      stop.abort()
      await workers
      return report
    },
  }
}

function countAcknowledged({ histories }: ClientReport): number {
  return histories.reduce((total, { accessTokens }) => total + accessTokens.length, 0)
}

function recordTokens({ accessTokens, refreshTokens }: TokenHistory, answer: HttpResult): string {
  const refreshToken = stringMember(answer, 'refresh_token')
  accessTokens.push(stringMember(answer, 'access_token'))
  refreshTokens.push(refreshToken)
  return refreshToken
}

/** Compares a ledger with what the servers say now, and has the database checked for halves of what they wrote. */
export async function verifyTokens(bench: ServerGroup, client: RaceClient, report: ClientReport) {
  const { histories } = report
  const active = (side: ServerIndex) => (token: string) => bench.isActive(side, client, token)
  const found = await mapConcurrently(histories, 8, async ({ accessTokens, refreshTokens }, index) => {
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
        SELECT FROM refresh_token_families f WHERE f.grant_id = c.grant_id))::int AS halves,
      (SELECT count(*) FROM refresh_token_families f WHERE NOT EXISTS (
        SELECT FROM grants g WHERE g.id = f.grant_id))::int AS orphans,
      (SELECT count(*) - count(DISTINCT grant_id) FROM refresh_token_families)::int AS siblings`)
  if (!stored) throw new Error('The database did not answer')
  return {
    acknowledged: countAcknowledged(report),
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
export const NO_LOSSES = {
  accessTokensLost: 0,
  newestRefreshTokensLost: 0,
  supersededAlive: 0,
  forks: 0,
  codesHalfRedeemed: 0,
  familiesWithoutGrant: 0,
  grantsWithTwoFamilies: 0,
} as const
