import type { AuditEvent } from '../audit/audit-event.ts'

/** A user with the role `owner`. */
export interface Owner {
  id: string
  organisationId: string
  organisationSlug: string
  email: string
}

export interface OwnerRepository {
  /** The owners of all organisations that are not deleted, blocked ones included. */
  list(): Promise<Owner[]>
  /**
   * Sets the password, unblocks the user, ends all sessions and revokes all grants, in one transaction with the event.
   * Undefined if the user was deleted meanwhile.
   */
  resetPassword(
    owner: Pick<Owner, 'id' | 'organisationId'>,
    passwordHash: string,
    event: AuditEvent,
  ): Promise<{ endedSessions: number; revokedGrants: number } | undefined>
}
