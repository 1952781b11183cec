import type { DirectorySeedRepository } from '../model/directory-seed.ts'
import { auditRow } from './audit.ts'
import type { PrismaClient } from './generated/client.ts'

const SEED_LOCK = 6_037_118_240_002n

export function createDirectorySeedRepository(prisma: PrismaClient): DirectorySeedRepository {
  return {
    async syncPermissions(permissions) {
      const stored = new Map((await prisma.permission.findMany()).map((row) => [row.slug, row]))
      const added = permissions.filter(({ slug }) => !stored.has(slug))
      if (added.length > 0) await prisma.permission.createMany({ data: added, skipDuplicates: true })
      for (const { slug, name, description, category } of permissions) {
        const row = stored.get(slug)
        if (row && (row.name !== name || row.description !== description || row.category !== category)) {
          await prisma.permission.update({ where: { slug }, data: { name, description, category } })
        }
      }
    },

    async isEmpty() {
      return (await prisma.organisation.findFirst({ select: { id: true } })) === null
    },

    createFirst: ({ organisation, roles, owner, now, event }) =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SEED_LOCK})`
        if (await tx.organisation.findFirst({ select: { id: true } })) return false
        const stamps = { createdAt: now, updatedAt: now }
        await tx.organisation.create({ data: { ...organisation, ...stamps } })
        const permissionIds = new Map((await tx.permission.findMany()).map(({ slug, id }) => [slug, id]))
        for (const { permissions, ...role } of roles) {
          await tx.role.create({
            data: {
              ...role,
              ...stamps,
              isSystem: true,
              organisationId: organisation.id,
              permissions: {
                create: permissions.flatMap((slug) => {
                  const permissionId = permissionIds.get(slug)
                  return permissionId === undefined ? [] : [{ permissionId }]
                }),
              },
            },
          })
        }
        const { role, ...person } = owner
        await tx.user.create({
          data: { ...person, ...stamps, emailVerified: true, organisationId: organisation.id },
        })
        const ownerRole = roles.find(({ slug }) => slug === role)
        if (ownerRole) {
          await tx.userRole.create({
            data: { userId: owner.id, roleId: ownerRole.id, organisationId: organisation.id },
          })
        }
        await tx.auditEvent.create({ data: auditRow(event) })
        return true
      }),
  }
}
