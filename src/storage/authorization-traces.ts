import type pg from 'pg'
import {
  MOST_TRACES,
  type AuthorizationTrace,
  type AuthorizationTraceRepository,
  type TracedCheck,
} from '../model/authorization-trace.ts'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { prepare } from './statement.ts'

const KEEP = `
INSERT INTO authorization_traces (organisation_id, reference, client_id, error, checks, created_at, expires_at)
SELECT $1::uuid, $2, $3::uuid, $4, $5::jsonb, $6::timestamptz, $7::timestamptz
WHERE (SELECT count(*) FROM (
    SELECT FROM authorization_traces WHERE organisation_id = $1::uuid LIMIT ${MOST_TRACES}) AS kept) < ${MOST_TRACES}
ON CONFLICT DO NOTHING`

export function createAuthorizationTraceRepository(pool: pg.Pool, prisma: PrismaClient): AuthorizationTraceRepository {
  const keepRow = prepare(pool, 'keep-trace', KEEP)
  return {
    async keep({ organisationId, reference, clientId, error, checks, createdAt, expiresAt }) {
      await keepRow([organisationId, reference, clientId, error, JSON.stringify(checks), createdAt, expiresAt])
    },

    async find({ organisationId, reference }, now): Promise<AuthorizationTrace | undefined> {
      const where: Prisma.AuthorizationTraceWhereInput = { organisationId, reference, expiresAt: { gt: now } }
      const row = await prisma.authorizationTrace.findFirst({ where })
      return row ? { ...row, checks: row.checks as unknown as TracedCheck[] } : undefined
    },
  }
}
