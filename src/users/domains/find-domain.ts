import { createAdminAuditEvent } from '../../audit/admin-audit-event.ts'
import type { AuditEventType } from '../../audit/catalogue.ts'
import { NotFound } from '../../lib/domain-error.ts'
import type { AuditChange, AuditEvent } from '../../model/audit/audit-event.ts'
import type { DomainRepository, OrganisationDomain } from '../../model/domains/organisation-domain.ts'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { ResolveTxt } from '../../safe-fetch/resolve-txt.ts'
import type { UserManagement } from '../find-user.ts'

export interface DomainManagement extends Pick<UserManagement, 'userDirectory' | 'clock'> {
  domains: DomainRepository
  resolveTxt: ResolveTxt
}

export class DomainNotFound extends NotFound {
  override readonly name = 'DomainNotFound'

  constructor() {
    super('There is no such domain.')
  }
}

/** Throws `DomainNotFound`. */
export async function findDomain(
  { domains }: Pick<DomainManagement, 'domains'>,
  { organisationId }: AdminContext,
  id: string,
): Promise<OrganisationDomain> {
  const domain = await domains.find({ id, organisationId })
  if (!domain) throw new DomainNotFound()
  return domain
}

/** The audit event of what a caller does to a domain. */
export function domainEvent(
  { clock }: Pick<DomainManagement, 'clock'>,
  context: AdminContext,
  type: AuditEventType,
  { id, domain }: Pick<OrganisationDomain, 'id' | 'domain'>,
  changes: readonly AuditChange[],
): AuditEvent {
  return createAdminAuditEvent(context, clock, type, {
    resource: { type: 'domain', id },
    metadata: { domain },
    changes,
  })
}
