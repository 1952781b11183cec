// `storage/users/attributes` stores the attributes that organisations define, and their values, one row for each.

import { DatabaseError, type Pool } from 'pg'
import {
  MAX_ATTRIBUTE_DEFINITIONS,
  type UserAttributeDefinition,
  type UserAttributeRepository,
  type UserAttributes,
} from '../../../model/users/user-attribute.ts'
import { recordAuditEvent } from '../../audit/record-audit-event.ts'
import { inTransaction } from '../../db/transaction.ts'
import { attributesOf } from './attribute-values.ts'

const LIST = `SELECT id, organisation_id AS "organisationId", name, type, access, required, is_unique AS "unique", searchable,
  pattern, max_length AS "maxLength", options, titles, created_at AS "createdAt", updated_at AS "updatedAt"
FROM user_attribute_definitions WHERE organisation_id = $1::uuid ORDER BY name COLLATE "C"`

const LOCK_ORGANISATION = 'SELECT id FROM organisations WHERE id = $1::uuid FOR NO KEY UPDATE'
const COUNT_DEFINITIONS =
  'SELECT count(*)::int AS count FROM user_attribute_definitions WHERE organisation_id = $1::uuid'
const INSERT = `INSERT INTO user_attribute_definitions (id, organisation_id, name, type, searchable, access, required, is_unique,
  pattern, max_length, options, titles, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT (organisation_id, name) DO NOTHING`
const UPDATE = `UPDATE user_attribute_definitions SET access = $3, required = $4, is_unique = $5, pattern = $6, max_length = $7,
  options = $8, titles = $9, updated_at = $10
WHERE id = $1::uuid AND organisation_id = $2::uuid`
const SET_UNIQUE_KEYS = `UPDATE user_attributes SET unique_key = CASE WHEN $3 THEN key END
WHERE attribute_id = $1::uuid AND organisation_id = $2::uuid AND (unique_key IS NOT NULL) <> $3`
const LOCK =
  'SELECT searchable FROM user_attribute_definitions WHERE id = $1::uuid AND organisation_id = $2::uuid FOR UPDATE'
const COUNT_USERS = `SELECT count(DISTINCT user_id)::int AS users FROM user_attributes
WHERE attribute_id = $1::uuid AND organisation_id = $2::uuid`
const DELETE_VALUES = `WITH deleted AS (
  DELETE FROM user_attributes WHERE attribute_id = $1::uuid AND organisation_id = $2::uuid RETURNING user_id)
SELECT DISTINCT user_id FROM deleted`
const DELETE = 'DELETE FROM user_attribute_definitions WHERE id = $1::uuid AND organisation_id = $2::uuid'
const REBUILD_SEARCH = `SELECT upsert_user_search(u) FROM users u WHERE u.id = ANY ($1::uuid[])`
const VALUES = `SELECT ${attributesOf('u', 'd.access = ANY ($3::text[])')} AS attributes
FROM users u WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid`

export function createUserAttributeRepository(pool: Pool): UserAttributeRepository {
  return {
    async list(organisationId) {
      return (await pool.query<UserAttributeDefinition>(LIST, [organisationId])).rows
    },

    create: ({ id, organisationId, name, type, searchable, ...rules }, event) =>
      inTransaction(pool, async (connection) => {
        // So that concurrent requests do not exceed the maximum.
        await connection.query(LOCK_ORGANISATION, [organisationId])
        const { rows } = await connection.query<{ count: number }>(COUNT_DEFINITIONS, [organisationId])
        if ((rows[0]?.count ?? 0) >= MAX_ATTRIBUTE_DEFINITIONS) return 'too_many'
        const { access, required, unique, pattern, maxLength, options, titles } = rules
        const values = [access, required, unique, pattern, maxLength, options, titles, event.occurredAt]
        const inserted = await connection.query(INSERT, [id, organisationId, name, type, searchable, ...values])
        if (inserted.rowCount === 0) return 'name_taken'
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    async update({ id, organisationId }, rules, event) {
      const { access, required, unique, pattern, maxLength, options, titles } = rules
      try {
        return await inTransaction(pool, async (connection) => {
          const values = [access, required, unique, pattern, maxLength, options, titles, event.occurredAt]
          const { rowCount } = await connection.query(UPDATE, [id, organisationId, ...values])
          if (rowCount === 0) return 'not_found'
          await connection.query(SET_UNIQUE_KEYS, [id, organisationId, unique])
          await recordAuditEvent(connection, event)
          return 'updated'
        })
      } catch (error) {
        if (error instanceof DatabaseError && error.constraint === UNIQUE_VALUE) return 'not_unique'
        throw error
      }
    },

    async countUsers({ id, organisationId }) {
      return (await pool.query<{ users: number }>(COUNT_USERS, [id, organisationId])).rows[0]?.users ?? 0
    },

    delete: ({ id, organisationId }, expectedUsers, event) =>
      inTransaction(pool, async (connection) => {
        // Writers of values lock the definition, so that the number stays.
        const locked = await connection.query<{ searchable: boolean }>(LOCK, [id, organisationId])
        const [definition] = locked.rows
        if (!definition) return 'not_found'
        const { rows } = await connection.query<{ users: number }>(COUNT_USERS, [id, organisationId])
        const users = rows[0]?.users ?? 0
        if (users !== expectedUsers) return { users }
        const deleted = await connection.query<{ user_id: string }>(DELETE_VALUES, [id, organisationId])
        await connection.query(DELETE, [id, organisationId])
        if (definition.searchable) await connection.query(REBUILD_SEARCH, [deleted.rows.map((row) => row.user_id)])
        await recordAuditEvent(connection, event)
        return 'deleted'
      }),

    async valuesOf({ id, organisationId }, access) {
      const { rows } = await pool.query<{ attributes: UserAttributes }>(VALUES, [id, organisationId, access])
      return rows[0]?.attributes ?? {}
    },
  }
}

/** The index that a value of a unique attribute violates. */
const UNIQUE_VALUE = 'user_attributes_attribute_id_unique_key_key'
