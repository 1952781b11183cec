import type { AuditEvent } from '../audit/audit-event.ts'

/** A permission with its name and description. */
export interface PermissionDefinition {
  slug: string
  name: string
  description: string
  category: string
}

/** A role that every new organisation has. */
export interface RoleDefinition {
  slug: string
  name: string
  description: string
  isDefault: boolean
  permissions: string[]
}

/** The first organisation of an empty database, with its owner. */
export interface BootstrapOrganisation {
  organisation: { id: string; slug: string; name: string }
  roles: (RoleDefinition & { id: string })[]
  owner: { id: string; email: string; emailKey: string; name: string; passwordHash: string; role: string }
  now: Date
  event: AuditEvent
}

export interface BootstrapRepository {
  /** Adds and updates the stored permissions, by slug. */
  syncPermissions(permissions: (PermissionDefinition & { id: string })[]): Promise<void>
  /** Whether there is no organisation. */
  isEmpty(): Promise<boolean>
  /** Whether the database holds anything that is encrypted with the master key, or users that need what was. */
  isInUse(): Promise<boolean>
  /** Stores the first organisation; false if another process did so. */
  createFirstOrganisation(bootstrap: BootstrapOrganisation): Promise<boolean>
}
