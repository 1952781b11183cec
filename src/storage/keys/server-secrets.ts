import type { ServerSecretRepository } from '../../model/keys/server-secret.ts'
import { copyBytes } from '../db/bytes.ts'
import type { PrismaClient } from '../generated/client.ts'

export function createServerSecretRepository(prisma: PrismaClient): ServerSecretRepository {
  return {
    async findOrCreate(name, make, now) {
      const found = await prisma.serverSecret.findUnique({ where: { name } })
      if (found) return found.sealed
      await prisma.serverSecret.createMany({
        data: [{ name, sealed: copyBytes(make()), createdAt: now }],
        skipDuplicates: true,
      })
      return (await prisma.serverSecret.findUniqueOrThrow({ where: { name } })).sealed
    },
    async replace(name, previous, sealed) {
      await prisma.serverSecret.updateMany({
        where: { name, sealed: copyBytes(previous) },
        data: { sealed: copyBytes(sealed) },
      })
    },
  }
}
