import type { ServerSecretRepository } from '../../model/keys/server-secret.ts'
import { copyBytes } from '../db/bytes.ts'
import type { PrismaClient } from '../generated/client.ts'

export function createServerSecretRepository(prisma: PrismaClient): ServerSecretRepository {
  return {
    async findOrCreate(name, make, now) {
      const found = await prisma.sealedSecret.findUnique({ where: { name } })
      if (found) return found.sealed
      await prisma.sealedSecret.createMany({
        data: [{ name, sealed: copyBytes(make()), createdAt: now }],
        skipDuplicates: true,
      })
      return (await prisma.sealedSecret.findUniqueOrThrow({ where: { name } })).sealed
    },
    async replace(name, previous, sealed) {
      await prisma.sealedSecret.updateMany({
        where: { name, sealed: copyBytes(previous) },
        data: { sealed: copyBytes(sealed) },
      })
    },
  }
}
