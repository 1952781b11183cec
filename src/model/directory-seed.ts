import type { SecurityEvent } from './security-event.ts'

/** A permission as it is listed. */
export interface PermissionEntry {
  slug: string
  name: string
  description: string
  category: string
}

/** A role that every new organisation starts with. */
export interface RoleEntry {
  slug: string
  name: string
  description: string
  isDefault: boolean
  permissions: string[]
}

/** The first organisation of an empty database, with the person who owns it. */
export interface FirstOrganisation {
  organisation: { id: string; slug: string; name: string }
  roles: (RoleEntry & { id: string })[]
  owner: { id: string; email: string; emailKey: string; name: string; passwordHash: string; role: string }
  now: Date
  event: SecurityEvent
}

export interface DirectorySeedRepository {
  /** Makes the stored list of permissions the given one, by slug. */
  syncPermissions(permissions: (PermissionEntry & { id: string })[]): Promise<void>
  /** Whether no organisation was ever made. */
  isEmpty(): Promise<boolean>
  /** Stores the first organisation; false where another process was first. */
  createFirst(first: FirstOrganisation): Promise<boolean>
}
