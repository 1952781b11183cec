import type { AuditEvent } from '../audit/audit-event.ts'
import type { UserQuery } from './user-directory.ts'

/** What a request does to many users at once. */
export const bulkActions = [
  'block',
  'unblock',
  'suspend',
  'reactivate',
  'delete',
  'end-sessions',
  'assign-role',
  'remove-role',
  'add-to-team',
  'remove-from-team',
] as const
export type BulkAction = (typeof bulkActions)[number]

/** A request concerns at most this many users. */
export const MAX_BULK_USERS = 10_000
/** Users whose change is stored in one transaction. */
export const BULK_BATCH_SIZE = 500

/** The acts that are stored here, with their parameters; those on teams belong to the teams. */
export type BulkChange =
  | { action: 'block' | 'suspend'; reason: string | null }
  | { action: 'unblock' | 'reactivate' | 'delete' | 'end-sessions' }
  | { action: 'assign-role'; roleId: string; grantedBy: string | undefined }
  | { action: 'remove-role'; roleId: string }

/** A role that a user has now, by themselves or through a team. `withinTeamId`: the team that it is limited to. */
export interface HeldRole {
  userId: string
  roleId: string
  withinTeamId: string | null
}

/** Users of an organisation, many at once. */
export interface UserBulkRepository {
  /** The ids of the users that a list without pages would have, at most `limit`, oldest first. */
  find(query: Omit<UserQuery, 'limit' | 'offset' | 'sort'>, limit: number): Promise<string[]>
  /** The roles of these users, and the permissions of each role. */
  findHeldRoles(
    organisationId: string,
    userIds: readonly string[],
    now: Date,
  ): Promise<{
    held: HeldRole[]
    permissions: ReadonlyMap<string, readonly string[]>
    ownerRoleId: string | undefined
    /** Those who are owners of another organisation. */
    ownersElsewhere: string[]
  }>
  /**
   * Changes those of these users that the act changes, in one transaction with an event for each, and returns their ids.
   * Blocking, suspending, deleting and ending sessions end access as for one user. `last_owner`: nothing was changed.
   */
  apply(
    organisationId: string,
    userIds: readonly string[],
    change: BulkChange,
    now: Date,
    eventOf: (userId: string) => AuditEvent,
  ): Promise<string[] | 'last_owner'>
}
