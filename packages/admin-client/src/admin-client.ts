// The typed client of the management API (/v1) and the form model made from the server's own OpenAPI document and metadata.
// It runs in Node and in browsers, and imports neither of them: it has `fetch`, `URL` and the like of both.

import type { ApiRequest, ApiResponse } from './transport/request.ts'
import { type Fetch, requireSuccess, sendRequest } from './transport/send.ts'

export interface AdminClientOptions {
  /** An origin; empty for the origin of the page. */
  server: string
  /** Headers of every request, such as an access token, asked for each time. */
  headers?: () => Promise<Readonly<Record<string, string>>>
  fetch?: Fetch
}

/** Sends requests to one server. Throws `ApiError` for every response that is not a success. */
export interface AdminClient {
  send<Result>(request: ApiRequest<Result>): Promise<ApiResponse<Result>>
}

export function createAdminClient({ server, headers, fetch }: AdminClientOptions): AdminClient {
  return {
    async send(request) {
      const all = { ...(await headers?.()), ...request.headers }
      return requireSuccess(await sendRequest(server, { ...request, headers: all }, fetch))
    },
  }
}
