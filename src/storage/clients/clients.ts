// `storage/clients` stores clients with their secrets, registrations, metadata documents and last use.
// `client-cache.ts` keeps clients in memory and evicts them when PostgreSQL notifies a change.
// Writes and their audit events share one transaction.

import { omitUndefined } from '../../lib/object.ts'
import { MAX_CLIENT_SECRETS, type ClientSecret } from '../../model/clients/client-secret.ts'
import { usesClientSecretJwt } from '../../model/clients/authentication-methods.ts'
import type { Client, StoredSettings } from '../../model/clients/client.ts'
import type { ClientReference, ClientRepository } from '../../model/clients/client-repository.ts'
import { completeOrganisationSettings } from '../../model/organisations/organisation-settings.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import { copyBytes } from '../db/bytes.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { listClientIds } from './list-clients.ts'
import { toClientRow, toClientUpdate, withOrganisation, type ClientReader } from './client-row.ts'
import { Prisma, type PrismaClient } from '../generated/client.ts'

/** Changed settings of a client, and columns that are no settings. */
type ClientChange = Omit<Prisma.ClientUpdateManyMutationInput, 'settings'> & { settings?: Partial<StoredSettings> }

/** Rolls back a transaction that has nothing to store. */
class RollbackSignal extends Error {}

/**
 * `onChange` is called with the row's id after each write, so that this process evicts the client at once; PostgreSQL
 * notifies the other processes.
 */
export function createClientRepository(
  prisma: PrismaClient,
  readClient: ClientReader,
  onChange: (id: string) => void,
): ClientRepository {
  /** Updates a client that is not deleted, in the given version if any, and records the event. */
  async function updateClient(
    { organisationId, id }: ClientReference,
    version: number | undefined,
    { settings, ...data }: ClientChange,
    event: AuditEvent,
    withinTransaction?: (tx: Prisma.TransactionClient) => Promise<void>,
  ): Promise<Client | undefined> {
    const updated = await prisma.$transaction(async (tx) => {
      const [row] = await tx.client.updateManyAndReturn({
        where: { id, organisationId, deletedAt: null, ...(version !== undefined && { version }) },
        data: { ...(settings && (await toClientUpdate(tx, { id, organisationId }, settings))), ...data },
        include: withOrganisation,
      })
      if (!row) return undefined
      await withinTransaction?.(tx)
      await tx.auditEvent.create({ data: toAuditEventRow(event) })
      return readClient(row, await tx.clientLastUsed.findFirst({ where: { clientId: id, organisationId } }))
    })
    onChange(id)
    return updated
  }

  /** In all organisations: a `client_id` identifies a client on the whole server. */
  const isClientIdTaken = async (clientId: string) =>
    (await prisma.client.findUnique({ where: { clientId }, select: { id: true } })) !== null

  return {
    async findTokenLifetimes(organisationId) {
      const found = await prisma.organisation.findFirst({ where: { id: organisationId }, select: { settings: true } })
      return completeOrganisationSettings(found?.settings).tokenLifetimePolicy
    },

    async create(client, secret, event) {
      const creation = prisma.$transaction([
        prisma.client.create({
          data: {
            ...toClientRow(client),
            ...(secret && { secrets: { create: toSecretRow(client.organisationId, secret, client.createdAt) } }),
          },
          include: withOrganisation,
        }),
        prisma.auditEvent.create({ data: toAuditEventRow(event) }),
      ])
      return creation.then(
        ([created]) => readClient(created),
        async (error: unknown) => {
          const taken = externalIdTakenOrRethrow(error)
          return (await isClientIdTaken(client.clientId)) ? 'client_id_taken' : taken
        },
      )
    },

    isClientIdTaken,

    async list(query) {
      const { ids, total } = await listClientIds(prisma, query)
      const rows = await prisma.client.findMany({
        where: { id: { in: ids }, organisationId: query.organisationId, deletedAt: null },
        include: { lastUsed: true, ...withOrganisation },
      })
      const byId = new Map(rows.map(({ lastUsed, ...row }) => [row.id, readClient(row, lastUsed)]))
      return { clients: ids.flatMap((id) => byId.get(id) ?? []), total }
    },

    async get({ organisationId, id }) {
      const found = await prisma.client.findFirst({
        where: { id, organisationId, deletedAt: null },
        include: { lastUsed: true, ...withOrganisation },
      })
      if (!found) return undefined
      const { lastUsed, ...row } = found
      return readClient(row, lastUsed)
    },

    update(client, settings, now, event) {
      const { id, organisationId } = client
      const { tokenEndpointAuthMethod: method, additionalTokenEndpointAuthMethods: methods } = settings
      // Another process may have issued tokens for a moment after it was revoked: they become invalid when it is enabled.
      const reactivated = settings.isActive === true && client.revokedAt !== null
      const data = {
        settings,
        updatedAt: now,
        ...(reactivated && { revokedAt: now }),
        // A new expiry is announced again.
        ...(settings.expiresAt !== undefined && { expiryNoticeDays: null }),
      }
      const updating = updateClient(client, client.version, data, event, async (tx) => {
        if ((method ?? methods) === undefined || usesClientSecretJwt({ ...client, ...omitUndefined(settings) })) return
        await tx.clientSecret.updateMany({
          where: { clientId: id, organisationId, sealedSecret: { not: null } },
          data: { sealedSecret: null },
        })
      })
      return updating.catch(externalIdTakenOrRethrow)
    },

    rotateSecret: (reference, secret, othersExpireAt, now, event) =>
      updateClient(reference, undefined, { updatedAt: now }, event, async (tx) => {
        const ofClient = { clientId: reference.id, organisationId: reference.organisationId }
        await tx.clientSecret.deleteMany({ where: { ...ofClient, expiresAt: { lte: now } } })
        // Overlapping secrets must not accumulate: only the newest are kept.
        const newest = await tx.clientSecret.findMany({
          where: ofClient,
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          take: MAX_CLIENT_SECRETS - 1,
          select: { id: true },
        })
        await tx.clientSecret.deleteMany({ where: { ...ofClient, id: { notIn: newest.map(({ id }) => id) } } })
        await tx.clientSecret.updateMany({
          where: { ...ofClient, OR: [{ expiresAt: null }, { expiresAt: { gt: othersExpireAt } }] },
          data: { expiresAt: othersExpireAt },
        })
        const row = toSecretRow(reference.organisationId, secret, now)
        await tx.clientSecret.create({ data: { ...row, clientId: reference.id } })
      }),

    async addSecret(reference, secret, now, event) {
      try {
        return await updateClient(reference, undefined, { updatedAt: now }, event, async (tx) => {
          const ofClient = { clientId: reference.id, organisationId: reference.organisationId }
          await tx.clientSecret.deleteMany({ where: { ...ofClient, expiresAt: { lte: now } } })
          if ((await tx.clientSecret.count({ where: ofClient })) >= MAX_CLIENT_SECRETS) throw new RollbackSignal()
          const row = { ...toSecretRow(reference.organisationId, secret, now), label: secret.label }
          await tx.clientSecret.create({ data: { ...row, clientId: reference.id } })
        })
      } catch (error) {
        if (error instanceof RollbackSignal) return 'full'
        throw error
      }
    },

    async hasSigningSecret({ organisationId, id }, now) {
      const found = await prisma.clientSecret.findFirst({
        where: {
          clientId: id,
          organisationId,
          sealedSecret: { not: null },
          OR: [{ expiresAt: null }, { expiresAt: { gt: now } }],
        },
        select: { id: true },
      })
      return found !== null
    },

    async listSecrets({ organisationId, id }, now) {
      const rows = await prisma.clientSecret.findMany({
        where: { clientId: id, organisationId, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
        select: { id: true, label: true, expiresAt: true, createdAt: true, lastUsed: { select: { usedAt: true } } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      })
      return rows.map(({ lastUsed, ...secret }) => ({ ...secret, lastUsedAt: lastUsed?.usedAt ?? null }))
    },

    async deleteSecret(reference, id, event) {
      try {
        const updated = await updateClient(reference, undefined, { updatedAt: event.occurredAt }, event, async (tx) => {
          const { count } = await tx.clientSecret.deleteMany({
            where: { id, clientId: reference.id, organisationId: reference.organisationId },
          })
          if (count === 0) throw new RollbackSignal()
        })
        return updated !== undefined
      } catch (error) {
        if (error instanceof RollbackSignal) return false
        throw error
      }
    },

    revokeGrants: (reference, now, event) =>
      updateClient(reference, undefined, { revokedAt: now, updatedAt: now }, event),

    revoke: (reference, now, event) =>
      updateClient(reference, undefined, { isActive: false, revokedAt: now, updatedAt: now }, event),

    async delete(reference, version, now, event) {
      const deleted = await updateClient(
        reference,
        version,
        { isActive: false, revokedAt: now, deletedAt: now, updatedAt: now },
        event,
      )
      return deleted !== undefined
    },
  }
}

/** Recognises an externalId that is in use; throws any other error. */
function externalIdTakenOrRethrow(error: unknown): 'external_id_taken' {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'external_id_taken'
  throw error
}

/** The row of a new secret of a client. */
export function toSecretRow(
  organisationId: string,
  { id, secretHash, sealedSecret, expiresAt }: ClientSecret,
  createdAt: Date,
) {
  return {
    id,
    organisationId,
    secretHash: copyBytes(secretHash),
    sealedSecret: sealedSecret && copyBytes(sealedSecret),
    expiresAt,
    createdAt,
  }
}
