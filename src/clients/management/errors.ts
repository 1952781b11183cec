import { Conflict, InvalidInput, NotFound } from '../../lib/domain-error.ts'
import type { ValidationIssue } from '../../lib/validation-issue.ts'

export class ClientNotFound extends NotFound {
  override readonly name = 'ClientNotFound'

  constructor() {
    super('There is no such client.')
  }
}

export class ExternalIdConflict extends Conflict {
  override readonly name = 'ExternalIdConflict'

  constructor() {
    super('Another client of the organisation has this externalId.')
  }
}

/** The text does not disclose which organisation has the client, or whether it is deleted. */
export class ClientIdConflict extends Conflict {
  override readonly name = 'ClientIdConflict'

  constructor() {
    super('This clientId is not available: another client has it, or had it.')
  }
}

/** Settings that no client can have, or not this one. */
export class InvalidSettings extends InvalidInput {
  override readonly name = 'InvalidSettings'
}

/** Throws `InvalidSettings` if there are issues. */
export function assertNoIssues(issues: readonly ValidationIssue[]): void {
  if (issues.length > 0) throw new InvalidSettings(issues)
}
