// `lib` holds small modules without knowledge of OAuth: time, randomness, hashing, encryption, batching and limits.
// It is the only folder that reads the wall clock and draws random bytes. Other folders receive a `Clock` and call `random`.
// Anything that knows a term of the protocol belongs to `oauth`.

import type { ValidationIssue } from './validation-issue.ts'

/**
 * Base class of the errors that domain services throw. `message` is written for the caller. Each face of the server maps
 * the kinds below to its own format: problem+json, OAuth JSON, a page.
 */
export abstract class DomainError extends Error {}

/** The object does not exist in the caller's organisation. */
export class NotFound extends DomainError {
  override readonly name: string = 'NotFound'
}

/** The object's current state, or another object, does not allow the change. */
export class Conflict extends DomainError {
  override readonly name: string = 'Conflict'
}

/** The caller may not do this, although it may call the operation. */
export class Denied extends DomainError {
  override readonly name: string = 'Denied'
}

/** The object has changed since the caller read it. */
export class PreconditionFailed extends DomainError {
  override readonly name: string = 'PreconditionFailed'
}

/** The input has invalid values. `issues` lists all of them. */
export class InvalidInput extends DomainError {
  override readonly name: string = 'InvalidInput'
  readonly issues: readonly ValidationIssue[]

  constructor(issues: readonly ValidationIssue[]) {
    super(issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '))
    this.issues = issues
  }
}
