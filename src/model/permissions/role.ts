import type { AuditEvent } from '../audit/audit-event.ts'

/** A permission of the catalogue. Permissions belong to the server, so all organisations have the same. */
export interface StoredPermission {
  id: string
  slug: string
  name: string
  description: string
  category: string
}

/** A named set of permissions within an organisation. */
export interface Role {
  id: string
  organisationId: string
  slug: string
  name: string
  description: string | null
  /** Whether users without another role get this one. At most one role of an organisation is the default. */
  isDefault: boolean
  /** Whether the server created it. */
  isSystem: boolean
  permissions: StoredPermission[]
  /**
   * The number of users who have this role now, by themselves or through a team, deleted ones excluded. At most
   * `MAX_COUNTED_ROLE_USERS` are counted.
   */
  userCount: number
  /** The number of teams whose members have this role now. */
  teamCount: number
  createdAt: Date
  updatedAt: Date
  /** Changes with every write to the role or its permissions. */
  version: number
}

export const MAX_COUNTED_ROLE_USERS = 10_000

/** How a role is identified: always within an organisation. */
export type RoleReference = Pick<Role, 'id' | 'organisationId'>

/** A role in the version that was read: a write applies to no other. */
export type RoleVersion = RoleReference & Pick<Role, 'version'>

/** The members that can be changed; undefined keeps the value. */
export interface RoleChange {
  name?: string | undefined
  description?: string | null | undefined
  isDefault?: boolean | undefined
}

export interface NewRole extends RoleReference {
  slug: string
  name: string
  description: string | null
  isDefault: boolean
  permissionIds: readonly string[]
}

/** What lists of roles are sorted by. */
export const roleSortFields = ['name', 'slug', 'createdAt', 'updatedAt'] as const
export type RoleSortField = (typeof roleSortFields)[number]

export interface RoleQuery {
  organisationId: string
  /** When assignments must be in effect to be counted. */
  now: Date
  limit: number
  offset: number
  sort: { by: RoleSortField; descending: boolean }
  /** Part of the slug, the name or the description. */
  search: string | undefined
}

/** The slug of the role that holds every permission. It never changes. */
export const OWNER_ROLE_SLUG = 'owner'

/** Each change writes its audit event in the same transaction. `stale`: the role has another version, or does not exist. */
export interface RoleRepository {
  list(query: RoleQuery): Promise<{ roles: Role[]; total: number }>
  find(role: RoleReference, now: Date): Promise<Role | undefined>
  listPermissions(): Promise<StoredPermission[]>
  create(role: NewRole, event: AuditEvent): Promise<'created' | 'slug_taken'>
  update(role: RoleVersion, change: RoleChange, event: AuditEvent): Promise<'updated' | 'stale'>
  addPermissions(role: RoleVersion, permissionIds: readonly string[], event: AuditEvent): Promise<'updated' | 'stale'>
  removePermissions(
    role: RoleVersion,
    permissionIds: readonly string[],
    event: AuditEvent,
  ): Promise<'updated' | 'stale'>
  /** Deletes a role that no user and no team has. Deleted users lose it. */
  delete(role: RoleVersion, event: AuditEvent): Promise<'deleted' | 'stale' | 'assigned'>
}
