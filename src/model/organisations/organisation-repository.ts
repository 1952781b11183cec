import type { AuditEvent } from '../audit/audit-event.ts'
import type { NewOrganisation } from './bootstrap.ts'
import type { PresentedOnboardingToken } from './onboarding-token.ts'
import type { PasswordPolicy } from './organisation-settings.ts'
import type { Organisation, OrganisationColumns, OrganisationStatus } from './organisation.ts'

/** A change of an organisation in the version that was read. A member that is undefined stays. */
export interface OrganisationChange {
  columns: { [Name in keyof OrganisationColumns]?: OrganisationColumns[Name] | undefined }
  /** Undefined: the status stays. */
  status?: { status: OrganisationStatus; reason: string | null } | undefined
  /** Settings by name, with the session lifetimes that the organisation has chosen itself. */
  settings: Readonly<Record<string, unknown>>
  /** The names of settings that have their default from now on. */
  reset: readonly string[]
}

/** What lists of organisations are sorted by. */
export const organisationSortFields = ['name', 'slug', 'createdAt', 'updatedAt'] as const
export type OrganisationSortField = (typeof organisationSortFields)[number]

/** A page of the organisations of the server that meet all conditions. */
export interface OrganisationQuery {
  /** Part of the slug, the name, the id or the e-mail address. */
  search: string | undefined
  status: OrganisationStatus | undefined
  sort: { by: OrganisationSortField; descending: boolean }
  limit: number
  offset: number
}

export interface OrganisationRepository {
  /** The id of the organisation that operates the server. Undefined before it exists. */
  findOperatorId(): Promise<string | undefined>
  /** Stores an organisation with its roles and its owner, and consumes the token if there is one; or stores nothing. */
  create(
    organisation: NewOrganisation,
    token?: PresentedOnboardingToken,
  ): Promise<'created' | 'slug_taken' | 'email_taken' | 'token_invalid'>
  list(query: OrganisationQuery): Promise<{ organisations: Organisation[]; total: number }>
  /** The organisation in any status. */
  find(id: string): Promise<Organisation | undefined>
  /** What passwords of the organisation must have. */
  findPasswordPolicy(id: string): Promise<PasswordPolicy>
  /** `stale`: the organisation has another version by now, and nothing was written. */
  update(
    organisation: Pick<Organisation, 'id' | 'version'>,
    change: OrganisationChange,
    events: readonly [AuditEvent, ...AuditEvent[]],
  ): Promise<'updated' | 'stale'>
  /**
   * Deletes an organisation that does not operate the server: it is cancelled, and all access to it ends. False if it is
   * deleted already.
   */
  delete(id: string, events: readonly [AuditEvent, ...AuditEvent[]]): Promise<boolean>
  /** Gives a deleted organisation its former status. False if it is not deleted, or its purge has begun. */
  restore(id: string, events: readonly [AuditEvent, ...AuditEvent[]]): Promise<boolean>
  /**
   * Sets the lifetimes of the browser sessions, in seconds, of the organisations that have not chosen their own. Sessions
   * that exist keep their end.
   */
  setSessionLifetimes(lifetimes: { idle: number; max: number }): Promise<void>
}
