import type { ServerSecretRepository } from '../model/server-secret.ts'
import { ownBytes } from './bytes.ts'
import type { PrismaClient } from './generated/client.ts'

export function createServerSecretRepository(prisma: PrismaClient): ServerSecretRepository {
  return {
    async findOrCreate(name, make, now) {
      const found = await prisma.sealedSecret.findUnique({ where: { name } })
      if (found) return found.sealed
      await prisma.sealedSecret.createMany({
        data: [{ name, sealed: ownBytes(make()), createdAt: now }],
        skipDuplicates: true,
      })
      return (await prisma.sealedSecret.findUniqueOrThrow({ where: { name } })).sealed
    },
    async replace(name, previous, sealed) {
      await prisma.sealedSecret.updateMany({
        where: { name, sealed: ownBytes(previous) },
        data: { sealed: ownBytes(sealed) },
      })
    },
  }
}
