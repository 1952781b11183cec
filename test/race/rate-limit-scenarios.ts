// Guesses, failures and requests that come to all processes of a bench, each check from an address of its own. They
// only report what was answered; what must be is for the tests to say.
import { OWNER } from '../support/server-processes.ts'
import type { ServerGroup } from './server-group.ts'
import { repeat } from './race-report.ts'
import { send, type HttpResult } from './http-client.ts'

export const ACCOUNT_MAX = 6
export const TOKEN_MAX = 8
export const REQUEST_MAX = 100

/** What a bench is opened with. */
export const RATE_LIMIT_ENVIRONMENT = {
  TRUST_PROXY: '127.0.0.1',
  ACCOUNT_RATE_MAX: String(ACCOUNT_MAX),
  TOKEN_RATE_MAX: String(TOKEN_MAX),
  TOKEN_RATE_WINDOW_SEC: '3600',
  RATE_MAX: String(REQUEST_MAX),
  RATE_WINDOW_SEC: '3600',
} as const

/** Over a connection of its own, so that it comes to any of the processes behind a port. */
const headersFrom = (address: string) => ({ connection: 'close', 'x-forwarded-for': address })

export const signIn = (
  bench: ServerGroup,
  side: number,
  email: string,
  password: string,
  address: string,
): Promise<HttpResult> =>
  send(bench.at(side, '/v1/auth/login'), { json: { email, password }, headers: headersFrom(address) })

/** How often each status came. */
export function countStatuses(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** Concurrent guesses. A 429 without Retry-After is returned as 0. */
export async function guessConcurrently(
  bench: ServerGroup,
  guesses: number,
  email: string,
  address: string,
): Promise<number[]> {
  const answers = await Promise.all(repeat(guesses).map((_, side) => signIn(bench, side, email, 'not it', address)))
  return answers.map(({ status, headers }) => (status === 429 && !(Number(headers['retry-after']) > 0) ? 0 : status))
}

/** The owner's right password, to every process more than once. */
export async function signInEverywhere(bench: ServerGroup, address: string): Promise<number[]> {
  const { email, password } = OWNER
  const answers = await Promise.all(repeat(4).map((_, side) => signIn(bench, side, email, password, address)))
  return answers.map(({ status }) => status)
}

/** As many guesses as leave one attempt, anywhere, and then the right password. */
export async function signInAfterFailures(bench: ServerGroup, round: number, address: string): Promise<number[]> {
  const statuses: number[] = []
  for (let attempt = 1; attempt < ACCOUNT_MAX; attempt += 1) {
    statuses.push((await signIn(bench, attempt, OWNER.email, 'not it', address)).status)
  }
  statuses.push((await signIn(bench, round, OWNER.email, OWNER.password, address)).status)
  return statuses
}

/** Failed client authentications, one after the other. */
export async function failSequentially(bench: ServerGroup, failures: number, address: string): Promise<number[]> {
  const statuses: number[] = []
  for (let side = 0; side < failures; side += 1) {
    const form = { grant_type: 'client_credentials', client_id: 'unknown', client_secret: 'nothing' }
    statuses.push((await send(bench.at(side, '/oauth2/token'), { form, headers: headersFrom(address) })).status)
  }
  return statuses
}

/** Requests to a page, one after the other. */
export async function requestSequentially(bench: ServerGroup, requests: number, address: string): Promise<number[]> {
  const statuses: number[] = []
  for (let side = 0; side < requests; side += 1) {
    statuses.push((await send(bench.at(side, '/auth/login'), { headers: headersFrom(address) })).status)
  }
  return statuses
}
