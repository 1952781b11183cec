import { DatabaseError, type PoolClient } from 'pg'
import type { NewUser, UserConflict, UserReference } from '../../model/users/user-directory.ts'
import type { UserDetails } from '../../model/users/user.ts'
import { writeAttributes } from './attributes/attribute-values.ts'

const INSERT = `INSERT INTO users (id, organisation_id, email, email_key, password_hash, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)`
const ASSIGN_ROLE = `INSERT INTO role_assignments (user_id, role_id, organisation_id, granted_by, granted_at)
SELECT u.id, r.id, r.organisation_id, $4::uuid, $5::timestamptz
FROM users u JOIN roles r ON r.organisation_id = u.organisation_id
WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid AND u.deleted_at IS NULL AND r.id = ANY ($3::uuid[])
ON CONFLICT DO NOTHING`
const ADD_TO_TEAMS = `INSERT INTO team_members (user_id, team_id, organisation_id, joined_at)
SELECT $1::uuid, id, $2::uuid, $4::timestamptz FROM unnest($3::uuid[]) AS given(id) ON CONFLICT DO NOTHING`
// In one order, so that they are not deleted before the user is stored, and statements do not deadlock. Makes new versions.
export const LOCK_ROLES =
  'SELECT id FROM roles WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid ORDER BY id FOR KEY SHARE'
export const LOCK_TEAMS =
  'SELECT id FROM teams WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid ORDER BY id FOR NO KEY UPDATE'
export const TOUCH_TEAMS = `UPDATE teams SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond')
WHERE id = ANY ($1::uuid[]) AND organisation_id = $2::uuid`

/** The columns of the details. */
export const detailColumns = {
  externalId: 'external_id',
  emailVerified: 'email_verified',
  name: 'name',
  givenName: 'given_name',
  familyName: 'family_name',
  middleName: 'middle_name',
  nickname: 'nickname',
  preferredUsername: 'preferred_username',
  profile: 'profile',
  picture: 'picture',
  website: 'website',
  gender: 'gender',
  birthdate: 'birthdate',
  zoneinfo: 'zoneinfo',
  locale: 'locale',
  phoneNumber: 'phone_number',
  phoneNumberVerified: 'phone_number_verified',
  address: 'address',
} as const satisfies Record<keyof UserDetails, string>

/** Constraints whose violation is a conflict with another user. */
const conflicts: Readonly<Record<string, UserConflict>> = {
  users_email_key_key: 'email_taken',
  users_external_id_key: 'external_id_taken',
  user_attributes_attribute_id_unique_key_key: 'attribute_taken',
}

/** What a new user gets: roles in the whole organisation, and teams. */
interface NewUserAccess {
  roleIds: readonly string[]
  teamIds: readonly string[]
  grantedBy: string | undefined
}

/**
 * Stores a user with roles and teams, in the transaction of `connection`. Stores nothing where the organisation does not have
 * one of them. A taken e-mail address or external id fails the transaction (`orConflict`).
 */
export async function insertUser(
  connection: PoolClient,
  user: NewUser,
  { roleIds, teamIds, grantedBy }: NewUserAccess,
  now: Date,
): Promise<'created' | 'unknown_team' | 'unknown_role'> {
  const { id, organisationId, email, emailKey, passwordHash, details, attributes = [] } = user
  if (!(await lockAll(connection, LOCK_TEAMS, teamIds, organisationId))) return 'unknown_team'
  if (!(await lockAll(connection, LOCK_ROLES, roleIds, organisationId))) return 'unknown_role'
  await connection.query(INSERT, [id, organisationId, email, emailKey, passwordHash, now])
  await updateDetails(connection, user, details, now)
  await writeAttributes(connection, user, attributes)
  await connection.query(ASSIGN_ROLE, [id, organisationId, roleIds, grantedBy, now])
  await connection.query(ADD_TO_TEAMS, [id, organisationId, teamIds, now])
  await connection.query(TOUCH_TEAMS, [teamIds, organisationId, now])
  return 'created'
}

/** Locks the rows of these ids; whether all exist. */
export async function lockAll(connection: PoolClient, text: string, ids: readonly string[], organisationId: string) {
  return (await connection.query(text, [ids, organisationId])).rowCount === new Set(ids).size
}

/** Writes the given details of a user who is not deleted; whether there is one. */
export async function updateDetails(
  connection: PoolClient,
  { id, organisationId }: UserReference,
  details: UserDetails,
  now: Date,
): Promise<boolean> {
  const given = Object.entries(details).filter(([, value]) => value !== undefined)
  const assignments = given.map(([member], index) => `${detailColumns[member as keyof UserDetails]} = $${index + 4}`)
  const { rowCount } = await connection.query(
    `UPDATE users SET ${[...assignments, 'updated_at = $3'].join(', ')}
    WHERE id = $1::uuid AND organisation_id = $2::uuid AND deleted_at IS NULL`,
    [id, organisationId, now, ...given.map(([, value]) => value)],
  )
  return rowCount === 1
}

/** The outcome of `write`, or the conflict with another user that PostgreSQL found. */
export async function orConflict<Outcome>(write: () => Promise<Outcome>): Promise<Outcome | UserConflict> {
  try {
    return await write()
  } catch (error) {
    const conflict = error instanceof DatabaseError ? conflicts[error.constraint ?? ''] : undefined
    if (conflict === undefined) throw error
    return conflict
  }
}
