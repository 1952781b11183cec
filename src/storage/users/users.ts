// `storage/users` reads and updates users.
// Each query names the organisation of the user, except sign-in by e-mail address.
// Password hashing belongs to `authentication`.

import type { Pool } from 'pg'
import { membershipIsActive, userIsActive } from '../active-conditions.ts'
import { isMembershipActive, type MembershipState } from '../../model/users/membership.ts'
import type { Address, RoleSummary, User, UserProfile, UserRepository } from '../../model/users/user.ts'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import { isOrganisationActive, type OrganisationStatus } from '../../model/organisations/organisation.ts'
import { recordAuditEvent } from '../audit/record-audit-event.ts'
import { inTransaction } from '../db/transaction.ts'
import type { PrismaClient, User as UserRow } from '../generated/client.ts'
import { heldRoles, PERMISSIONS_HELD, TEAM_PERMISSIONS_HELD } from '../permissions/held-roles.ts'
import { writeAttributes } from './attributes/attribute-values.ts'
import { orConflict, updateDetails } from './insert-user.ts'
import { readUser, userColumns, type UserColumns } from './user-row.ts'

const FIND_PROFILE = `
WITH held AS MATERIALIZED (
  SELECT DISTINCT role_id, within_team_id FROM (${heldRoles('$1::uuid', '$2::uuid', '$3')}) AS every
)
SELECT ${userColumns}, u.mfa_methods, o.slug AS organisation_slug, o.name AS organisation_name,
  (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'slug', r.slug) ORDER BY r.slug COLLATE "C"), '[]')
    FROM held h JOIN roles r ON r.id = h.role_id WHERE h.within_team_id IS NULL) AS roles,
  ${PERMISSIONS_HELD} AS permissions,
  ${TEAM_PERMISSIONS_HELD} AS team_permissions
FROM users u
JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $2::uuid
JOIN organisations o ON o.id = m.organisation_id
WHERE u.id = $1::uuid AND ${userIsActive('u')} AND ${membershipIsActive('m')}`

const LOCK_ACTIVE = `SELECT FROM users u WHERE u.id = $1::uuid AND u.organisation_id = $2::uuid AND ${userIsActive('u')} FOR UPDATE`

interface ProfileRow extends UserColumns {
  mfa_methods: string[]
  organisation_slug: string
  organisation_name: string
  roles: RoleSummary[]
  permissions: string[]
  team_permissions: Record<string, string[]>
}

export function createUserRepository(pool: Pool, prisma: PrismaClient): UserRepository {
  async function findProfile({ id, organisationId }: Pick<User, 'id' | 'organisationId'>, now: Date) {
    const { rows } = await pool.query<ProfileRow>(FIND_PROFILE, [id, organisationId, now])
    return rows[0] && readProfile(rows[0], organisationId)
  }

  return {
    async findCredentials(key, organisationId) {
      const row = await prisma.user.findFirst({
        where: { emailKey: key, deletedAt: null },
        include: { organisation: true, memberships: { include: { organisation: true } } },
      })
      if (!row) return undefined
      const membershipOf = (wanted: string | undefined) =>
        row.memberships.find((membership) => membership.organisationId === wanted)
      const membership = membershipOf(organisationId) ?? membershipOf(row.organisationId)
      const { id, slug, name, status, sessionLifetime, settings } = membership?.organisation ?? row.organisation
      const isActive = isOrganisationActive(status as OrganisationStatus)
      const { staySignedInLifetime, requireMfa, offerPasskeys } = completeOrganisationSettings(settings)
      return {
        user: readUserRow(row),
        passwordHash: row.passwordHash,
        blocked: row.blockedAt !== null,
        isMember: isMembershipActive(membership && { state: membership.state as MembershipState }),
        mfaMethods: row.mfaMethods,
        organisation: {
          id,
          slug,
          name,
          isActive,
          sessionLifetime,
          staySignedInLifetime,
          requireMfa,
          offerPasskeys,
        },
      }
    },

    async replacePasswordHash({ id, organisationId }, previous, next) {
      await prisma.user.updateMany({
        where: { id, organisationId, passwordHash: previous },
        data: { passwordHash: next },
      })
    },

    findProfile,

    async updateProfile(user, { details, attributes }, event) {
      const outcome = await orConflict(() =>
        inTransaction(pool, async (connection) => {
          const { rowCount } = await connection.query(LOCK_ACTIVE, [user.id, user.organisationId])
          if (rowCount === 0) return 'not_found'
          await updateDetails(connection, user, details, event.occurredAt)
          await writeAttributes(connection, user, attributes)
          await recordAuditEvent(connection, event)
          return 'updated'
        }),
      )
      if (outcome === 'attribute_taken') return outcome
      return outcome === 'updated' ? findProfile(user, event.occurredAt) : undefined
    },
  }
}

function readProfile(row: ProfileRow, organisationId: string): UserProfile {
  return {
    user: readUser(row),
    mfaMethods: row.mfa_methods,
    organisation: { id: organisationId, slug: row.organisation_slug, name: row.organisation_name },
    roles: row.roles,
    permissions: row.permissions,
    teamPermissions: row.team_permissions,
  }
}

function readUserRow(row: UserRow): User {
  return {
    id: row.id,
    organisationId: row.organisationId,
    email: row.email,
    emailVerified: row.emailVerified,
    name: row.name,
    givenName: row.givenName,
    familyName: row.familyName,
    middleName: row.middleName,
    nickname: row.nickname,
    preferredUsername: row.preferredUsername,
    profile: row.profile,
    picture: row.picture,
    website: row.website,
    gender: row.gender,
    birthdate: row.birthdate,
    zoneinfo: row.zoneinfo,
    locale: row.locale,
    phoneNumber: row.phoneNumber,
    phoneNumberVerified: row.phoneNumberVerified,
    address: row.address as Address | null,
    updatedAt: row.updatedAt,
  }
}
