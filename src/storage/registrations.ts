import { definedOnly } from '../lib/object.ts'
import type { ProfileName } from '../model/client.ts'
import type {
  InitialAccessToken,
  Registration,
  RegistrationPolicy,
  RegistrationRepository,
  RegistrationRules,
} from '../model/registration.ts'
import { auditRow } from './audit.ts'
import { ownBytes } from './bytes.ts'
import { readClient, writeClient } from './client-rows.ts'
import { secretRow } from './clients.ts'
import type { InitialAccessToken as TokenRow, Prisma, PrismaClient } from './generated/client.ts'

/** Nobody registers, or changes a registration, where the organisation is closed. */
const open = { status: { in: ['trial', 'active'] } }

/** `onChange` is called with a client's row id after each write to it, as in the repository of clients. */
export function createRegistrationRepository(
  prisma: PrismaClient,
  onChange: (id: string) => void,
): RegistrationRepository {
  return {
    async findRules(organisation) {
      const found = await prisma.organisation.findFirst({
        where: { ...open, ...(definedOnly(organisation) as { id?: string; slug?: string }) },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true, ...ruleColumns },
      })
      return found ? { organisationId: found.id, ...readRules(found) } : undefined
    },

    async setRules(organisationId, { policy, profile, softwareStatementRequired }, event) {
      const [row] = await prisma.$transaction([
        prisma.organisation.update({
          where: { id: organisationId },
          data: definedOnly({
            registrationPolicy: policy,
            registrationProfile: profile,
            softwareStatementRequired,
          }) as Prisma.OrganisationUpdateInput,
          select: ruleColumns,
        }),
        prisma.auditEvent.create({ data: auditRow(event) }),
      ])
      return readRules(row)
    },

    async createToken(token, tokenHash, event) {
      await prisma.$transaction([
        prisma.initialAccessToken.create({ data: { ...token, tokenHash: ownBytes(tokenHash) } }),
        prisma.auditEvent.create({ data: auditRow(event) }),
      ])
    },

    async listTokens(organisationId) {
      const rows = await prisma.initialAccessToken.findMany({
        where: { organisationId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      })
      return rows.map(readToken)
    },

    deleteToken: ({ id, organisationId }, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.initialAccessToken.deleteMany({ where: { id, organisationId } })
        if (count > 0) await tx.auditEvent.create({ data: auditRow(event) })
        return count > 0
      }),

    async findToken(tokenHash, now) {
      const row = await prisma.initialAccessToken.findFirst({
        where: {
          tokenHash: ownBytes(tokenHash),
          usesLeft: { gt: 0 },
          expiresAt: { gt: now },
          organisation: open,
        },
      })
      return row ? readToken(row) : undefined
    },

    register: ({ client, secret, tokenHash, metadata, expiresAt }, initialToken, event) =>
      prisma.$transaction(async (tx) => {
        if (initialToken) {
          const { count } = await tx.initialAccessToken.updateMany({
            where: { ...initialToken, usesLeft: { gt: 0 }, expiresAt: { gt: client.createdAt } },
            data: { usesLeft: { decrement: 1 }, lastUsedAt: client.createdAt },
          })
          if (count === 0) return undefined
        }
        const created = await tx.client.create({
          data: {
            ...writeClient(client),
            ...(secret && { secrets: { create: secretRow(client.organisationId, secret, client.createdAt) } }),
            registration: {
              create: {
                organisationId: client.organisationId,
                tokenHash: ownBytes(tokenHash),
                metadata: metadata as Prisma.InputJsonObject,
                expiresAt: expiresAt ?? null,
                createdAt: client.createdAt,
              },
            },
          },
        })
        await tx.auditEvent.create({ data: auditRow(event) })
        return readClient(created)
      }),

    exchangeToken: (clientId, presented, next) =>
      prisma.$transaction(async (tx): Promise<Registration | undefined> => {
        const tokenHash = ownBytes(presented)
        const client = await tx.client.findFirst({ where: { clientId, deletedAt: null, organisation: open } })
        if (!client) return undefined
        const [registration] = await tx.clientRegistration.updateManyAndReturn({
          where: {
            clientId: client.id,
            organisationId: client.organisationId,
            OR: [{ tokenHash }, { previousTokenHash: tokenHash }],
          },
          data: { tokenHash: ownBytes(next), previousTokenHash: tokenHash },
        })
        return (
          registration && { client: readClient(client), metadata: registration.metadata as Record<string, unknown> }
        )
      }),

    async replace({ id, organisationId }, settings, metadata, event) {
      const replaced = await prisma.$transaction(async (tx) => {
        const [row] = await tx.client.updateManyAndReturn({
          where: { id, organisationId, deletedAt: null },
          data: { ...writeClient(settings), updatedAt: event.occurredAt },
        })
        if (!row) return undefined
        await tx.clientRegistration.updateMany({
          where: { clientId: id, organisationId },
          data: { metadata: metadata as Prisma.InputJsonObject },
        })
        await tx.auditEvent.create({ data: auditRow(event) })
        return readClient(row)
      })
      onChange(id)
      return replaced
    },
  }
}

const ruleColumns = { registrationPolicy: true, registrationProfile: true, softwareStatementRequired: true } as const

function readRules(row: Record<keyof typeof ruleColumns, string | boolean>): RegistrationRules {
  return {
    policy: row.registrationPolicy as RegistrationPolicy,
    profile: row.registrationProfile as ProfileName,
    softwareStatementRequired: row.softwareStatementRequired === true,
  }
}

function readToken({ tokenHash: _, ...row }: TokenRow): InitialAccessToken {
  return row
}
