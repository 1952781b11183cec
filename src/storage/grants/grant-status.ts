import { accessColumns, grantReads, readAccess, type AccessColumns } from '../permissions/organisation-access.ts'
import { acrOfAmr, type Acr } from '../../oauth/acr.ts'
import type { Grant, GrantInactiveReason, RequestedClaims, Subject } from '../../model/grants/grant.ts'

/**
 * What grant `g` depends on. Every statement that accepts a code or a token joins this, so that a change of any of these rows
 * takes effect at once, even in a race. Rows are found by their own id; the organisation is compared by an operator that no
 * index supports, because an index on it would return too many rows.
 */
export const grantStatusJoins = `
  LEFT JOIN users u ON u.id = g.user_id
  LEFT JOIN memberships m ON m.user_id = g.user_id AND m.organisation_id = g.organisation_id
  LEFT JOIN clients c ON c.id = g.client_id AND c.organisation_id IS NOT DISTINCT FROM g.organisation_id
  LEFT JOIN organisations o ON o.id = g.organisation_id
  LEFT JOIN sessions s ON s.id = g.session_id AND s.organisation_id IS NOT DISTINCT FROM g.organisation_id`

/** The columns of grant `g`, as `readGrant` reads them. */
export const grantColumns = `
    g.id AS grant_id, g.organisation_id, g.client_id AS grant_client_id, g.user_id, g.session_id, g.scopes, g.claims, g.resources,
    g.auth_time, g.amr, g.acr, g.offline, g.created_at AS grant_created_at`

/** What the user is in the organisation, as far as the tokens need it: the input is `i.access_reads`. */
export const subjectColumns = (now: string) =>
  accessColumns({ user: 'g.user_id', organisation: 'g.organisation_id', now, ...grantReads('idToken') })

export interface GrantColumns {
  grant_id: string
  organisation_id: string
  grant_client_id: string
  user_id: string
  session_id: string | null
  scopes: string[]
  claims: RequestedClaims | null
  resources: string[] | null
  auth_time: Date
  amr: string[]
  /** Null: the grant was made by an earlier release. */
  acr: Acr | null
  offline: boolean
  grant_created_at: Date
}

export interface SubjectColumns extends AccessColumns {
  user_id: string
}

/** A grant, and why it is inactive, if it is. */
export interface GrantStatusColumns extends GrantColumns {
  grant_inactive_reason: GrantInactiveReason | null
}

export function readGrant(row: GrantColumns): Grant {
  return {
    id: row.grant_id,
    organisationId: row.organisation_id,
    clientId: row.grant_client_id,
    userId: row.user_id,
    sessionId: row.session_id,
    scopes: row.scopes,
    claims: row.claims,
    resources: row.resources,
    authTime: row.auth_time,
    amr: row.amr,
    acr: row.acr ?? acrOfAmr(row.amr),
    offline: row.offline,
    createdAt: row.grant_created_at,
  }
}

export function readSubject(row: SubjectColumns): Subject {
  return { userId: row.user_id, ...readAccess(row) }
}
