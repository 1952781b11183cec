// `requests` sends requests to a server: with a sign of progress at a terminal, several at once, again after a pause, and
// in the name of a client that authenticates itself. Who is signed in is known to `sign-in` alone.

import { type ApiRequest, type ApiResponse, type Fetch, requireSuccess, sendRequest } from 'cerberus-idp-admin-client'
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
