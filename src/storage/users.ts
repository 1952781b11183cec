import type { Address, Profile, User, UserRepository } from '../model/user.ts'
import { isOpen, type OrganisationStatus } from '../model/organisation.ts'
import { auditRow } from './audit.ts'
import type { Prisma, PrismaClient, User as UserRow } from './generated/client.ts'

const withRights = {
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
  async function profile(
    client: Prisma.TransactionClient,
    { id, organisationId }: Pick<User, 'id' | 'organisationId'>,
  ): Promise<Profile | undefined> {
    const row = await client.user.findFirst({
      where: { id, organisationId, deletedAt: null, blockedAt: null },
      include: withRights,
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
        organisation: { id, slug, name, open: isOpen(status as OrganisationStatus), sessionLifetime },
      }
    },

    async replacePasswordHash({ id, organisationId }, previous, next) {
      await prisma.user.updateMany({
        where: { id, organisationId, passwordHash: previous },
        data: { passwordHash: next },
      })
    },

    findProfile: (user) => profile(prisma, user),

    async changeProfile({ id, organisationId }, change, event) {
      return prisma.$transaction(async (tx) => {
        const before = await tx.user.findFirst({ where: { id, organisationId, deletedAt: null, blockedAt: null } })
        if (!before) return undefined
        const givenName = change.givenName ?? before.givenName
        const familyName = change.familyName ?? before.familyName
        const renamed = change.givenName !== undefined || change.familyName !== undefined
        const rephoned = change.phoneNumber !== undefined && change.phoneNumber !== before.phoneNumber
        await tx.user.updateMany({
          where: { id, organisationId },
          data: {
            ...(renamed && { givenName, familyName, name: [givenName, familyName].filter(Boolean).join(' ') }),
            ...(rephoned && { phoneNumber: change.phoneNumber ?? null, phoneNumberVerified: false }),
            updatedAt: event.occurredAt,
          },
        })
        await tx.auditEvent.create({ data: auditRow(event) })
        return profile(tx, { id, organisationId })
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
