import type pg from 'pg'
import {
  MAX_AUTHORIZATION_FAILURES,
  type AuthorizationFailure,
  type AuthorizationFailureRepository,
  type CheckResult,
} from '../../model/authorization/authorization-failure.ts'
import type { Prisma, PrismaClient } from '../generated/client.ts'
import { prepare } from '../db/batched-statement.ts'

const INSERT = `
INSERT INTO authorization_failures (organisation_id, reference, client_id, error, checks, created_at, expires_at)
SELECT $1::uuid, $2, $3::uuid, $4, $5::jsonb, $6::timestamptz, $7::timestamptz
WHERE (SELECT count(*) FROM (
    SELECT FROM authorization_failures WHERE organisation_id = $1::uuid LIMIT ${MAX_AUTHORIZATION_FAILURES}) AS existing) < ${MAX_AUTHORIZATION_FAILURES}
ON CONFLICT DO NOTHING`

export function createAuthorizationFailureRepository(
  pool: pg.Pool,
  prisma: PrismaClient,
): AuthorizationFailureRepository {
  const queryInsert = prepare(pool, 'insert-authorization-failure', INSERT)
  return {
    async create({ organisationId, reference, clientId, error, checks, createdAt, expiresAt }) {
      await queryInsert([organisationId, reference, clientId, error, JSON.stringify(checks), createdAt, expiresAt])
    },

    async find({ organisationId, reference }, now): Promise<AuthorizationFailure | undefined> {
      const where: Prisma.AuthorizationFailureWhereInput = { organisationId, reference, expiresAt: { gt: now } }
      const row = await prisma.authorizationFailure.findFirst({ where })
      return row ? { ...row, checks: row.checks as unknown as CheckResult[] } : undefined
    },
  }
}
