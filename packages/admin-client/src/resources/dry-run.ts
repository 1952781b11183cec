import { ApiError } from '../transport/api-error.ts'
import type { ApiRequest, ApiResponse } from '../transport/request.ts'
import type { Warning } from './clients/clients.ts'

/** A setting that differs: its value before and after. */
export interface Change {
  member: string
  from?: unknown
  to?: unknown
}

/** What a request would change, without changing it. */
export interface DryRun {
  dryRun: true
  changes: Change[]
  warnings: Warning[]
}

/** The same request as a dry run. */
export function asDryRun(request: ApiRequest): ApiRequest<DryRun> {
  const { method, path, headers, body } = request
  return {
    method,
    path: `${path}${path.includes('?') ? '&' : '?'}dryRun=true`,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  }
}

export function isDryRun(body: unknown): body is DryRun {
  return typeof body === 'object' && body !== null && 'dryRun' in body
}

/** The dry run in a response. Throws if the server ignored that the request was one. */
export function requireDryRun({ body }: ApiResponse): DryRun {
  if (isDryRun(body)) return body
  throw new ApiError({ kind: 'failure', message: 'The server did not answer the dry run with a list of changes.' })
}
