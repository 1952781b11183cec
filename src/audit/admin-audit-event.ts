import type { Clock } from '../lib/time/clock.ts'
import type { AuditEvent } from '../model/audit/audit-event.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import { createAuditEvent, type AuditEventFacts, type AuditEventType } from './catalogue.ts'

/**
 * The event of what the caller of the management API does. It names the service account that acts, and the client or the API
 * key that was used, if any.
 */
export function createAdminAuditEvent(
  { organisationId, userId, serviceAccountId, actingClientId, apiKeyId, requestMetadata }: AdminContext,
  clock: Clock,
  type: AuditEventType,
  { metadata, ...facts }: Pick<AuditEventFacts, 'clientId' | 'resource' | 'metadata' | 'changes'>,
): AuditEvent {
  return createAuditEvent(clock, type, {
    organisationId,
    userId,
    requestMetadata,
    ...facts,
    metadata: {
      ...metadata,
      ...(serviceAccountId !== undefined && { actingServiceAccountId: serviceAccountId }),
      ...(actingClientId !== undefined && { actingClientId }),
      ...(apiKeyId !== undefined && { apiKeyId }),
    },
  })
}
