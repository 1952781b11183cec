import { ApiError, type ApiErrorKind } from 'cerberus-idp-admin-client'

/** The exit codes. Scripts depend on them: docs/cli.md lists them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  unauthenticated: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  unreachable: 7,
  invalid: 8,
  failedCheck: 9,
  differs: 10,
} as const satisfies Record<ApiErrorKind | 'ok' | 'usage' | 'failedCheck' | 'differs', number>

export type ExitReason = keyof typeof exitCodes

/** Why the command failed: a line for the user, and one for each detail. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly reason: ExitReason
  readonly details: readonly string[]

  constructor(reason: ExitReason, message: string, details: readonly string[] = []) {
    super(message)
    this.reason = reason
    this.details = details
  }
}

/** Any error as a failure. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof ApiError) return new Failure(error.kind, error.message, error.details)
  return new Failure('failure', error instanceof Error ? error.message : String(error))
}
