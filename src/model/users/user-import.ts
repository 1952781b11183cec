import type { AuditEvent } from '../audit/audit-event.ts'
import type { TeamSummary } from '../teams/team.ts'
import type { UserAttributeChange, UserAttributeValue } from './user-attribute.ts'
import type { DirectoryUser, UserConflict } from './user-directory.ts'
import type { RoleSummary, UserDetails } from './user.ts'

/** A request has at most this many users: with all their members, they fit in the limits of a body. */
export const MAX_IMPORTED_USERS = 200

/** A user to create, with the ids of roles and teams. */
export interface UserToCreate {
  id: string
  email: string
  emailKey: string
  passwordHash: string | null
  blocked: boolean
  details: UserDetails
  attributes: readonly UserAttributeChange[]
  roleIds: readonly string[]
  teamIds: readonly string[]
  event: AuditEvent
}

/** A user to change. The password hash is stored if the user has none. */
export interface UserToUpdate {
  id: string
  passwordHash: string | null
  details: UserDetails
  attributes: readonly UserAttributeChange[]
  event: AuditEvent
}

/** What an import writes. */
export interface ImportBatch {
  organisationId: string
  grantedBy: string | undefined
  now: Date
  create: readonly UserToCreate[]
  update: readonly UserToUpdate[]
}

/** A user of an export, with the stored password hash if it was asked for. */
export interface ExportedUser {
  user: DirectoryUser
  passwordHash: string | null
}

/** Reads of a whole directory. */
export interface UserExportRepository {
  /** The users who are not deleted, by their ids, that follow the user `after`. */
  read(
    organisationId: string,
    page: { after: string | undefined; limit: number; now: Date; withPasswordHashes: boolean },
  ): Promise<ExportedUser[]>
  /** When the user of a grant signed in. */
  findAuthTime(grant: { id: string; organisationId: string }): Promise<Date | undefined>
}

export interface UserImportRepository {
  /** The users of the organisation, not deleted, with one of these keys, and the e-mail keys that other users have. */
  find(
    organisationId: string,
    keys: { emailKeys: readonly string[]; externalIds: readonly string[] },
    now: Date,
  ): Promise<{ users: DirectoryUser[]; takenEmailKeys: string[] }>
  /** The roles, with their permissions, and the teams that have one of these slugs. */
  findBySlug(
    organisationId: string,
    slugs: { roles: readonly string[]; teams: readonly string[] },
  ): Promise<{ roles: { role: RoleSummary; permissions: string[] }[]; teams: TeamSummary[] }>
  /** The users who have these values of unique attributes: `index` is the position in `values`. */
  findHolders(
    organisationId: string,
    values: readonly { attributeId: string; value: Exclude<UserAttributeValue, string[]> }[],
  ): Promise<{ index: number; userId: string }[]>
  /**
   * Writes a batch with its events in one transaction. Returns the ids of the users that were stored: a user to create is
   * left out where another one got the e-mail address or the external id meanwhile, and a user to change who was deleted.
   * `stale`: a role or a team was deleted meanwhile, and nothing was stored.
   */
  store(batch: ImportBatch): Promise<string[] | 'stale' | UserConflict>
}
