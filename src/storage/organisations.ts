import type { OrganisationRepository } from '../model/organisation.ts'
import type { PrismaClient } from './generated/client.ts'

export function createOrganisationRepository(prisma: PrismaClient): OrganisationRepository {
  return {
    async findOperator() {
      const first = await prisma.organisation.findFirst({
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true },
      })
      return first?.id
    },
  }
}
