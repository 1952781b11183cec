import type { AuditEvent } from '../audit/audit-event.ts'

/** A permission as it is listed. */
export interface PermissionDefinition {
  slug: string
  name: string
  description: string
  category: string
}

/** A role that every new organisation starts with. */
export interface RoleDefinition {
  slug: string
  name: string
  description: string
  isDefault: boolean
  permissions: string[]
}

/** The first organisation of an empty database, with the person who owns it. */
export interface BootstrapOrganisation {
  organisation: { id: string; slug: string; name: string }
  roles: (RoleDefinition & { id: string })[]
  owner: { id: string; email: string; emailKey: string; name: string; passwordHash: string; role: string }
  now: Date
  event: AuditEvent
}

export interface BootstrapRepository {
  /** Makes the stored list of permissions the given one, by slug. */
  syncPermissions(permissions: (PermissionDefinition & { id: string })[]): Promise<void>
  /** Whether no organisation was ever made. */
  isEmpty(): Promise<boolean>
  /** Stores the first organisation; false where another process was first. */
  createFirstOrganisation(bootstrap: BootstrapOrganisation): Promise<boolean>
}
