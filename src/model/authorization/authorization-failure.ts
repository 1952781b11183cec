/** One check that an authorization request went through, with what was expected and seen; `advice` where it failed. */
export interface CheckResult {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  expected: string
  seen: string
  advice: string | null
}

/** Why an authorization request was refused. */
export interface AuthorizationFailure {
  /** The id of the request, which the error page shows. */
  reference: string
  organisationId: string
  /** The client's row id. */
  clientId: string
  /** The error code. */
  error: string
  checks: readonly CheckResult[]
  createdAt: Date
  expiresAt: Date
}

/** So many traces are kept of an organisation: anybody can have a request refused. */
export const MAX_AUTHORIZATION_FAILURES = 1_000

export interface AuthorizationFailureRepository {
  /** Keeps a trace, unless there is one of this reference, or there are too many. */
  create(trace: AuthorizationFailure): Promise<void>
  /** One that has not expired. */
  find(trace: { organisationId: string; reference: string }, now: Date): Promise<AuthorizationFailure | undefined>
}
