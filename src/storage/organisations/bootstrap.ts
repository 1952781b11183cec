import type { BootstrapRepository } from '../../model/organisations/bootstrap.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { takeAdvisoryLock } from '../db/advisory-lock.ts'
import type { PrismaClient } from '../generated/client.ts'

const BOOTSTRAP_LOCK = 6_037_118_240_002n

export function createBootstrapRepository(prisma: PrismaClient): BootstrapRepository {
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

    createFirstOrganisation: ({ organisation, roles, owner, now, event }) =>
      prisma.$transaction(async (tx) => {
        await takeAdvisoryLock(tx, BOOTSTRAP_LOCK)
        if (await tx.organisation.findFirst({ select: { id: true } })) return false
        const timestamps = { createdAt: now, updatedAt: now }
        await tx.organisation.create({ data: { ...organisation, ...timestamps } })
        const permissionIds = new Map((await tx.permission.findMany()).map(({ slug, id }) => [slug, id]))
        for (const { permissions, ...role } of roles) {
          await tx.role.create({
            data: {
              ...role,
              ...timestamps,
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
        const { role, ...ownerRow } = owner
        await tx.user.create({
          data: { ...ownerRow, ...timestamps, emailVerified: true, organisationId: organisation.id },
        })
        const ownerRole = roles.find(({ slug }) => slug === role)
        if (ownerRole) {
          await tx.userRole.create({
            data: { userId: owner.id, roleId: ownerRole.id, organisationId: organisation.id },
          })
        }
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return true
      }),
  }
}
