// `model` has one file for each stored thing: its type, its lifecycle as a union, and the contract that storage keeps.
// A contract says what is read or changed in one step; how is storage's business.

import type { OrganisationSettings } from './organisation-settings.ts'

/** A tenant. */
export interface Organisation extends OrganisationSettings {
  id: string
  slug: string
  name: string
  status: OrganisationStatus
  /** Why the operator set the status. */
  statusReason: string | null
  /** Whether it operates the server. Exactly one organisation does. */
  isOperator: boolean
  /** When it was last suspended or deleted: sessions and grants from before are inactive for ever. */
  accessEndedAt: Date | null
  /** Its rows are purged `DELETED_ORGANISATION_RETENTION_SECONDS` later. */
  deletedAt: Date | null
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

export const organisationStatuses = ['trial', 'active', 'suspended', 'cancelled'] as const
export type OrganisationStatus = (typeof organisationStatuses)[number]

/** How long a deleted organisation can be restored. */
export const DELETED_ORGANISATION_RETENTION_SECONDS = 30 * 86_400

/** In any other status no one can sign in and no token is issued. */
export const activeOrganisationStatuses = ['trial', 'active'] as const satisfies readonly OrganisationStatus[]

/** Whether users may sign in to an organisation in this state and clients get tokens. */
export function isOrganisationActive(status: OrganisationStatus): boolean {
  return activeOrganisationStatuses.some((active) => active === status)
}

/** Whether the access that began at this instant, as a session or a grant, has not ended with a suspension since. */
export function hasAccessSince({ accessEndedAt }: Pick<Organisation, 'accessEndedAt'>, began: Date): boolean {
  return accessEndedAt === null || began > accessEndedAt
}

/** Seconds from a sign-in to the end of its session. `remembered`: the user chose to stay signed in. */
export function sessionLifetimeOf(
  { sessionLifetime, staySignedInLifetime }: Pick<Organisation, 'sessionLifetime' | 'staySignedInLifetime'>,
  remembered: boolean,
): number {
  return remembered && staySignedInLifetime !== null ? staySignedInLifetime : sessionLifetime
}
