import type { AuditEvent } from '../audit/audit-event.ts'
import type { MailedCode } from '../recovery/account-recovery.ts'
import type { OrganisationColumns, OrganisationStatus } from './organisation.ts'

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

/** A new organisation with its roles and its owner. */
export interface NewOrganisation {
  organisation: {
    id: string
    slug: string
    status: OrganisationStatus
    /** Whether it operates the server. */
    isOperator: boolean
    columns: OrganisationColumns
    /** Settings that differ from their default, by name. */
    settings: Readonly<Record<string, unknown>>
  }
  roles: (RoleDefinition & { id: string })[]
  owner: {
    id: string
    email: string
    emailKey: string
    name: string
    givenName: string | null
    familyName: string | null
    /** Null: the owner gets the password with the confirmation of the address. */
    passwordHash: string | null
    emailVerified: boolean
    role: string
  }
  /** The mail that asks the owner to confirm the address. */
  confirmation?: MailedCode | undefined
  now: Date
  /** Recorded with it: the event of the new organisation first. */
  events: readonly AuditEvent[]
}

export interface BootstrapRepository {
  /** Adds and updates the stored permissions, by slug. */
  syncPermissions(permissions: (PermissionDefinition & { id: string })[]): Promise<void>
  /** Whether there is no organisation. */
  isEmpty(): Promise<boolean>
  /** Whether the database holds anything that is encrypted with the master key, or users that need what was. */
  isInUse(): Promise<boolean>
  /** Stores the first organisation; false if another process did so. */
  createFirstOrganisation(organisation: NewOrganisation): Promise<boolean>
}
