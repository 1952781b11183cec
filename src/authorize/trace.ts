import { addSeconds } from '../lib/clock.ts'
import type { AuthorizationTraceRepository } from '../model/authorization-trace.ts'
import type { OAuthError } from '../oauth/errors.ts'
import type { Parameters } from '../oauth/params.ts'
import { explainRequest, type BroughtBy, type ExplainOptions } from './explain.ts'

export interface TraceOptions extends ExplainOptions {
  authorizationTraces: Pick<AuthorizationTraceRepository, 'keep'>
}

/** An authorization request that was refused. */
export interface Refused {
  reference: string
  parameters: Parameters
  refusal: OAuthError
  broughtBy: BroughtBy
}

export interface TraceLog {
  warn(bindings: { err: unknown }, message: string): void
}

/** Seconds that a trace is kept. */
const KEPT = 3_600

/** What is no fault of the request: the person, or what they have not done yet. Silent requests are answered so all day. */
const ordinary = new Set<string>([
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
async function traceRefusal(
  { reference, parameters, refusal, broughtBy }: Refused,
  options: TraceOptions,
): Promise<void> {
  if (ordinary.has(refusal.code)) return
  const clientId = parameters.repeated.has('client_id') ? undefined : parameters.get('client_id')
  const client = clientId === undefined ? undefined : await options.clients.find(clientId)
  if (!client) return
  const explained = await explainRequest(parameters, { ...options, fetchDocument: notAgain }, broughtBy)
  const checks = explained.map((check) =>
    check.outcome === 'failed' && check.name === 'request_object' ? { ...check, advice: refusal.description } : check,
  )
  if (!checks.some(({ outcome }) => outcome === 'failed')) return
  const createdAt = options.clock.now()
  await options.authorizationTraces.keep({
    reference,
    organisationId: client.organisationId,
    clientId: client.id,
    error: refusal.code,
    checks,
    createdAt,
    expiresAt: addSeconds(createdAt, KEPT),
  })
}

/** The same, for which nobody waits: that it could not be done is told to the log alone. */
export function traceLater(refused: Refused, options: TraceOptions, log: TraceLog): void {
  traceRefusal(refused, options).catch((error: unknown) =>
    log.warn({ err: error }, 'why a request was refused could not be kept'),
  )
}

/** What stands elsewhere was fetched for the request itself, and nobody can have us fetch it twice. */
const notAgain = () => Promise.reject(new Error('Fetched before.'))
