import type { Clock } from '../lib/time/clock.ts'
import { createAuditEvent } from '../audit/catalogue.ts'
import type { Grant, GrantRepository, RevocationReason } from '../model/grants/grant.ts'
import type { RequestMetadata } from '../model/audit/audit-event.ts'

export interface RevokeReplayedGrantOptions {
  clock: Clock
  grants: Pick<GrantRepository, 'revoke'>
}

/** Revokes a grant because its single-use code or token was presented twice and may be stolen. */
export async function revokeReplayedGrant(
  grant: Grant,
  cause: RevocationReason,
  requestMetadata: RequestMetadata,
  { clock, grants }: RevokeReplayedGrantOptions,
): Promise<void> {
  const event = createAuditEvent(clock, `oauth2.${cause}`, {
    organisationId: grant.organisationId,
    requestMetadata,
    userId: grant.userId,
    clientId: grant.clientId,
    resource: { type: 'grant', id: grant.id },
  })
  await grants.revoke(grant, cause, clock.now(), event)
}
