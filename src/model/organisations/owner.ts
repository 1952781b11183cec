import type { AuditEvent } from '../audit/audit-event.ts'

/** A user with the role `owner`. */
export interface Owner {
  id: string
  organisationId: string
  organisationSlug: string
  email: string
}

export interface OwnerRepository {
  /** The owners of all organisations that are not deleted, blocked and suspended ones included. */
  list(now: Date): Promise<Owner[]>
  /**
   * Sets the password, unblocks the user, makes the membership active, ends all sessions and revokes all grants, in one transaction with the event.
   * Undefined if the user was deleted meanwhile.
   */
  resetPassword(
    owner: Pick<Owner, 'id' | 'organisationId'>,
    passwordHash: string,
    event: AuditEvent,
  ): Promise<{ endedSessions: number; revokedGrants: number } | undefined>
}
