import { ApiError, createApiError } from './api-error.ts'
import type { ApiRequest, ApiResponse } from './request.ts'

export interface FetchInit {
  method: string
  headers: Readonly<Record<string, string>>
  body?: string
  signal: AbortSignal
  redirect: 'manual'
}

/** As much of `fetch` as is needed here. Another one can log progress or present a client certificate. */
export type Fetch = (address: string, init: FetchInit) => Promise<Response>

const RESPONSE_TIMEOUT_MS = 30_000

/**
 * Sends a request once and returns the response, whatever its status. `server` is an origin, or empty for the origin of
 * the page. Throws `unreachable` without a response. Redirects are not followed: the request may carry a credential that
 * only this server may see.
 */
export async function sendRequest<Result>(
  server: string,
  { method, path, headers, body }: ApiRequest<Result>,
  fetch: Fetch = globalThis.fetch,
): Promise<ApiResponse<Result>> {
  try {
    const response = await fetch(server + path, {
      method,
      headers: { accept: 'application/json, application/problem+json;q=0.9, */*;q=0.1', ...headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
      redirect: 'manual',
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parseBody(response, text) as Result }
  } catch (error) {
    throw new ApiError({ kind: 'unreachable', message: `${server} does not respond: ${reasonOf(error)}` })
  }
}

/** Returns a successful response and throws the error of any other. */
export function requireSuccess<Result>(response: ApiResponse<Result>): ApiResponse<Result> {
  if (response.status >= 300) throw createApiError(response.status, response.body, retryAfterOf(response))
  return response
}

/** Seconds (RFC 9110 §10.2.3). Our servers send no dates here. */
function retryAfterOf({ headers }: ApiResponse): number | undefined {
  const value = headers.get('retry-after') ?? ''
  return /^\d{1,6}$/.test(value) ? Number(value) : undefined
}

function parseBody(response: Response, text: string): unknown {
  if (text === '') return undefined
  if (!/[/+]json\b/.test(response.headers.get('content-type') ?? '')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return `no response within ${RESPONSE_TIMEOUT_MS / 1000} s.`
  if (cause instanceof Error && cause.message !== '') return cause.message
  return (cause as { code?: string } | undefined)?.code ?? message
}
