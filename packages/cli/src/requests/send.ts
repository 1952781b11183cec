// `requests` sends requests to a server: with a sign of progress at a terminal, several at once, again after a pause, and
// in the name of a client that authenticates itself. Who is signed in is known to `sign-in` alone.

import {
  ApiError,
  type ApiRequest,
  type ApiResponse,
  createApiError,
  type Fetch,
  requireSuccess,
  sendRequest,
} from 'cerberus-idp-admin-client'
import { logWaiting } from '../output/log.ts'

/** `fetch`, or another one, that shows at a terminal how long a response takes. */
export function fetchWithProgress(transport: Fetch = fetch): Fetch {
  return async (address, init) => {
    const stop = logWaiting(new URL(address).origin)
    try {
      const response = await transport(address, init)
      // The body belongs to the wait.
      const body = await response.arrayBuffer()
      const { status, headers } = response
      return new Response(body.byteLength > 0 ? body : null, { status, headers })
    } finally {
      stop()
    }
  }
}

/** Sends a request without a sign-in and returns the response, whatever its status. */
export async function send<Result>(
  server: string,
  request: ApiRequest<Result>,
  transport?: Fetch,
): Promise<ApiResponse<Result>> {
  return sendRequest(server, request, fetchWithProgress(transport))
}

/** The same. Throws for every response that is not a success. */
export async function sendOrThrow<Result>(server: string, request: ApiRequest<Result>): Promise<ApiResponse<Result>> {
  return requireSuccess(await send(server, request))
}

/** Sends a request whose response may be long, and yields the text of its body part by part. Throws unless it succeeds. */
export async function* download(
  server: string,
  { method, path, headers }: ApiRequest<string>,
): AsyncGenerator<string, void, undefined> {
  const response = await fetch(server + path, { method, headers: { ...headers }, redirect: 'manual' }).catch(
    (error: Error) => {
      throw unreachable(server, error)
    },
  )
  if (response.status >= 300 || !response.body) {
    const body: unknown = await response.json().catch(() => undefined)
    throw createApiError(response.status, body)
  }
  const decoder = new TextDecoder()
  try {
    for await (const chunk of response.body) yield decoder.decode(chunk as Uint8Array, { stream: true })
  } catch (error) {
    throw unreachable(server, error as Error)
  }
}

function unreachable(server: string, { message, cause }: Error): ApiError {
  const reason = cause instanceof Error ? cause.message : message
  return new ApiError({ kind: 'unreachable', message: `${server} closed the connection before the end: ${reason}` })
}
