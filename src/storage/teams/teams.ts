// `storage/teams` stores teams and their members.
// The version of a team is the time of its last write, which grows with each write to the team, its members or its roles.
// Assigning roles to teams belongs to `storage/permissions`.

import type { Pool } from 'pg'
import {
  MAX_COUNTED_MEMBERS,
  MAX_EMBEDDED_MEMBERS,
  type Team,
  type TeamMember,
  type TeamRepository,
  type TeamSortField,
} from '../../model/teams/team.ts'
import { assignmentIsEffective } from '../active-conditions.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import { keepingAnOwner } from '../permissions/last-owner.ts'
import { createTeamMemberStore, isMember } from './team-members.ts'

const teamColumns = (now: string) => `t.id, t.organisation_id AS "organisationId", t.slug, t.name, t.description,
  t.created_at AS "createdAt", t.updated_at AS "updatedAt",
  (SELECT coalesce(json_agg(json_build_object('id', u.id, 'email', u.email, 'name', u.name, 'givenName', u.given_name,
      'familyName', u.family_name, 'joinedAt', u.joined_at) ORDER BY u.id), '[]')
    FROM (
      SELECT u.*, m.joined_at FROM (
        SELECT m.user_id, m.joined_at FROM team_members m
        WHERE m.team_id = t.id AND m.organisation_id = t.organisation_id AND ${isMember('m')}
        ORDER BY m.user_id LIMIT ${MAX_EMBEDDED_MEMBERS}
      ) m JOIN users u ON u.id = m.user_id
    ) u) AS members,
  (SELECT count(*)::int FROM (
    SELECT FROM team_members m
    WHERE m.team_id = t.id AND m.organisation_id = t.organisation_id AND ${isMember('m')}
    ORDER BY m.user_id LIMIT ${MAX_COUNTED_MEMBERS}) AS counted) AS "memberCount",
  (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'slug', r.slug) ORDER BY r.slug COLLATE "C"), '[]')
    FROM role_assignments a JOIN roles r ON r.id = a.role_id
    WHERE a.team_id = t.id AND a.organisation_id = t.organisation_id AND a.within_team_id IS NULL
      AND ${assignmentIsEffective('a', now)}) AS roles`

const FIND = `SELECT ${teamColumns('$3')} FROM teams t WHERE t.id = $1::uuid AND t.organisation_id = $2::uuid`

const SORT_COLUMNS: Readonly<Record<TeamSortField, string>> = {
  name: 'fold_text(t.name) COLLATE "C"',
  slug: 't.slug COLLATE "C"',
  createdAt: 't.created_at',
  updatedAt: 't.updated_at',
}
const FOUND = `FROM teams t WHERE t.organisation_id = $1::uuid
  AND ($2::text IS NULL OR position(fold_text($2) IN fold_text(concat_ws(E'\\n', t.slug, t.name, t.description))) > 0)
  AND ($3::uuid[] IS NULL OR t.id = ANY ($3))`
const COUNT = `SELECT count(*)::int AS total ${FOUND}`
const listStatement = ({ by, descending }: { by: TeamSortField; descending: boolean }) => {
  const direction = descending ? 'DESC' : 'ASC'
  return `SELECT ${teamColumns('$6')} ${FOUND} ORDER BY ${SORT_COLUMNS[by]} ${direction}, t.id ${direction} LIMIT $4 OFFSET $5`
}

const INSERT = `INSERT INTO teams (id, organisation_id, slug, name, description, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (organisation_id, slug) DO NOTHING`
// Only in the version that was read.
const UPDATE = `UPDATE teams SET updated_at = greatest($3::timestamptz, updated_at + interval '1 millisecond'),
  name = coalesce($5, name), description = CASE WHEN $6 THEN $7 ELSE description END
WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $4`
// A member that is being added waits for this lock, and then finds no team.
const LOCK_VERSION =
  'SELECT id FROM teams WHERE id = $1::uuid AND organisation_id = $2::uuid AND updated_at = $3 FOR UPDATE'
const DELETE = 'DELETE FROM teams WHERE id = $1::uuid AND organisation_id = $2::uuid'

type TeamRow = Omit<Team, 'version' | 'members'> & {
  members: (Omit<TeamMember, 'joinedAt'> & { joinedAt: string })[]
}

const readTeam = ({ members, ...row }: TeamRow): Team => ({
  ...row,
  members: members.map((member) => ({ ...member, joinedAt: new Date(member.joinedAt) })),
  version: row.updatedAt.getTime(),
})

export function createTeamRepository(pool: Pool): TeamRepository {
  return {
    async list({ organisationId, now, search, teamIds, sort, limit, offset }) {
      const which = [organisationId, search, teamIds]
      const counted = await pool.query<{ total: number }>(COUNT, which)
      const { rows } = await pool.query<TeamRow>(listStatement(sort), [...which, limit, offset, now])
      return { teams: rows.map(readTeam), total: counted.rows[0]?.total ?? 0 }
    },

    async find({ id, organisationId }, now) {
      const { rows } = await pool.query<TeamRow>(FIND, [id, organisationId, now])
      return rows[0] && readTeam(rows[0])
    },

    create: ({ id, organisationId, slug, name, description }, event) =>
      inTransaction(pool, async (connection) => {
        const values = [id, organisationId, slug, name, description, event.occurredAt]
        const inserted = await connection.query(INSERT, values)
        if (inserted.rowCount === 0) return 'slug_taken'
        await recordAuditEvent(connection, event)
        return 'created'
      }),

    update: ({ id, organisationId, version }, { name, description }, event) =>
      inTransaction(pool, async (connection) => {
        const key = [id, organisationId, event.occurredAt, new Date(version)]
        const updated = await connection.query(UPDATE, [...key, name, description !== undefined, description])
        if (updated.rowCount === 0) return 'stale'
        await recordAuditEvent(connection, event)
        return 'updated'
      }),

    delete: ({ id, organisationId, version }, event) =>
      inTransaction(pool, async (connection) => {
        const locked = await connection.query(LOCK_VERSION, [id, organisationId, new Date(version)])
        if (locked.rowCount === 0) return 'stale'
        const result = await keepingAnOwner(connection, organisationId, async () => {
          await connection.query(DELETE, [id, organisationId])
          return 'deleted' as const
        })
        if (result === 'deleted') await recordAuditEvent(connection, event)
        return result
      }),

    ...createTeamMemberStore(pool),
  }
}
