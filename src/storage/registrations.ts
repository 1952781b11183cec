import type {
  InitialAccessToken,
  Registration,
  RegistrationPolicy,
  RegistrationRepository,
} from '../model/registration.ts'
import { auditRow } from './audit.ts'
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
    async findPolicy(slug) {
      const found = await prisma.organisation.findFirst({
        where: { ...open, ...(slug !== undefined && { slug }) },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true, registrationPolicy: true },
      })
      return found ? { organisationId: found.id, policy: found.registrationPolicy as RegistrationPolicy } : undefined
    },

    async setPolicy(organisationId, policy, event) {
      await prisma.$transaction([
        prisma.organisation.update({ where: { id: organisationId }, data: { registrationPolicy: policy } }),
        prisma.auditEvent.create({ data: auditRow(event) }),
      ])
    },

    async createToken(token, tokenHash, event) {
      await prisma.$transaction([
        prisma.initialAccessToken.create({ data: { ...token, tokenHash: new Uint8Array(tokenHash) } }),
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
          tokenHash: new Uint8Array(tokenHash),
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
                tokenHash: new Uint8Array(tokenHash),
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
        const tokenHash = new Uint8Array(presented)
        const client = await tx.client.findFirst({ where: { clientId, deletedAt: null, organisation: open } })
        if (!client) return undefined
        const [registration] = await tx.clientRegistration.updateManyAndReturn({
          where: {
            clientId: client.id,
            organisationId: client.organisationId,
            OR: [{ tokenHash }, { previousTokenHash: tokenHash }],
          },
          data: { tokenHash: new Uint8Array(next), previousTokenHash: tokenHash },
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

function readToken({ tokenHash: _, ...row }: TokenRow): InitialAccessToken {
  return row
}
