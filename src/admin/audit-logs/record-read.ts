import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { AuditLogReader } from '../../model/audit/audit-log.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'

export interface ReadRecorder {
  clock: Clock
  record: (event: AuditEvent) => Promise<void>
}

const unrecorded = async () => undefined

/** What records the reads of a request. `HEAD` shows no event, and is not recorded. */
export function readRecorder<Services extends ReadRecorder>(
  services: Services,
  { method }: { method: string },
): Services {
  return method === 'HEAD' ? { ...services, record: unrecorded } : services
}

/** Records that the caller reads the audit log, and with which filter. Returns the id of the event. */
export async function recordRead(
  { clock, record }: ReadRecorder,
  context: AdminContext,
  metadata: Readonly<Record<string, unknown>>,
  { type = 'audit.read', eventId }: { type?: 'audit.read' | 'audit.exported'; eventId?: string } = {},
): Promise<string> {
  const resource = eventId === undefined ? undefined : { type: 'audit_event', id: eventId }
  const event = createAdminAuditEvent(context, clock, type, { ...(resource && { resource }), metadata })
  await record(event)
  return event.id
}

const READ_DURATION_MS = 3_600_000

/**
 * The same for a page that follows another one. It belongs to the read of the first page, whose event the cursor names, if
 * that read was by the same caller, with the same filter, and within the last hour. A cursor therefore cannot be made up to
 * read without a record.
 */
export async function recordFollowingRead(
  services: ReadRecorder & { auditLog: Pick<AuditLogReader, 'find'> },
  context: AdminContext,
  metadata: { filter: string },
  readId: string,
): Promise<string> {
  const { userId, actingClientId, apiKeyId, organisationId } = context
  const read = await services.auditLog.find({ id: readId, organisationId })
  const isSameRead =
    read?.type === 'audit.read' &&
    read.userId === (userId ?? null) &&
    read.metadata['actingClientId'] === actingClientId &&
    read.metadata['apiKeyId'] === apiKeyId &&
    read.metadata['filter'] === metadata.filter &&
    services.clock.now().getTime() - read.occurredAt.getTime() < READ_DURATION_MS
  return isSameRead ? readId : recordRead(services, context, metadata)
}
