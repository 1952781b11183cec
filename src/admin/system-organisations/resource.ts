// `admin/system-organisations` owns the operations on all organisations of the server, for the operator's organisation.
// What they do belongs to `organisations`. An organisation's own settings belong to `admin/organisation`.

import type { OrganisationCreation } from '../../organisations/create-organisation.ts'
import type { OrganisationDeletion } from '../../organisations/delete-organisation.ts'
import type { OrganisationManagement } from '../../organisations/update-organisation.ts'
import type { AdminResource } from '../operation.ts'
import { acceptPatchBodies } from '../patch-body.ts'
import { createOrganisationOperation } from './create-organisation.ts'
import { deleteSystemOrganisationOperation, restoreSystemOrganisationOperation } from './delete-system-organisation.ts'
import { getSystemOrganisationOperation } from './get-system-organisation.ts'
import { listOrganisationsOperation } from './list-organisations.ts'
import type { OrganisationLister } from './list-organisations.ts'
import { updateSystemOrganisationOperation } from './update-system-organisation.ts'

/** `/v1/organisations` and `/v1/system/organisations`: the organisations of the server. */
export const systemOrganisationResource = (
  services: OrganisationManagement & OrganisationCreation & OrganisationDeletion & OrganisationLister,
): AdminResource => ({
  operations: [
    listOrganisationsOperation(services),
    createOrganisationOperation(services),
    getSystemOrganisationOperation(services),
    updateSystemOrganisationOperation(services),
    deleteSystemOrganisationOperation(services),
    restoreSystemOrganisationOperation(services),
  ],
  prepare: acceptPatchBodies,
})
