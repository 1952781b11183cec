import { isClientEnabled, type Client } from '../clients/client.ts'
import { hasAccessSince, isOrganisationActive, type Organisation } from '../organisations/organisation.ts'
import { isMembershipActive, type Membership } from '../users/membership.ts'
import { isUserActive, type UserStatus } from '../users/user.ts'
import type { Grant, GrantInactiveReason } from './grant.ts'

/** What a grant depends on; undefined for what does not exist any more. */
export interface GrantDependencies {
  session: { endedAt: Date | null } | undefined
  user: UserStatus | undefined
  /** The user's membership in the organisation of the grant. */
  membership: Pick<Membership, 'state'> | undefined
  client: (Pick<Client, 'isActive' | 'expiresAt' | 'revokedAt'> & { deletedAt: Date | null }) | undefined
  organisation: Pick<Organisation, 'status' | 'accessEndedAt'> | undefined
}

/**
 * Why a grant is inactive, the first reason that applies; undefined while it is active. The statements that redeem and
 * inspect have this as SQL (`storage/active-conditions.ts`); a test compares the two.
 */
export function grantInactiveReason(
  grant: Pick<Grant, 'offline' | 'sessionId' | 'createdAt'> & { revokedAt: Date | null },
  { session, user, membership, client, organisation }: GrantDependencies,
  now: Date,
): GrantInactiveReason | undefined {
  if (grant.revokedAt) return 'revoked'
  if (!grant.offline && grant.sessionId !== null && (!session || session.endedAt)) return 'signed_out'
  if (!user || user.deletedAt) return 'user_deleted'
  if (!isUserActive(user)) return 'user_blocked'
  if (!isMembershipActive(membership)) return 'membership_inactive'
  const isRevoked = client?.revokedAt && client.revokedAt >= grant.createdAt
  if (!client || client.deletedAt || isRevoked || !isClientEnabled(client, now)) return 'client_revoked'
  if (!organisation || !isOrganisationActive(organisation.status)) return 'organisation_closed'
  if (!hasAccessSince(organisation, grant.createdAt)) return 'organisation_closed'
  return undefined
}
