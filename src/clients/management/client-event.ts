import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import type { Clock } from '../../lib/clock.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { Client } from '../../model/clients/client.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'

/** The audit event of what the caller does to a client. `resource` is the client unless it is given. */
export function clientEvent(
  { clock }: { clock: Clock },
  context: AdminContext,
  type: AuditEventType,
  { id, clientId }: Pick<Client, 'id' | 'clientId'>,
  metadata: Readonly<Record<string, unknown>> = {},
  resource = { type: 'client', id },
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, { clientId: id, resource, metadata: { clientId, ...metadata } })
}
