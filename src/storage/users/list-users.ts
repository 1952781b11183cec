import type { Pool } from 'pg'
import {
  MAX_COUNTED_USERS,
  type DirectoryUser,
  type UserPage,
  type UserQuery,
  type UserSortField,
  type UserStatusName,
} from '../../model/users/user-directory.ts'
import type { TeamSummary } from '../../model/teams/team.ts'
import type { RoleSummary } from '../../model/users/user.ts'
import type { UserAttributes } from '../../model/users/user-attribute.ts'
import type { Membership } from '../../model/users/membership.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { escapeLike } from '../db/like-pattern.ts'
import { attributeKey, attributesOf } from './attributes/attribute-values.ts'
import { findUserSets, isInSet, usersByIds, usersOfSet, type UserSets } from './user-sets.ts'
import { readUser, userColumns, type UserColumns } from './user-row.ts'

/** The expressions that the indexes of the table have, and the type of a position in them. */
const sortExpressions = {
  createdAt: { expression: 'u.id', type: 'uuid' },
  email: { expression: 'u.email_key', type: 'text' },
  name: { expression: "coalesce(u.name, '')", type: 'text' },
  lastLoginAt: { expression: "coalesce(u.last_login_at, '-infinity'::timestamptz)", type: 'timestamptz' },
} as const satisfies Record<UserSortField, { expression: string; type: string }>

// Few members are suspended: an index has them.
const IS_SUSPENDED = `EXISTS (SELECT FROM memberships m
  WHERE m.user_id = u.id AND m.organisation_id = u.organisation_id AND m.state = 'suspended')`

const statusConditions = {
  active: `u.deleted_at IS NULL AND u.blocked_at IS NULL AND NOT ${IS_SUSPENDED}`,
  suspended: `u.deleted_at IS NULL AND u.blocked_at IS NULL AND ${IS_SUSPENDED}`,
  blocked: 'u.deleted_at IS NULL AND u.blocked_at IS NOT NULL',
  deleted: 'u.deleted_at IS NOT NULL',
} as const satisfies Record<UserStatusName, string>

const rolesOf = (u: string, now: string) => `(
  SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'slug', r.slug, 'expiresAt', a.expires_at)
    ORDER BY r.slug COLLATE "C"), '[]')
  FROM role_assignments a JOIN roles r ON r.id = a.role_id
  WHERE a.user_id = ${u}.id AND a.organisation_id = ${u}.organisation_id AND a.within_team_id IS NULL
    AND ${assignmentIsEffective('a', now)})`

const teamsOf = (u: string) => `(
  SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) ORDER BY t.slug COLLATE "C"), '[]')
  FROM team_members m JOIN teams t ON t.id = m.team_id WHERE m.user_id = ${u}.id AND m.organisation_id = ${u}.organisation_id)`

/** Whether user `u` is a member of one of these teams; null: of any, or none. */
export const isMemberOfAny = (teamIds: string) => `(${teamIds}::uuid[] IS NULL OR EXISTS (
  SELECT FROM team_members m
  WHERE m.user_id = u.id AND m.organisation_id = u.organisation_id AND m.team_id = ANY (${teamIds}::uuid[])))`

const membershipOf = (u: string) => `(
  SELECT json_build_object('state', m.state, 'source', m.source, 'suspendedAt', m.suspended_at,
    'suspendedReason', m.suspended_reason, 'joinedAt', m.joined_at)
  FROM memberships m WHERE m.user_id = ${u}.id AND m.organisation_id = ${u}.organisation_id)`

/** The columns of user `u`, as `readDirectoryUser` wants them. `now` is a parameter. */
export const directoryUserColumns = (now: string) => `${userColumns}, u.external_id,
  u.password_hash IS NOT NULL AS has_password, u.mfa_methods, u.last_login_at, u.blocked_at, u.blocked_reason, u.deleted_at, u.created_at,
  ${membershipOf('u')} AS membership, ${rolesOf('u', now)} AS roles, ${teamsOf('u')} AS teams,
  ${attributesOf('u')} AS attributes`

export interface DirectoryUserColumns extends UserColumns {
  external_id: string | null
  has_password: boolean
  mfa_methods: string[]
  last_login_at: Date | null
  blocked_at: Date | null
  blocked_reason: string | null
  deleted_at: Date | null
  created_at: Date
  membership: Pick<Membership, 'state' | 'source' | 'suspendedReason'> & {
    suspendedAt: string | null
    joinedAt: string
  }
  roles: (RoleSummary & { expiresAt: string | null })[]
  teams: TeamSummary[]
  attributes: UserAttributes
}

export function readDirectoryUser(row: DirectoryUserColumns): DirectoryUser {
  const { suspendedAt, joinedAt, ...membership } = row.membership
  return {
    ...readUser(row),
    externalId: row.external_id,
    hasPassword: row.has_password,
    mfaMethods: row.mfa_methods,
    lastLoginAt: row.last_login_at,
    blockedAt: row.blocked_at,
    blockedReason: row.blocked_reason,
    deletedAt: row.deleted_at,
    createdAt: row.created_at,
    membership: {
      ...membership,
      suspendedAt: suspendedAt === null ? null : new Date(suspendedAt),
      joinedAt: new Date(joinedAt),
    },
    roles: row.roles.map((role) => ({ ...role, expiresAt: role.expiresAt === null ? null : new Date(role.expiresAt) })),
    teams: row.teams,
    attributes: row.attributes,
  }
}

/** A page of users. Positions and indexes make a page cost the same wherever it is; users are counted up to a limit. */
export async function listUsers(pool: Pool, query: UserQuery): Promise<UserPage> {
  const sets = await findUserSets(pool, query)
  const total = await countUsers(pool, query, sets)
  const { parameters, bind, from, where } = conditions(query, sets)
  const { expression, type } = sortExpressions[query.sort.by]
  const direction = query.sort.descending ? 'DESC' : 'ASC'
  const { after } = query
  const following =
    after === undefined
      ? ''
      : `AND (${expression}, u.id) ${query.sort.descending ? '<' : '>'} (${bind(after.value)}::${type}, ${bind(after.id)}::uuid)`
  const { rows } = await pool.query<DirectoryUserColumns & { position: string }>(
    `SELECT ${directoryUserColumns(bind(query.now))}, (${expression})::text AS position FROM ${from} WHERE ${where} ${following}
    ORDER BY ${expression} ${direction}, u.id ${direction}
    LIMIT ${bind(query.limit + 1)} OFFSET ${bind(after === undefined ? query.offset : 0)}`,
    parameters,
  )
  const page = rows.slice(0, query.limit)
  const last = rows.length > query.limit ? page.at(-1) : undefined
  return {
    users: page.map(readDirectoryUser),
    total: Math.min(total, MAX_COUNTED_USERS),
    totalIsCapped: total > MAX_COUNTED_USERS,
    end: last && { value: last.position, id: last.user_row_id },
  }
}

/** The ids of the users that a query finds, at most `limit`, oldest first. */
export async function findUserIds(
  pool: Pool,
  query: Omit<UserQuery, 'limit' | 'offset' | 'sort'>,
  limit: number,
): Promise<string[]> {
  const { parameters, bind, from, where } = conditions(query, await findUserSets(pool, query))
  const { rows } = await pool.query<{ id: string }>(
    `SELECT u.id FROM ${from} WHERE ${where} ORDER BY u.id LIMIT ${bind(limit)}`,
    parameters,
  )
  return rows.map(({ id }) => id)
}

/** The number of users, up to one more than are counted. */
async function countUsers(pool: Pool, query: UserQuery, sets: UserSets): Promise<number> {
  const { search, emailKey, externalId, attributes, status } = query
  const [large, ...others] = sets.others
  const isNarrow = [search, emailKey, externalId, attributes?.[0]].some((filter) => filter !== undefined)
  const isRare = status !== undefined && status !== 'active'
  // Of a large set, nearly all users are in the list: counting them stops soon.
  const driving = sets.ids === undefined && !isNarrow && !isRare ? large : undefined
  const { parameters, bind, from, where } = conditions(query, driving ? { ids: undefined, others } : sets)
  const source = driving ? usersOfSet(driving, bind(query.now), bind) : from
  const { rows } = await pool.query<{ total: number }>(
    `SELECT count(*)::int AS total FROM (SELECT FROM ${source} WHERE ${where} LIMIT ${MAX_COUNTED_USERS + 1}) AS found`,
    parameters,
  )
  return rows[0]?.total ?? 0
}

function conditions(query: Omit<UserQuery, 'limit' | 'offset' | 'sort'>, sets: UserSets) {
  const { organisationId, now, search, emailKey, externalId, attributes = [], mfaEnabled, status } = query
  const parameters: unknown[] = []
  const bind = (value: unknown) => `$${parameters.push(value)}`
  const organisation = bind(organisationId)
  const found = [`u.organisation_id = ${organisation}::uuid`]
  found.push(status === undefined ? 'u.deleted_at IS NULL' : statusConditions[status])
  if (search !== undefined) {
    found.push(`u.id IN (SELECT s.user_id FROM user_search s
      WHERE s.organisation_id = ${organisation}::uuid AND s.text LIKE fold_text(${bind(`%${escapeLike(search)}%`)}))`)
  }
  if (emailKey !== undefined) found.push(`u.email_key = ${bind(emailKey)}`)
  if (externalId !== undefined) found.push(`u.external_id = ${bind(externalId)}`)
  for (const { id, value } of attributes) {
    found.push(`u.id IN (SELECT v.user_id FROM user_attributes v
      WHERE v.attribute_id = ${bind(id)}::uuid AND v.key = ${bind(attributeKey(value))})`)
  }
  if (mfaEnabled !== undefined) found.push(`u.mfa_methods ${mfaEnabled ? '<>' : '='} '{}'`)
  found.push(...sets.others.map((set) => isInSet(set, bind(now), bind)))
  const from = sets.ids === undefined ? 'users u' : usersByIds(bind(sets.ids))
  return { parameters, bind, from, where: found.join(' AND ') }
}
