// `admin/organisation` owns the operations on the settings of the caller's organisation.
// What they do belongs to `organisations`. The registration policy has a folder of its own.

import type { OwnOrganisationDeletion } from '../../organisations/delete-organisation.ts'
import type { OrganisationManagement } from '../../organisations/update-organisation.ts'
import type { OwnershipTransfer } from '../../users/transfer-ownership.ts'
import type { AdminResource } from '../operation.ts'
import { acceptPatchBodies } from '../patch-body.ts'
import { deleteOrganisationOperation } from './delete-organisation.ts'
import { getOrganisationOperation } from './get-organisation.ts'
import { transferOwnershipOperation } from './transfer-ownership.ts'
import { updateOrganisationOperation } from './update-organisation.ts'

/** `/v1/admin/organisation`: the settings of the caller's organisation. */
export const organisationResource = (
  services: OrganisationManagement & OwnOrganisationDeletion & OwnershipTransfer,
): AdminResource => ({
  operations: [
    getOrganisationOperation(services),
    updateOrganisationOperation(services),
    deleteOrganisationOperation(services),
    transferOwnershipOperation(services),
  ],
  prepare: acceptPatchBodies,
})
