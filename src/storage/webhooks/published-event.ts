import type { PublishedEvent } from '../../model/webhooks/webhook.ts'
import { storedEventColumns } from '../audit/audit-event-row.ts'

/** The columns of a published event: of event `e`, and of its client `c` by `CLIENT_OF_EVENT`. */
export const publishedEventColumns = `${storedEventColumns}, c.client_id AS "clientIdentifier"`

export const CLIENT_OF_EVENT = 'LEFT JOIN clients c ON c.id = e.client_id AND c.organisation_id = e.organisation_id'

/** A published event in a row of its own columns only. */
export const toPublishedEvent = (row: PublishedEvent): PublishedEvent => ({
  id: row.id,
  organisationId: row.organisationId,
  occurredAt: row.occurredAt,
  type: row.type,
  category: row.category,
  action: row.action,
  success: row.success,
  userId: row.userId,
  clientId: row.clientId,
  resourceType: row.resourceType,
  resourceId: row.resourceId,
  ipAddress: row.ipAddress,
  userAgent: row.userAgent,
  requestId: row.requestId,
  metadata: row.metadata,
  changes: row.changes,
  clientIdentifier: row.clientIdentifier,
})
