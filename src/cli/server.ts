import { requestByCertificate, type ClientCertificate } from './certificate-request.ts'
import { Failure, failureOf } from './failure.ts'
import { tellOfWaiting } from './output.ts'

/** A request to a server. The body goes as it is. */
export interface ServerRequest {
  method: string
  /** With its query. */
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** What this end shows of itself while the connection is made. */
  certificate?: ClientCertificate
}

export interface ServerAnswer {
  status: number
  headers: Headers
  /** JSON as a value, other text as text, nothing as undefined. */
  body: unknown
}

/** How long an answer may take, in milliseconds. */
const PATIENCE = 30_000

/**
 * Asks a server once, and answers whatever it says. Throws `unreachable` where it says nothing. Redirects are not followed:
 * what is sent may be a secret of this server alone.
 */
export async function ask(server: string, request: ServerRequest): Promise<ServerAnswer> {
  const stopTelling = tellOfWaiting(server)
  try {
    const init = {
      method: request.method,
      signal: AbortSignal.timeout(PATIENCE),
      headers: { accept: 'application/json, application/problem+json;q=0.9, */*;q=0.1', ...request.headers },
      ...(request.body !== undefined && { body: request.body }),
    }
    const response = request.certificate
      ? await requestByCertificate(server + request.path, init, request.certificate)
      : await fetch(server + request.path, { ...init, redirect: 'manual' })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: bodyOf(response, text) }
  } catch (error) {
    throw new Failure('unreachable', `${server} does not answer: ${reasonOf(error)}`)
  } finally {
    stopTelling()
  }
}

/** The same, where anything but success is a failure. */
export async function demand(server: string, request: ServerRequest): Promise<ServerAnswer> {
  return succeeded(await ask(server, request))
}

/** An answer that is a success; throws what it refuses with otherwise. */
export function succeeded(answer: ServerAnswer): ServerAnswer {
  if (answer.status >= 300) throw failureOf(answer.status, answer.body, retryAfterOf(answer))
  return answer
}

/** RFC 9110 §10.2.3, in seconds; dates are not what our servers say. */
function retryAfterOf({ headers }: ServerAnswer): number | undefined {
  const said = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(said) ? Number(said) : undefined
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
