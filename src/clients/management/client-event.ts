import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventFacts, AuditEventType } from '../../audit/catalogue.ts'
import { fieldChanges } from '../../audit/field-changes.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { Client } from '../../model/clients/client.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'

/** The audit event of what the caller does to a client. `resource` is the client unless it is given. */
export function clientEvent(
  { clock }: { clock: Clock },
  context: AdminContext,
  type: AuditEventType,
  { id, clientId }: Pick<Client, 'id' | 'clientId'>,
  metadata: Readonly<Record<string, unknown>> = {},
  { resource = { type: 'client', id }, changes }: Pick<AuditEventFacts, 'resource' | 'changes'> = {},
): AuditEvent {
  const facts = { clientId: id, resource, metadata: { clientId, ...metadata }, changes }
  return createAdminAuditEvent(context, clock, type, facts)
}

/** The settings that differ between a client before and after a change. `pkceRequired` is another name of `requirePkce`. */
export function clientChanges(before: object | undefined, after: object): AuditChange[] {
  const { pkceRequired: _, ...settings } = after as Record<string, unknown>
  return fieldChanges(before, settings)
}
