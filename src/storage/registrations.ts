import { definedOnly } from '../lib/object.ts'
import type { ClientIdMetadataMode } from '../model/client-document.ts'
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
import type { InitialAccessToken as TokenRow, Organisation, Prisma, PrismaClient } from './generated/client.ts'

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

    async setRules(organisationId, { policy, profile, ...rules }, event) {
      const data = definedOnly({ registrationPolicy: policy, registrationProfile: profile, ...rules })
      try {
        return await prisma.$transaction(async (tx) => {
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(${HOSTS_LOCK})`
          const row = await tx.organisation.update({
            where: { id: organisationId },
            data: data as Prisma.OrganisationUpdateInput,
            select: ruleColumns,
          })
          if (await isTaken(tx, organisationId, readRules(row))) throw new Taken()
          await tx.auditEvent.create({ data: auditRow(event) })
          return readRules(row)
        })
      } catch (error) {
        if (error instanceof Taken) return 'taken'
        throw error
      }
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

/** Takes a transaction back in which a host would be on two lists. */
class Taken extends Error {}

/** Names the advisory lock under which one organisation at a time says which hosts are its own. */
const HOSTS_LOCK = 7_591_001

/** Whether it could not be told which organisation a client belongs to whose client_id is an address. */
async function isTaken(
  tx: Prisma.TransactionClient,
  organisationId: string,
  { clientIdMetadataDocuments: mode, clientIdMetadataHosts: hosts }: RegistrationRules,
): Promise<boolean> {
  if (mode === 'off') return false
  const sameHost = { clientIdMetadataDocuments: { not: 'off' }, clientIdMetadataHosts: { hasSome: [...hosts] } }
  const anyToo = mode === 'any' ? [{ clientIdMetadataDocuments: 'any' }] : []
  const other = await tx.organisation.findFirst({
    where: { id: { not: organisationId }, status: { not: 'cancelled' }, OR: [sameHost, ...anyToo] },
    select: { id: true },
  })
  return other !== null
}

export const ruleColumns = {
  registrationPolicy: true,
  registrationProfile: true,
  softwareStatementRequired: true,
  clientIdMetadataDocuments: true,
  clientIdMetadataHosts: true,
  clientIdMetadataScopes: true,
} as const satisfies Prisma.OrganisationSelect

export function readRules({
  registrationPolicy,
  registrationProfile,
  clientIdMetadataDocuments,
  ...row
}: Pick<Organisation, keyof typeof ruleColumns>): RegistrationRules {
  return {
    policy: registrationPolicy as RegistrationPolicy,
    profile: registrationProfile as ProfileName,
    softwareStatementRequired: row.softwareStatementRequired,
    clientIdMetadataDocuments: clientIdMetadataDocuments as ClientIdMetadataMode,
    clientIdMetadataHosts: row.clientIdMetadataHosts,
    clientIdMetadataScopes: row.clientIdMetadataScopes,
  }
}

function readToken({ tokenHash: _, ...row }: TokenRow): InitialAccessToken {
  return row
}
