// What "active" means, in SQL: one definition for all statements of this folder. The model has the same in TypeScript, and
// test/contract/active.test.ts compares the two over all combinations.
// Conditions are written so that no index offers itself for them: it would be a way in to all rows of an organisation.

import { activeOrganisationStatuses } from '../model/organisations/organisation.ts'
import type { Prisma } from './generated/client.ts'

const statuses = activeOrganisationStatuses.map((status) => `'${status}'`).join(', ')

/** `isOrganisationActive`, for the organisation of this alias. */
export const organisationIsActive = (o: string) => `${o}.status IN (${statuses})`

/** The same for Prisma. */
export const activeOrganisation = {
  status: { in: [...activeOrganisationStatuses] },
} satisfies Prisma.OrganisationWhereInput

/** `hasAccessSince`, for the organisation of this alias. */
export const hasAccessSince = (o: string, began: string) => `coalesce(${began} > ${o}.access_ended_at, true)`

/** `isUserActive`, for the user of this alias. */
export const userIsActive = (u: string) => `(${u}.blocked_at IS NULL AND ${u}.deleted_at IS NULL)`

/** The same for Prisma. */
export const activeUser = { blockedAt: null, deletedAt: null } satisfies Prisma.UserWhereInput

/** `isMembershipActive`, for the membership of this alias, which is null where the user is no member. */
export const membershipIsActive = (m: string) => `coalesce(${m}.state = 'active', false)`

/** `isAssignmentEffective`, for the role assignment of this alias. `now` is a parameter such as `$3`. */
export const assignmentIsEffective = (a: string, now: string) => `coalesce(${a}.expires_at > ${now}::timestamptz, true)`

/** `isClientEnabled`, for the client of this alias, and that it is not deleted. `now` is a parameter such as `$3`. */
export const clientIsEnabled = (c: string, now: string) =>
  `(num_nonnulls(${c}.deleted_at) = 0 AND ${c}.is_active AND coalesce(${c}.expires_at > ${now}::timestamptz, true))`

/** `isSessionActive`, for session `s` with its user `u`, its membership `m` and its organisation `o`. */
export const sessionIsActive = (
  now: string,
) => `(s.ended_at IS NULL AND s.expires_at - ${now}::timestamptz > interval '0'
  AND (s.remembered OR s.last_activity_at > ${now}::timestamptz - make_interval(secs => o.session_idle_timeout))
  AND ${userIsActive('u')} AND ${membershipIsActive('m')} AND ${organisationIsActive('o')}
  AND ${hasAccessSince('o', 's.created_at')})`

/** `grantInactiveReason` of grant `g`, joined with what it depends on; null while it is active. */
export const grantInactiveReason = (now: string) => `CASE
    WHEN g.revoked_at IS NOT NULL THEN 'revoked'
    WHEN NOT g.offline AND g.session_id IS NOT NULL AND (s.id IS NULL OR s.ended_at IS NOT NULL) THEN 'signed_out'
    WHEN u.id IS NULL OR u.deleted_at IS NOT NULL THEN 'user_deleted'
    WHEN NOT ${userIsActive('u')} THEN 'user_blocked'
    WHEN NOT ${membershipIsActive('m')} THEN 'membership_inactive'
    WHEN c.id IS NULL OR NOT ${clientIsEnabled('c', now)} OR c.revoked_at >= g.created_at THEN 'client_revoked'
    WHEN o.id IS NULL OR NOT ${organisationIsActive('o')} OR NOT ${hasAccessSince('o', 'g.created_at')}
      THEN 'organisation_closed'
  END`
