import type { PoolClient } from 'pg'
import { sha256 } from '../../../lib/crypto/hash.ts'
import type { UserAttributeChange } from '../../../model/users/user-attribute.ts'
import type { UserReference } from '../../../model/users/user-directory.ts'

/**
 * The values of a user in an organisation, by name, of the definitions `d` that fulfil the condition. Values are found by the
 * key of the user, and definitions by theirs: `OFFSET 0` keeps PostgreSQL from reading all definitions first.
 */
export const attributeValues = (user: string, organisation: string, condition: string) => `(
  SELECT coalesce(json_object_agg(a.name, a.value), '{}') FROM (
    SELECT d.name, CASE WHEN d.type = 'string[]' THEN jsonb_agg(v.value ORDER BY v.position) ELSE (array_agg(v.value))[1] END AS value
    FROM user_attributes v CROSS JOIN LATERAL (
      SELECT d.id, d.name, d.type FROM user_attribute_definitions d WHERE d.id = v.attribute_id AND ${condition} OFFSET 0) d
    WHERE v.user_id = ${user} AND v.organisation_id IS NOT DISTINCT FROM ${organisation}
    GROUP BY d.id, d.name, d.type ORDER BY d.name COLLATE "C") AS a)`

/** The same of row `u` of users, in the organisation of the row. */
export const attributesOf = (u: string, condition = 'true') =>
  attributeValues(`${u}.id`, `${u}.organisation_id`, condition)

const DELETE = `DELETE FROM user_attributes
WHERE user_id = $1::uuid AND organisation_id = $2::uuid AND attribute_id = ANY ($3::uuid[])`
// The lock keeps a definition from being deleted meanwhile. One that is gone takes no value.
const LOCK_DEFINITIONS = `SELECT id, searchable FROM user_attribute_definitions
WHERE organisation_id = $1::uuid AND id = ANY ($2::uuid[]) ORDER BY id FOR SHARE`
const INSERT = `INSERT INTO user_attributes (user_id, attribute_id, position, organisation_id, value, key, unique_key)
SELECT $1::uuid, attribute_id, position, $2::uuid, value, key, CASE WHEN d.is_unique THEN key END
FROM unnest($3::uuid[], $4::int[], $5::jsonb[], $6::bytea[]) AS given(attribute_id, position, value, key)
JOIN user_attribute_definitions d ON d.id = given.attribute_id AND d.organisation_id = $2::uuid`
const REBUILD_SEARCH =
  'SELECT upsert_user_search(u) FROM users u WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid'

/** By which a value is found, and compared with those of other users. */
export function attributeKey(value: string | number | boolean): Buffer {
  return sha256(JSON.stringify(value))
}

/** Writes values of a user, in the transaction of this connection. A taken value of a unique attribute fails it. */
export async function writeAttributes(
  connection: PoolClient,
  { id, organisationId }: UserReference,
  changes: readonly UserAttributeChange[],
): Promise<void> {
  if (changes.length === 0) return
  const ids = changes.map(({ definition }) => definition.id)
  const locked = await connection.query<{ searchable: boolean }>(LOCK_DEFINITIONS, [organisationId, ids])
  await connection.query(DELETE, [id, organisationId, ids])
  const rows = changes.flatMap(({ definition, value }) =>
    (Array.isArray(value) ? value : value === null ? [] : [value]).map((entry, position) => ({
      attributeId: definition.id,
      position,
      entry,
    })),
  )
  await connection.query(INSERT, [
    id,
    organisationId,
    rows.map(({ attributeId }) => attributeId),
    rows.map(({ position }) => position),
    rows.map(({ entry }) => JSON.stringify(entry)),
    rows.map(({ entry }) => attributeKey(entry)),
  ])
  if (locked.rows.some(({ searchable }) => searchable)) await connection.query(REBUILD_SEARCH, [id, organisationId])
}
