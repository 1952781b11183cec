import { addSeconds } from '../../lib/clock.ts'
import type { AuthorizationFailureRepository } from '../../model/authorization/authorization-failure.ts'
import type { OAuthError } from '../../oauth/errors.ts'
import type { Parameters } from '../../oauth/parameters.ts'
import { diagnoseRequest, type RequestSource, type DiagnoseRequestOptions } from './diagnose-request.ts'

export interface AuthorizationFailureOptions extends DiagnoseRequestOptions {
  authorizationFailures: Pick<AuthorizationFailureRepository, 'create'>
}

/** An authorization request that was refused. */
export interface RejectedRequest {
  reference: string
  parameters: Parameters
  error: OAuthError
  source: RequestSource
}

export interface FailureLog {
  warn(bindings: { err: unknown }, message: string): void
}

/** Seconds that a trace is kept. */
const FAILURE_RETENTION_SECONDS = 3_600

/** What is no fault of the request: the person, or what they have not done yet. Silent requests are answered so all day. */
const userDecisionErrors = new Set<string>([
  'access_denied',
  'login_required',
  'consent_required',
  'interaction_required',
  'account_selection_required',
])

/**
 * Keeps for an hour why a request was refused: the checks are made once more for it, when the answer is on its way. Nothing
 * is kept of a client that does not exist, since that is nobody's to see.
 */
async function recordFailure(
  { reference, parameters, error, source }: RejectedRequest,
  options: AuthorizationFailureOptions,
): Promise<void> {
  if (userDecisionErrors.has(error.code)) return
  const clientId = parameters.duplicates.has('client_id') ? undefined : parameters.get('client_id')
  const client = clientId === undefined ? undefined : await options.clients.find(clientId)
  if (!client) return
  const diagnosed = await diagnoseRequest(parameters, { ...options, fetchText: rejectSecondFetch }, source)
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

/** The same, for which nobody waits: that it could not be done is told to the log alone. */
export function recordFailureInBackground(
  rejectedRequest: RejectedRequest,
  options: AuthorizationFailureOptions,
  log: FailureLog,
): void {
  recordFailure(rejectedRequest, options).catch((error: unknown) =>
    log.warn({ err: error }, 'why a request was refused could not be kept'),
  )
}

/** What stands elsewhere was fetched for the request itself, and nobody can have us fetch it twice. */
const rejectSecondFetch = () => Promise.reject(new Error('Fetched before.'))
