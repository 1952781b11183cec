import type { StatementIssuer, StatementIssuerRepository } from '../model/statement-issuer.ts'
import { auditRow } from './audit.ts'
import { writeClient } from './client-rows.ts'
import type { PrismaClient, SoftwareStatementIssuer as Row } from './generated/client.ts'

export function createStatementIssuerRepository(prisma: PrismaClient): StatementIssuerRepository {
  const issuers = prisma.softwareStatementIssuer
  return {
    add: (issuer, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.softwareStatementIssuer.createMany({
          data: writeClient(issuer),
          skipDuplicates: true,
        })
        if (count > 0) await tx.auditEvent.create({ data: auditRow(event) })
        return count > 0
      }),

    async list(organisationId) {
      const rows = await issuers.findMany({ where: { organisationId }, orderBy: { issuer: 'asc' } })
      return rows.map(read)
    },

    async find(organisationId, issuer) {
      const row = await issuers.findUnique({ where: { organisationId_issuer: { organisationId, issuer } } })
      return row ? read(row) : undefined
    },

    replace: ({ id, organisationId }, change, event) =>
      prisma.$transaction(async (tx) => {
        const [row] = await tx.softwareStatementIssuer.updateManyAndReturn({
          where: { id, organisationId },
          data: writeClient(change),
        })
        if (row) await tx.auditEvent.create({ data: auditRow(event) })
        return row && read(row)
      }),

    remove: ({ id, organisationId }, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.softwareStatementIssuer.deleteMany({ where: { id, organisationId } })
        if (count > 0) await tx.auditEvent.create({ data: auditRow(event) })
        return count > 0
      }),
  }
}

function read(row: Row): StatementIssuer {
  return { ...row, jwks: row.jwks as StatementIssuer['jwks'] }
}
