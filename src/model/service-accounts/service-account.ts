// `model/service-accounts` holds service accounts: accounts of programs, which hold roles and own API keys.

import type { AuditEvent } from '../audit/audit-event.ts'
import type { TeamPermissions } from '../permissions/permission.ts'
import type { RoleSummary } from '../users/user.ts'

export const serviceAccountStatuses = ['active', 'disabled'] as const
export type ServiceAccountStatus = (typeof serviceAccountStatuses)[number]

export interface ServiceAccount {
  id: string
  organisationId: string
  /** Unique in the organisation. */
  name: string
  description: string | null
  /** A disabled account can do nothing, and neither can its API keys. */
  status: ServiceAccountStatus
  /** The roles that it has now, in the whole organisation. */
  roles: RoleSummary[]
  /** The number of its API keys that are neither revoked nor expired. */
  apiKeyCount: number
  /** The user who created it; null for a client or another service account. */
  createdBy: string | null
  createdAt: Date
  updatedAt: Date
  /** Changes with every write to the account or its roles. */
  version: number
}

/** How a service account is identified: always within an organisation. */
export type ServiceAccountReference = Pick<ServiceAccount, 'id' | 'organisationId'>

/** A service account in the version that was read: a write applies to no other. */
export type ServiceAccountVersion = ServiceAccountReference & Pick<ServiceAccount, 'version'>

export type NewServiceAccount = Pick<ServiceAccount, 'id' | 'organisationId' | 'name' | 'description' | 'createdBy'>

/** The members that can be changed; undefined keeps the value. */
export interface ServiceAccountChange {
  name?: string | undefined
  description?: string | null | undefined
  status?: ServiceAccountStatus | undefined
}

/** What lists of service accounts are sorted by. */
export const serviceAccountSortFields = ['name', 'createdAt', 'updatedAt'] as const
export type ServiceAccountSortField = (typeof serviceAccountSortFields)[number]

export interface ServiceAccountQuery {
  organisationId: string
  /** When roles and keys must be in effect. */
  now: Date
  limit: number
  offset: number
  sort: { by: ServiceAccountSortField; descending: boolean }
  /** Part of the name or the description. */
  search: string | undefined
  status: ServiceAccountStatus | undefined
}

/** What a service account may do. */
export interface HeldPermissions {
  /** In the whole organisation. */
  permissions: string[]
  teamPermissions: TeamPermissions
}

/** Each change stores its audit event in the same transaction. `stale`: it has another version, or does not exist. */
export interface ServiceAccountRepository {
  list(query: ServiceAccountQuery): Promise<{ accounts: ServiceAccount[]; total: number }>
  find(account: ServiceAccountReference, now: Date): Promise<ServiceAccount | undefined>
  /** What an active account may do at `now`; undefined for one that is disabled or does not exist. */
  findPermissions(account: ServiceAccountReference, now: Date): Promise<HeldPermissions | undefined>
  create(account: NewServiceAccount, event: AuditEvent): Promise<'created' | 'name_taken'>
  update(
    account: ServiceAccountVersion,
    change: ServiceAccountChange,
    event: AuditEvent,
  ): Promise<'updated' | 'stale' | 'name_taken'>
  /** Deletes an account with its API keys and roles. */
  delete(account: ServiceAccountVersion, event: AuditEvent): Promise<'deleted' | 'stale'>
}
