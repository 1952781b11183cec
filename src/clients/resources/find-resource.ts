// `clients/resources` owns protected resources (RFC 8707): what administrators do to them, apart from HTTP, and which of
// them a client may request. Tokens for them are issued by `tokens`.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { ProtectedResource, ResourceRepository } from '../../model/resources/protected-resource.ts'

export interface ResourceFinder {
  resources: Pick<ResourceRepository, 'find'>
}

export class ResourceNotFound extends NotFound {
  override readonly name = 'ResourceNotFound'

  constructor() {
    super('There is no such resource.')
  }
}

/** Throws `ResourceNotFound`. */
export async function findResource(
  { resources }: ResourceFinder,
  { organisationId }: AdminContext,
  id: string,
): Promise<ProtectedResource> {
  const resource = await resources.find({ id, organisationId })
  if (!resource) throw new ResourceNotFound()
  return resource
}

/** The audit event of a change of a resource. */
export function resourceEvent(
  { clock }: { clock: Clock },
  context: AdminContext,
  type: AuditEventType,
  { id, identifier }: Pick<ProtectedResource, 'id' | 'identifier'>,
  changes: readonly AuditChange[],
): AuditEvent {
  const resource = { type: 'resource', id }
  return createAdminAuditEvent(context, clock, type, { resource, metadata: { identifier }, changes })
}
