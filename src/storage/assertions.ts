import type pg from 'pg'
import type { AssertionRepository } from '../model/assertion.ts'
import { prepare } from './statement.ts'

const USE = `
INSERT INTO used_assertions (client_id, jti, organisation_id, expires_at)
VALUES ($1::uuid, $2, $3::uuid, $4::timestamptz) ON CONFLICT DO NOTHING RETURNING jti`

export function createAssertionRepository(pool: pg.Pool): AssertionRepository {
  const useRows = prepare<{ jti: string }>(pool, 'use-assertion', USE)
  return {
    async use({ clientId, jti, organisationId, expiresAt }) {
      return (await useRows([clientId, jti, organisationId, expiresAt])).length > 0
    },
  }
}
