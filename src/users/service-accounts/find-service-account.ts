// `users/service-accounts` owns what administrators do to the service accounts of their organisation, apart from HTTP.
// To enable, disable or delete an account, or change its roles, the caller must hold the permissions of these roles.
// API keys belong to `users/api-keys`.

import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { ServiceAccount, ServiceAccountRepository } from '../../model/service-accounts/service-account.ts'

export interface ServiceAccountFinder {
  serviceAccounts: Pick<ServiceAccountRepository, 'find'>
  clock: Clock
}

export class ServiceAccountNotFound extends NotFound {
  override readonly name = 'ServiceAccountNotFound'

  constructor() {
    super('There is no such service account.')
  }
}

/** Throws `ServiceAccountNotFound`. */
export async function findServiceAccount(
  { serviceAccounts, clock }: ServiceAccountFinder,
  { organisationId }: AdminContext,
  id: string,
): Promise<ServiceAccount> {
  const account = await serviceAccounts.find({ id, organisationId }, clock.now())
  if (!account) throw new ServiceAccountNotFound()
  return account
}

/** The audit event of a change of a service account. */
export function serviceAccountEvent(
  { clock }: { clock: Clock },
  context: AdminContext,
  type: AuditEventType,
  { id, name }: Pick<ServiceAccount, 'id' | 'name'>,
  changes: readonly AuditChange[],
): AuditEvent {
  const resource = { type: 'service_account', id }
  return createAdminAuditEvent(context, clock, type, { resource, metadata: { name }, changes })
}
