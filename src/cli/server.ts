import { setTimeout as sleep } from 'node:timers/promises'
import { Failure, failureOf } from './failure.ts'
import { tell } from './output.ts'

/** A request to a server. The body goes as it is. */
export interface ServerRequest {
  method: string
  /** With its query. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}

export interface ServerAnswer {
  status: number
  headers: Headers
  /** JSON as a value, other text as text, nothing as undefined. */
  body: unknown
}

/** How long an answer may take, in milliseconds. */
const PATIENCE = 30_000
/** After how long somebody who waits is told so. */
const SILENCE = 1000

/**
 * Asks a server once, and answers whatever it says. Throws `unreachable` where it says nothing. Redirects are not followed:
 * what is sent may be a secret of this server alone.
 */
export async function ask(server: string, request: ServerRequest): Promise<ServerAnswer> {
  const answered = new AbortController()
  void sleep(SILENCE, undefined, { signal: answered.signal, ref: false }).then(
    () => tell(`Waiting for ${server} …`),
    () => undefined,
  )
  try {
    const response = await fetch(server + request.path, {
      method: request.method,
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
      headers: { accept: 'application/json, application/problem+json;q=0.9, */*;q=0.1', ...request.headers },
      ...(request.body !== undefined && { body: request.body }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: bodyOf(response, text) }
  } catch (error) {
    throw new Failure('unreachable', `${server} does not answer: ${reasonOf(error)}`)
  } finally {
    answered.abort()
  }
}

/** The same, where anything but success is a failure. */
export async function demand(server: string, request: ServerRequest): Promise<ServerAnswer> {
  const answer = await ask(server, request)
  if (answer.status >= 300) throw failureOf(answer.status, answer.body)
  return answer
}

/** Sends a form, as the OAuth endpoints want it; undefined fields are left out. */
export async function sendForm(
  server: string,
  path: string,
  fields: Readonly<Record<string, string | undefined>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<ServerAnswer> {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return ask(server, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given).toString(),
  })
}

function bodyOf(response: Response, text: string): unknown {
  if (text === '') return undefined
  if (!/[/+]json\b/.test(response.headers.get('content-type') ?? '')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  if ((error as Error).name === 'TimeoutError') return 'it took too long.'
  return cause instanceof Error && cause.message !== ''
    ? cause.message
    : ((cause as NodeJS.ErrnoException)?.code ?? message)
}
