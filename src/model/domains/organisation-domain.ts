// `model/domains` holds the domains of e-mail addresses that organisations prove to control.

import type { AuditEvent } from '../audit/audit-event.ts'

/**
 * What becomes of users who have confirmed an e-mail address of the domain by a mail. `suggested`: they may join the
 * organisation. `automatic`: they become members when they confirm it, and may join if they did so before.
 */
export const domainMemberships = ['none', 'suggested', 'automatic'] as const
export type DomainMembership = (typeof domainMemberships)[number]

/** Whom a domain makes members. */
export interface DomainPolicy {
  membership: DomainMembership
  /** The role of new members; null: the default role of the organisation. */
  roleId: string | null
  /**
   * Whether users of every organisation count. Administrators of their home organisation can take their accounts over, so
   * that otherwise users of the operator's organisation count only.
   */
  fromAnyOrganisation: boolean
}

export const domainStatuses = ['pending', 'verified'] as const
export type DomainStatus = (typeof domainStatuses)[number]

export interface OrganisationDomain extends DomainPolicy {
  id: string
  organisationId: string
  /** In the form of the DNS (`toAsciiDomain`). */
  domain: string
  /** What the TXT record must contain. It is no secret. */
  token: string
  /** Null: it was not verified, or the verification was lost. */
  verifiedAt: Date | null
  lastCheckedAt: Date | null
  /** Of a verified domain: since when checks do not find the record. */
  missingSince: Date | null
  createdBy: string | null
  createdAt: Date
  updatedAt: Date
  /** Changes with every write that has an audit event. */
  version: number
}

/** How a domain is identified: always within an organisation. */
export type DomainReference = Pick<OrganisationDomain, 'id' | 'organisationId'>

/** A domain in the version that was read: a write applies to no other. */
export type DomainVersion = DomainReference & Pick<OrganisationDomain, 'version'>

export type NewDomain = Pick<OrganisationDomain, 'id' | 'organisationId' | 'domain' | 'token' | 'createdBy'>

/** The members that can be changed; undefined keeps the value. */
export type DomainChange = { [Member in keyof DomainPolicy]?: DomainPolicy[Member] | undefined }

/** The verification of a domain. */
export type DomainVerification = Pick<OrganisationDomain, 'verifiedAt' | 'missingSince'>

export interface DomainQuery {
  organisationId: string
  limit: number
  offset: number
  /** Part of the domain, in the form of the DNS. */
  search: string | undefined
  status: DomainStatus | undefined
}

export const MAX_DOMAINS = 100

/** Each change stores its audit event in the same transaction. `stale`: the domain has another version, or does not exist. */
export interface DomainRepository {
  /** Sorted by name. */
  list(query: DomainQuery): Promise<{ domains: OrganisationDomain[]; total: number }>
  find(domain: DomainReference): Promise<OrganisationDomain | undefined>
  /** `too_many`: the organisation has `MAX_DOMAINS`. */
  create(domain: NewDomain, event: AuditEvent): Promise<'created' | 'exists' | 'too_many'>
  update(domain: DomainVersion, change: DomainChange, event: AuditEvent): Promise<'updated' | 'stale' | 'unknown_role'>
  delete(domain: DomainVersion, event: AuditEvent): Promise<'deleted' | 'stale'>
  /**
   * Stores the result of a check at `now`, if the verification is still that of `domain`. `taken`: another organisation has
   * verified the domain. Without an event the version stays.
   */
  recordCheck(
    domain: OrganisationDomain,
    verification: DomainVerification,
    now: Date,
    event: AuditEvent | undefined,
  ): Promise<'recorded' | 'stale' | 'taken'>
  /**
   * Verified domains of active organisations that were last checked before `before`, at most `limit`, now marked as checked
   * at `now`: a domain is returned once, whichever process asks.
   */
  takeDue(now: Date, before: Date, limit: number): Promise<OrganisationDomain[]>
}
