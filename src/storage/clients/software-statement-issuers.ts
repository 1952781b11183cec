import type {
  SoftwareStatementIssuer,
  SoftwareStatementIssuerRepository,
} from '../../model/clients/software-statement-issuer.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { Prisma, type PrismaClient, type SoftwareStatementIssuer as Row } from '../generated/client.ts'

export function createSoftwareStatementIssuerRepository(prisma: PrismaClient): SoftwareStatementIssuerRepository {
  return {
    create: (issuer, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.softwareStatementIssuer.createMany({
          data: { ...issuer, jwks: toJsonColumn(issuer.jwks) },
          skipDuplicates: true,
        })
        if (count > 0) await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return count > 0
      }),

    async list(organisationId) {
      const rows = await prisma.softwareStatementIssuer.findMany({
        where: { organisationId },
        orderBy: { issuer: 'asc' },
      })
      return rows.map(readIssuer)
    },

    async find(organisationId, issuer) {
      const row = await prisma.softwareStatementIssuer.findUnique({
        where: { organisationId_issuer: { organisationId, issuer } },
      })
      return row ? readIssuer(row) : undefined
    },

    replace: ({ id, organisationId }, change, event) =>
      prisma.$transaction(async (tx) => {
        const [row] = await tx.softwareStatementIssuer.updateManyAndReturn({
          where: { id, organisationId },
          data: { ...change, jwks: toJsonColumn(change.jwks) },
        })
        if (row) await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return row && readIssuer(row)
      }),

    delete: ({ id, organisationId }, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.softwareStatementIssuer.deleteMany({ where: { id, organisationId } })
        if (count > 0) await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return count > 0
      }),
  }
}

/** In a JSON column the null of the database is not the null of JSON. */
function toJsonColumn(jwks: SoftwareStatementIssuer['jwks']) {
  return jwks === null ? Prisma.DbNull : (jwks as Prisma.InputJsonObject)
}

function readIssuer(row: Row): SoftwareStatementIssuer {
  return { ...row, jwks: row.jwks as SoftwareStatementIssuer['jwks'] }
}
