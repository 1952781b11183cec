import type { Clock } from '../lib/clock.ts'
import { securityEvent } from '../events/catalogue.ts'
import type { Grant, GrantRepository, RevocationCause } from '../model/grant.ts'
import type { EventOrigin } from '../model/security-event.ts'

export interface CompromisedGrantOptions {
  clock: Clock
  grants: Pick<GrantRepository, 'revoke'>
}

/** Ends a grant because something that was good for one use came twice: somebody else may hold what hangs from it. */
export async function endCompromised(
  grant: Grant,
  cause: RevocationCause,
  origin: EventOrigin,
  { clock, grants }: CompromisedGrantOptions,
): Promise<void> {
  const event = securityEvent(clock, `oauth2.${cause}`, {
    organisationId: grant.organisationId,
    origin,
    userId: grant.userId,
    clientId: grant.clientId,
    resource: { type: 'grant', id: grant.id },
  })
  await grants.revoke(grant, cause, clock.now(), event)
}
