import { addSeconds } from '../../lib/time/clock.ts'
import type { AuthorizationFailureRepository } from '../../model/authorization/authorization-failure.ts'
import type { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { diagnoseRequest, type RequestSource, type DiagnoseRequestOptions } from './diagnose-request.ts'

export interface AuthorizationFailureOptions extends DiagnoseRequestOptions {
  authorizationFailures: Pick<AuthorizationFailureRepository, 'create'>
}

/** An authorization request that was rejected. */
export interface RejectedRequest {
  reference: string
  parameters: Parameters
  error: OAuthError
  source: RequestSource
}

export interface FailureLog {
  warn(bindings: { err: unknown }, message: string): void
}

const FAILURE_RETENTION_SECONDS = 3_600

/** Errors that are not the client's mistake. Silent requests (`prompt=none`) produce them all the time. */
export const userDecisionErrors: ReadonlySet<string> = new Set<string>([
  'access_denied',
  'login_required',
  'consent_required',
  'interaction_required',
  'account_selection_required',
])

/**
 * Records why a request was rejected, by diagnosing it again. A request of an unknown client is not recorded, because no
 * organisation could see the record.
 */
async function recordFailure(
  { reference, parameters, error, source }: RejectedRequest,
  options: AuthorizationFailureOptions,
): Promise<void> {
  if (userDecisionErrors.has(error.code)) return
  const clientId = parameters.duplicates.has('client_id') ? undefined : parameters.get('client_id')
  const client = clientId === undefined ? undefined : await options.clients.find(clientId)
  if (!client) return
  const diagnosisOptions = { ...options, clients: { find: async () => client }, fetchText: rejectSecondFetch }
  const diagnosed = await diagnoseRequest(parameters, diagnosisOptions, source)
  const checks = diagnosed.map((check) =>
    check.outcome === 'failed' && check.name === 'request_object' ? { ...check, advice: error.description } : check,
  )
  if (!checks.some(({ outcome }) => outcome === 'failed')) return
  const createdAt = options.clock.now()
  await options.authorizationFailures.create({
    reference,
    organisationId: client.organisationId,
    clientId: client.id,
    error: error.code,
    checks,
    createdAt,
    expiresAt: addSeconds(createdAt, FAILURE_RETENTION_SECONDS),
  })
}

/** Fire-and-forget variant: failures are only logged. */
export function recordFailureInBackground(
  rejectedRequest: RejectedRequest,
  options: AuthorizationFailureOptions,
  log: FailureLog,
): void {
  recordFailure(rejectedRequest, options).catch((error: unknown) =>
    log.warn({ err: error }, 'failed to record a rejected authorization request'),
  )
}

/** A request object at a URL was fetched for the request itself. A client cannot make the server fetch it twice. */
const rejectSecondFetch = () => Promise.reject(new Error('The request object was already fetched once.'))
