// The races that must have one winner each, or as many as there is room for. They only count; what the counts must be is for the tests to say, since
// a server that is broken on purpose runs the same races.
import { serverIndexOf, type ServerGroup, type RaceClient } from './server-group.ts'
import { mapConcurrently, stopwatch, repeat } from './race-report.ts'
import { dpopProof, makeDpopKey } from '../support/dpop.ts'
import { stringMember, send, type HttpResult } from './http-client.ts'

/** Attempts on one code or token: four on each process. They leave in one turn of the event loop. */
export const ATTEMPTS = 8
/** Codes or tokens that are raced at the same time. */
const WIDTH = 4

export interface RaceResult {
  won: HttpResult[]
  lost: HttpResult[]
  /** Neither 200 nor `invalid_grant` with 400. */
  other: HttpResult[]
}

export interface OutcomeCounts {
  races: number
  /** Races with more than one success, and with none. */
  doubled: number
  unwon: number
  /** Races whose successes carry more than one refresh token. */
  forked: number
  /** Answers of status 500 and above, and whatever else is neither a success nor a refusal by `invalid_grant`. */
  faults: number
  odd: number
  seconds: number
}

/** Presents each of `count` codes `ATTEMPTS` times at once. */
export async function raceCodes(bench: ServerGroup, client: RaceClient, count: number) {
  const codes = await bench.codes(client, count)
  return race(codes, (code, index) => bench.exchange(serverIndexOf(index), client, code))
}

/** Has each of `count` pushed requests brought by `ATTEMPTS` browsers at once, all of them signed in (RFC 9126 §7.3). */
export async function racePushedRequests(bench: ServerGroup, client: RaceClient, count: number) {
  const elapsed = stopwatch()
  const requestUris = await mapConcurrently(repeat(count), WIDTH, (_, index) =>
    bench.push(serverIndexOf(index), client),
  )
  const races = await mapConcurrently(requestUris, WIDTH, (requestUri) =>
    Promise.all(repeat(ATTEMPTS).map((_, index) => bench.bring(serverIndexOf(index), client, requestUri))),
  )
  const hasCode = ({ status, headers }: HttpResult) => status === 302 && String(headers['location']).includes('code=')
  const isRefused = ({ status, headers }: HttpResult) =>
    status === 400 || (status === 302 && String(headers['location']).includes('error=invalid_request&'))
  const won = races.map((answers) => answers.filter(hasCode).length)
  return {
    races: races.length,
    doubled: won.filter((codes) => codes > 1).length,
    unwon: won.filter((codes) => codes === 0).length,
    odd: races.flat().filter((answer) => !hasCode(answer) && !isRefused(answer)).length,
    seconds: elapsed(),
  }
}

/** Presents each of `count` refresh tokens `ATTEMPTS` times at once. */
export async function raceRefreshTokens(bench: ServerGroup, client: RaceClient, count: number) {
  const issued = await bench.tokens(client, count)
  const tokens = issued.map((answer) => stringMember(answer, 'refresh_token'))
  return { tokens, ...(await race(tokens, (token, index) => bench.refresh(serverIndexOf(index), client, token))) }
}

async function race(
  prizes: readonly string[],
  attempt: (prize: string, index: number) => Promise<HttpResult>,
): Promise<{ races: RaceResult[]; tally: OutcomeCounts }> {
  const elapsed = stopwatch()
  const races = await mapConcurrently(prizes, WIDTH, async (prize) => {
    const answers = await Promise.all(repeat(ATTEMPTS).map((_, index) => attempt(prize, index)))
    return {
      won: answers.filter(({ status }) => status === 200),
      lost: answers.filter(isRefusedGrant),
      other: answers.filter((answer) => answer.status !== 200 && !isRefusedGrant(answer)),
    }
  })
  const faults = races.flatMap(({ other }) => other).filter(({ status }) => status >= 500)
  const tally = {
    races: races.length,
    doubled: races.filter(({ won }) => won.length > 1).length,
    unwon: races.filter(({ won }) => won.length === 0).length,
    forked: races.filter(({ won }) => refreshTokensOf(won).size > 1).length,
    faults: faults.length,
    odd: races.flatMap(({ other }) => other).length - faults.length,
    seconds: elapsed(),
  }
  return { races, tally }
}

/** Presents each of `count` initial access tokens, good for `uses` clients, `ATTEMPTS` times at once. */
export async function raceInitialTokens(bench: ServerGroup, uses: number, count: number) {
  const elapsed = stopwatch()
  const tokens = await mapConcurrently(repeat(count), WIDTH, () => bench.initialToken(uses))
  const races = await mapConcurrently(tokens, WIDTH, (token) =>
    Promise.all(repeat(ATTEMPTS).map((_, index) => bench.register(serverIndexOf(index), token))),
  )
  const won = races.map((answers) => answers.filter(({ status }) => status === 201))
  const refused = ({ status, body }: HttpResult) => status === 401 && body.includes('"invalid_token"')
  return {
    clients: won.flat().map((answer) => stringMember(answer, 'client_id')),
    tally: {
      races: races.length,
      overdrawn: won.filter(({ length }) => length > uses).length,
      wasted: won.filter(({ length }) => length < uses).length,
      odd: races.flat().filter((answer) => answer.status !== 201 && !refused(answer)).length,
      seconds: elapsed(),
    },
  }
}

/** Sends each of `count` DPoP proofs `ATTEMPTS` times at once, each time with what would be granted without an end. */
export async function raceProofs(bench: ServerGroup, count: number) {
  const elapsed = stopwatch()
  const client = await bench.registerClient({
    grantTypes: ['client_credentials'],
    redirectUris: [],
    scopes: ['race'],
  })
  const key = await makeDpopKey()
  const clock = { now: () => new Date(), advance: () => {} }
  const races = await mapConcurrently(repeat(count), WIDTH, async () => {
    const dpop = await dpopProof({ clock }, key, { issuer: bench.serverAt(0).url })
    const ask = (side: number) =>
      send(bench.at(side, '/oauth2/token'), {
        form: { grant_type: 'client_credentials' },
        headers: { authorization: client.authorization, dpop },
      })
    return Promise.all(repeat(ATTEMPTS).map((_, index) => ask(serverIndexOf(index))))
  })
  const won = races.map((answers) => answers.filter(({ status }) => status === 200).length)
  const refused = ({ status, body }: HttpResult) => status === 400 && body.includes('"invalid_dpop_proof"')
  return {
    races: races.length,
    doubled: won.filter((wins) => wins > 1).length,
    unwon: won.filter((wins) => wins === 0).length,
    odd: races.flat().filter((answer) => answer.status !== 200 && !refused(answer)).length,
    seconds: elapsed(),
  }
}

/** The refresh tokens that some answers carry, each once. */
export function refreshTokensOf(answers: readonly HttpResult[]): Set<string> {
  return new Set(answers.map((answer) => stringMember(answer, 'refresh_token')))
}

export function isRefusedGrant({ status, body }: HttpResult): boolean {
  return status === 400 && body.includes('"invalid_grant"')
}

/** How many of some tokens work, asked of the processes in turn. */
export async function countActive(bench: ServerGroup, client: RaceClient, tokens: readonly string[]): Promise<number> {
  const active = await mapConcurrently(tokens, 16, (token, index) =>
    bench.isActive(serverIndexOf(index), client, token),
  )
  return active.filter(Boolean).length
}
