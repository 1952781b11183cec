/** One check of an authorization request, with the expected and the actual value; `advice` if it failed. */
export interface CheckResult {
  name: string
  outcome: 'passed' | 'failed' | 'skipped'
  expected: string
  seen: string
  advice: string | null
}

/** Why an authorization request was rejected. */
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

/** The maximum of stored failures per organisation: any visitor can cause a rejection. */
export const MAX_AUTHORIZATION_FAILURES = 1_000

export interface AuthorizationFailureRepository {
  /** Stores a failure, unless its reference exists or the organisation has the maximum. */
  create(trace: AuthorizationFailure): Promise<void>
  /** A failure that has not expired. */
  find(trace: { organisationId: string; reference: string }, now: Date): Promise<AuthorizationFailure | undefined>
}
