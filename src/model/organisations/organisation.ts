// `model` has one file for each stored thing: its type, its lifecycle as a union, and the contract that storage keeps.
// A contract says what is read or changed in one step; how is storage's business.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { OrganisationSettings, PasswordPolicy } from './organisation-settings.ts'

/** A tenant. */
export interface Organisation extends OrganisationSettings {
  id: string
  slug: string
  name: string
  status: OrganisationStatus
  /** Seconds from sign-in to the end of a browser session. */
  sessionLifetime: number
  /** Seconds without a request after which a browser session ends. */
  sessionIdleTimeout: number
  /** Whether each issued token is recorded as an audit event. */
  auditTokens: boolean
  /** The user who has been an active owner for longest. */
  ownerId: string | null
  createdAt: Date
  updatedAt: Date
  /** The number of writes to its row. */
  version: number
}

/** The settings that are columns, because statements read them. */
export interface OrganisationColumns {
  name: string
  auditTokens: boolean
  sessionLifetime: number
  sessionIdleTimeout: number
}

/** A change of an organisation in the version that was read. A member that is undefined stays. */
export interface OrganisationChange {
  columns: { [Name in keyof OrganisationColumns]?: OrganisationColumns[Name] | undefined }
  /** Settings by name, with the session lifetimes that the organisation has chosen itself. */
  settings: Readonly<Record<string, unknown>>
  /** The names of settings that have their default from now on. */
  reset: readonly string[]
}

export type OrganisationStatus = 'trial' | 'active' | 'suspended' | 'cancelled'

/** In any other status no one can sign in and no token is issued. */
export const activeOrganisationStatuses = ['trial', 'active'] as const satisfies readonly OrganisationStatus[]

/** Whether users may sign in to an organisation in this state and clients get tokens. */
export function isOrganisationActive(status: OrganisationStatus): boolean {
  return activeOrganisationStatuses.some((active) => active === status)
}

export interface OrganisationRepository {
  /** The id of the first organisation, which operates the server. Undefined before it exists. */
  findOperatorId(): Promise<string | undefined>
  /** The organisation in any status. */
  find(id: string): Promise<Organisation | undefined>
  /** What passwords of the organisation must have. */
  findPasswordPolicy(id: string): Promise<PasswordPolicy>
  /** `stale`: the organisation has another version by now, and nothing was written. */
  update(
    organisation: Pick<Organisation, 'id' | 'version'>,
    change: OrganisationChange,
    event: AuditEvent,
  ): Promise<'updated' | 'stale'>
  /**
   * Sets the lifetimes of the browser sessions, in seconds, of the organisations that have not chosen their own. Sessions
   * that exist keep their end.
   */
  setSessionLifetimes(lifetimes: { idle: number; max: number }): Promise<void>
}
