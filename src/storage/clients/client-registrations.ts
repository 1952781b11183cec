import { activeOrganisation } from '../active-conditions.ts'
import { omitUndefined } from '../../lib/object.ts'
import type { ClientIdMetadataMode } from '../../model/clients/client-id-metadata-settings.ts'
import type { Client, ProfileName } from '../../model/clients/client.ts'
import type {
  InitialAccessToken,
  ClientRegistration,
  ClientRegistrationRepository,
} from '../../model/clients/client-registration.ts'
import type { RegistrationPolicy, RegistrationSettings } from '../../model/clients/registration-settings.ts'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { copyBytes } from '../db/bytes.ts'
import { toClientRow, toClientUpdate, withOrganisation, type ClientReader } from './client-row.ts'
import { toSecretRow } from './clients.ts'
import type { InitialAccessToken as TokenRow, Organisation, Prisma, PrismaClient } from '../generated/client.ts'

/**
 * `onChange` is called with a client's row id after each write to it, as in the repository of clients, and
 * `onOrganisationChange` after each write to an organisation.
 */
export function createClientRegistrationRepository(
  prisma: PrismaClient,
  readClient: ClientReader,
  onChange: (id: string) => void,
  onOrganisationChange: () => void,
): ClientRegistrationRepository {
  return {
    async findSettings(organisation) {
      const found = await prisma.organisation.findFirst({
        where: { ...activeOrganisation, ...(omitUndefined(organisation) as { id?: string; slug?: string }) },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: { id: true, ...registrationSettingsColumns },
      })
      return found ? { organisationId: found.id, ...readRegistrationSettings(found) } : undefined
    },

    async updateSettings(organisationId, { policy, profile, ...otherSettings }, event) {
      const data = omitUndefined({ registrationPolicy: policy, registrationProfile: profile, ...otherSettings })
      try {
        const updated = await prisma.$transaction(async (tx) => {
          await tx.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.cimdHosts})`
          const row = await tx.organisation.update({
            where: { id: organisationId },
            data: data as Prisma.OrganisationUpdateInput,
            select: registrationSettingsColumns,
          })
          if (await hasHostConflict(tx, organisationId, readRegistrationSettings(row))) throw new HostTakenError()
          await tx.auditEvent.create({ data: toAuditEventRow(event) })
          return readRegistrationSettings(row)
        })
        onOrganisationChange()
        return updated
      } catch (error) {
        if (error instanceof HostTakenError) return 'host_taken'
        throw error
      }
    },

    async createInitialAccessToken(token, tokenHash, event) {
      await prisma.$transaction([
        prisma.initialAccessToken.create({ data: { ...token, tokenHash: copyBytes(tokenHash) } }),
        prisma.auditEvent.create({ data: toAuditEventRow(event) }),
      ])
    },

    async listInitialAccessTokens(organisationId) {
      const rows = await prisma.initialAccessToken.findMany({
        where: { organisationId },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      })
      return rows.map(readInitialAccessToken)
    },

    deleteInitialAccessToken: ({ id, organisationId }, event) =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.initialAccessToken.deleteMany({ where: { id, organisationId } })
        if (count > 0) await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return count > 0
      }),

    async findInitialAccessToken(tokenHash, now) {
      const row = await prisma.initialAccessToken.findFirst({
        where: {
          tokenHash: copyBytes(tokenHash),
          usesLeft: { gt: 0 },
          expiresAt: { gt: now },
          organisation: activeOrganisation,
        },
      })
      return row ? readInitialAccessToken(row) : undefined
    },

    register: ({ client, secret, tokenHash, metadata, anonymous, expiresAt, limit }, initialToken, event) =>
      prisma.$transaction(async (tx): Promise<Client | 'full' | undefined> => {
        if (limit !== undefined && (await hasOpenRegistrations(tx, client.organisationId, limit))) return 'full'
        if (initialToken) {
          const { count } = await tx.initialAccessToken.updateMany({
            where: { ...initialToken, usesLeft: { gt: 0 }, expiresAt: { gt: client.createdAt } },
            data: { usesLeft: { decrement: 1 }, lastUsedAt: client.createdAt },
          })
          if (count === 0) return undefined
        }
        const created = await tx.client.create({
          data: {
            ...toClientRow(client),
            ...(secret && { secrets: { create: toSecretRow(client.organisationId, secret, client.createdAt) } }),
            registration: {
              create: {
                organisationId: client.organisationId,
                tokenHash: copyBytes(tokenHash),
                metadata: metadata as Prisma.InputJsonObject,
                anonymous,
                expiresAt: expiresAt ?? null,
                createdAt: client.createdAt,
              },
            },
          },
          include: withOrganisation,
        })
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return readClient(created)
      }),

    rotateRegistrationToken: (clientId, presented, next) =>
      prisma.$transaction(async (tx): Promise<ClientRegistration | undefined> => {
        const tokenHash = copyBytes(presented)
        const client = await tx.client.findFirst({
          where: { clientId, deletedAt: null, organisation: activeOrganisation },
          include: withOrganisation,
        })
        if (!client) return undefined
        const [registration] = await tx.clientRegistration.updateManyAndReturn({
          where: {
            clientId: client.id,
            organisationId: client.organisationId,
            OR: [{ tokenHash }, { previousTokenHash: tokenHash }],
          },
          data: { tokenHash: copyBytes(next), previousTokenHash: tokenHash },
        })
        return (
          registration && { client: readClient(client), metadata: registration.metadata as Record<string, unknown> }
        )
      }),

    async replace({ id, organisationId }, settings, metadata, event) {
      const updated = await prisma.$transaction(async (tx) => {
        const [row] = await tx.client.updateManyAndReturn({
          where: { id, organisationId, deletedAt: null },
          data: { ...(await toClientUpdate(tx, { id, organisationId }, settings)), updatedAt: event.occurredAt },
          include: withOrganisation,
        })
        if (!row) return undefined
        await tx.clientRegistration.updateMany({
          where: { clientId: id, organisationId },
          data: { metadata: metadata as Prisma.InputJsonObject },
        })
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return readClient(row)
      })
      onChange(id)
      return updated
    },
  }
}

/** Rolls back a transaction in which a host would be on two lists. */
class HostTakenError extends Error {}

/** Whether two organisations would accept metadata documents from the same host. */
async function hasHostConflict(
  tx: Prisma.TransactionClient,
  organisationId: string,
  { clientIdMetadataDocuments: mode, clientIdMetadataHosts: hosts }: RegistrationSettings,
): Promise<boolean> {
  if (mode === 'off') return false
  const sharesHost = { clientIdMetadataDocuments: { not: 'off' }, clientIdMetadataHosts: { hasSome: [...hosts] } }
  const alsoAcceptsAny = mode === 'any' ? [{ clientIdMetadataDocuments: 'any' }] : []
  const other = await tx.organisation.findFirst({
    where: { id: { not: organisationId }, status: { not: 'cancelled' }, OR: [sharesHost, ...alsoAcceptsAny] },
    select: { id: true },
  })
  return other !== null
}

export const registrationSettingsColumns = {
  registrationPolicy: true,
  registrationProfile: true,
  softwareStatementRequired: true,
  clientIdMetadataDocuments: true,
  clientIdMetadataHosts: true,
  clientIdMetadataScopes: true,
} as const satisfies Prisma.OrganisationSelect

export function readRegistrationSettings({
  registrationPolicy,
  registrationProfile,
  clientIdMetadataDocuments,
  ...row
}: Pick<Organisation, keyof typeof registrationSettingsColumns>): RegistrationSettings {
  return {
    policy: registrationPolicy as RegistrationPolicy,
    profile: registrationProfile as ProfileName,
    softwareStatementRequired: row.softwareStatementRequired,
    clientIdMetadataDocuments: clientIdMetadataDocuments as ClientIdMetadataMode,
    clientIdMetadataHosts: row.clientIdMetadataHosts,
    clientIdMetadataScopes: row.clientIdMetadataScopes,
  }
}

function readInitialAccessToken({ tokenHash: _, ...row }: TokenRow): InitialAccessToken {
  return row
}

/**
 * Whether an organisation has at least `limit` registrations that wait for their expiry. Registrations at the same time wait
 * for each other, so that they cannot exceed the limit together.
 */
async function hasOpenRegistrations(
  tx: Prisma.TransactionClient,
  organisationId: string,
  limit: number,
): Promise<boolean> {
  await tx.$queryRaw`SELECT id FROM organisations WHERE id = ${organisationId}::uuid FOR NO KEY UPDATE`
  return (await tx.clientRegistration.count({ where: { organisationId, expiresAt: { not: null } } })) >= limit
}
