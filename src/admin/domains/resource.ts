// `admin/domains` owns the operations on the domains of an organisation. What they do belongs to `users/domains`.

import type { DomainManagement } from '../../users/domains/find-domain.ts'
import type { AdminResource } from '../operation.ts'
import { addDomainOperation } from './add-domain.ts'
import { deleteDomainOperation } from './delete-domain.ts'
import { getDomainOperation } from './get-domain.ts'
import { listDomainsOperation } from './list-domains.ts'
import { updateDomainOperation } from './update-domain.ts'
import { verifyDomainOperation } from './verify-domain.ts'

/** `/v1/admin/domains`: domains of e-mail addresses that the organisation controls. */
export const domainResource = (services: DomainManagement): AdminResource => ({
  operations: [
    listDomainsOperation(services),
    addDomainOperation(services),
    getDomainOperation(services),
    updateDomainOperation(services),
    verifyDomainOperation(services),
    deleteDomainOperation(services),
  ],
})
