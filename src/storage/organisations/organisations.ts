// `storage/organisations` stores organisations, and creates them with their roles and their owner.
// Creating the first one is safe when several processes start at once.
// Users and clients have folders of their own.

import { DatabaseError, type Pool } from 'pg'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import { activeOrganisationStatuses } from '../../model/organisations/organisation.ts'
import type {
  OrganisationRepository,
  OrganisationSortField,
} from '../../model/organisations/organisation-repository.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { writeWithEvents } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { consumeOnboardingToken } from './onboarding-tokens.ts'
import { insertOrganisation } from './insert-organisation.ts'
import { organisationColumns, readOrganisation, type OrganisationRow } from './organisation-row.ts'

// The previous release does not mark the organisation that it creates in an empty database.
const FIND_OPERATOR = 'SELECT id FROM organisations ORDER BY is_operator DESC, created_at, id LIMIT 1'

const FIND = `SELECT ${organisationColumns} FROM organisations o WHERE o.id = $1::uuid`

const activeStatuses = activeOrganisationStatuses.map((status) => `'${status}'`).join(', ')

const FIND_SETTINGS = 'SELECT settings FROM organisations WHERE id = $1::uuid'

const SORT_COLUMNS: Readonly<Record<OrganisationSortField, string>> = {
  name: 'fold_text(o.name) COLLATE "C"',
  slug: 'o.slug COLLATE "C"',
  createdAt: 'o.created_at',
  updatedAt: 'o.updated_at',
}
const FOUND = `FROM organisations o
WHERE ($1::text IS NULL OR o.status = $1) AND ($2::text IS NULL OR position(fold_text($2) IN o.search_text) > 0)`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`

const UPDATE = `UPDATE organisations SET updated_at = $3::timestamptz, name = coalesce($4, name),
  audit_tokens = coalesce($5, audit_tokens), session_lifetime = coalesce($6, session_lifetime),
  session_idle_timeout = coalesce($7, session_idle_timeout), settings = (settings - $8::text[]) || $9::jsonb,
  access_ended_at = CASE WHEN NOT ($10 IN (${activeStatuses})) THEN $3::timestamptz ELSE access_ended_at END,
  status = coalesce($10, status), status_reason = CASE WHEN $10::text IS NULL THEN status_reason ELSE $11 END
WHERE id = $1::uuid AND version = $2`

const DELETE = `UPDATE organisations SET status_before_deletion = status, status = 'cancelled',
  deleted_at = $2::timestamptz, access_ended_at = $2::timestamptz, updated_at = $2::timestamptz
WHERE id = $1::uuid AND deleted_at IS NULL AND NOT is_operator`

const RESTORE = `UPDATE organisations SET status = coalesce(status_before_deletion, 'active'), status_before_deletion = NULL,
  deleted_at = NULL, updated_at = $2::timestamptz
WHERE id = $1::uuid AND deleted_at IS NOT NULL AND purge_started_at IS NULL`

const SET_SESSION_LIFETIMES = `UPDATE organisations SET
  session_idle_timeout = CASE WHEN settings ? 'sessionIdleTimeout' THEN session_idle_timeout ELSE $1 END,
  session_lifetime = CASE WHEN settings ? 'sessionLifetime' THEN session_lifetime ELSE $2 END
WHERE (NOT settings ? 'sessionIdleTimeout' AND session_idle_timeout <> $1)
  OR (NOT settings ? 'sessionLifetime' AND session_lifetime <> $2)`

/** Constraints that a new organisation may violate. */
const conflicts: Readonly<Record<string, 'slug_taken' | 'email_taken'>> = {
  organisations_slug_key: 'slug_taken',
  users_email_key_key: 'email_taken',
}

/** `onChange` is called after each change, so that this process forgets what it has cached; others poll for changes. */
export function createOrganisationRepository(pool: Pool, onChange: () => void): OrganisationRepository {
  const change = (statement: string) => async (id: string, events: readonly [AuditEvent, ...AuditEvent[]]) => {
    const changed = await writeWithEvents(pool, statement, [id, events[0].occurredAt], events)
    onChange()
    return changed
  }

  return {
    findOperatorId: async () => (await pool.query<{ id: string }>(FIND_OPERATOR)).rows[0]?.id,

    async create(organisation, token) {
      try {
        return await inTransaction(pool, async (connection) => {
          const { id } = organisation.organisation
          const isConsumed = !token || (await consumeOnboardingToken(connection, token, id, organisation.now))
          if (!isConsumed) return 'token_invalid'
          await insertOrganisation(connection, organisation)
          return 'created'
        })
      } catch (error) {
        const conflict = error instanceof DatabaseError ? conflicts[error.constraint ?? ''] : undefined
        if (conflict === undefined) throw error
        return conflict
      }
    },

    async list({ search, status, sort, limit, offset }) {
      const conditions = [status, search]
      const direction = sort.descending ? 'DESC' : 'ASC'
      const order = `ORDER BY ${SORT_COLUMNS[sort.by]} ${direction}, o.id ${direction} LIMIT $3 OFFSET $4`
      const counted = await pool.query<{ total: number }>(COUNT, conditions)
      const text = `SELECT ${organisationColumns} ${FOUND} ${order}`
      const { rows } = await pool.query<OrganisationRow>(text, [...conditions, limit, offset])
      return { organisations: rows.map(readOrganisation), total: counted.rows[0]?.total ?? 0 }
    },

    async find(id) {
      const [row] = (await pool.query<OrganisationRow>(FIND, [id])).rows
      return row && readOrganisation(row)
    },

    async findPasswordPolicy(id) {
      const [row] = (await pool.query<{ settings: unknown }>(FIND_SETTINGS, [id])).rows
      return completeOrganisationSettings(row?.settings).passwordPolicy
    },

    async update({ id, version }, { columns, settings, reset, status }, events) {
      const { name, auditTokens, sessionLifetime, sessionIdleTimeout } = columns
      const key = [id, version, events[0].occurredAt]
      const members = [name, auditTokens, sessionLifetime, sessionIdleTimeout, reset, JSON.stringify(settings)]
      const values = [...key, ...members, status?.status, status?.reason]
      const updated = await writeWithEvents(pool, UPDATE, values, events)
      onChange()
      return updated ? 'updated' : 'stale'
    },

    delete: change(DELETE),
    restore: change(RESTORE),

    async setSessionLifetimes({ idle, max }) {
      await pool.query(SET_SESSION_LIFETIMES, [idle, max])
    },
  }
}
