// `storage/organisations` reads organisations and creates the first one.
// Creating it is safe when several processes start at once.
// Users and clients have folders of their own.

import type { OrganisationRepository } from '../../model/organisations/organisation.ts'
import type { PrismaClient } from '../generated/client.ts'

export function createOrganisationRepository(prisma: PrismaClient): OrganisationRepository {
  return {
    async findOperatorId() {
      const first = await prisma.organisation.findFirst({
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true },
      })
      return first?.id
    },
  }
}
