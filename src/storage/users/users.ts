// `storage/users` reads and updates users.
// Each query names the organisation of the user, except sign-in by e-mail address.
// Password hashing belongs to `authentication`.

import { activeUser } from '../active-conditions.ts'
import type { Address, UserProfile, User, UserRepository } from '../../model/users/user.ts'
import { isOrganisationActive, type OrganisationStatus } from '../../model/organisations/organisation.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import type { Prisma, PrismaClient, User as UserRow } from '../generated/client.ts'

const withPermissions = {
  organisation: { select: { id: true, slug: true, name: true } },
  roles: {
    include: {
      role: {
        select: {
          id: true,
          name: true,
          slug: true,
          permissions: { select: { permission: { select: { slug: true } } } },
        },
      },
    },
  },
} satisfies Prisma.UserInclude

export function createUserRepository(prisma: PrismaClient): UserRepository {
  async function findActiveProfile(
    client: Prisma.TransactionClient,
    { id, organisationId }: Pick<User, 'id' | 'organisationId'>,
  ): Promise<UserProfile | undefined> {
    const row = await client.user.findFirst({
      where: { id, organisationId, ...activeUser },
      include: withPermissions,
    })
    if (!row) return undefined
    const roles = row.roles.map(({ role }) => role)
    const permissions = roles.flatMap((role) => role.permissions.map(({ permission }) => permission.slug))
    return {
      user: readUserRow(row),
      organisation: row.organisation,
      roles: roles.map(({ id: roleId, name, slug }) => ({ id: roleId, name, slug })),
      permissions: [...new Set(permissions)].sort(),
    }
  }

  return {
    async findCredentials(key) {
      const row = await prisma.user.findFirst({
        where: { emailKey: key, deletedAt: null },
        include: { organisation: true },
      })
      if (!row) return undefined
      const { id, slug, name, status, sessionLifetime } = row.organisation
      return {
        user: readUserRow(row),
        passwordHash: row.passwordHash,
        blocked: row.blockedAt !== null,
        organisation: { id, slug, name, isActive: isOrganisationActive(status as OrganisationStatus), sessionLifetime },
      }
    },

    async replacePasswordHash({ id, organisationId }, previous, next) {
      await prisma.user.updateMany({
        where: { id, organisationId, passwordHash: previous },
        data: { passwordHash: next },
      })
    },

    findProfile: (user) => findActiveProfile(prisma, user),

    async updateProfile({ id, organisationId }, update, event) {
      return prisma.$transaction(async (tx) => {
        const existing = await tx.user.findFirst({ where: { id, organisationId, ...activeUser } })
        if (!existing) return undefined
        const givenName = update.givenName ?? existing.givenName
        const familyName = update.familyName ?? existing.familyName
        const nameChanged = update.givenName !== undefined || update.familyName !== undefined
        const phoneChanged = update.phoneNumber !== undefined && update.phoneNumber !== existing.phoneNumber
        await tx.user.updateMany({
          where: { id, organisationId },
          data: {
            ...(nameChanged && { givenName, familyName, name: [givenName, familyName].filter(Boolean).join(' ') }),
            ...(phoneChanged && { phoneNumber: update.phoneNumber ?? null, phoneNumberVerified: false }),
            updatedAt: event.occurredAt,
          },
        })
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return findActiveProfile(tx, { id, organisationId })
      })
    },
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
