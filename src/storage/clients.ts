import { definedOnly } from '../lib/object.ts'
import { MOST_SECRETS, signsWithSecret, type Client, type ClientSecret } from '../model/client.ts'
import type { ClientReference, ClientRepository } from '../model/client-repository.ts'
import type { SecurityEvent } from '../model/security-event.ts'
import { ownBytes } from './bytes.ts'
import { auditRow } from './audit.ts'
import { listClientIds } from './client-list.ts'
import { readClient, writeClient } from './client-rows.ts'
import { Prisma, type PrismaClient } from './generated/client.ts'

/** What takes a transaction back that has nothing to store. */
class Undone extends Error {}

/**
 * `onChange` is called with the row's id after each write, so that this process forgets the client at once; others hear
 * of it from PostgreSQL.
 */
export function createClientRepository(prisma: PrismaClient, onChange: (id: string) => void): ClientRepository {
  /** Changes a client that is not deleted, and of this version if one is given, with its event, or does neither. */
  async function change(
    { organisationId, id }: ClientReference,
    version: number | undefined,
    data: Prisma.ClientUpdateInput,
    event: SecurityEvent,
    also?: (tx: Prisma.TransactionClient) => Promise<void>,
  ): Promise<Client | undefined> {
    const changed = await prisma.$transaction(async (tx) => {
      const [row] = await tx.client.updateManyAndReturn({
        where: { id, organisationId, deletedAt: null, ...(version !== undefined && { version }) },
        data,
      })
      if (!row) return undefined
      await also?.(tx)
      await tx.auditEvent.create({ data: auditRow(event) })
      return readClient(row, await tx.clientUse.findFirst({ where: { clientId: id, organisationId } }))
    })
    onChange(id)
    return changed
  }

  return {
    async create(client, secret, event) {
      const creating = prisma.$transaction([
        prisma.client.create({
          data: {
            ...writeClient(client),
            ...(secret && { secrets: { create: secretRow(client.organisationId, secret, client.createdAt) } }),
          },
        }),
        prisma.auditEvent.create({ data: auditRow(event) }),
      ])
      return creating.then(([created]) => readClient(created), takenOr)
    },

    async list(query) {
      const { ids, total } = await listClientIds(prisma, query)
      const rows = await prisma.client.findMany({
        where: { id: { in: ids }, organisationId: query.organisationId, deletedAt: null },
        include: { use: true },
      })
      const byId = new Map(rows.map(({ use, ...row }) => [row.id, readClient(row, use)]))
      return { clients: ids.flatMap((id) => byId.get(id) ?? []), total }
    },

    async get({ organisationId, id }) {
      const found = await prisma.client.findFirst({
        where: { id, organisationId, deletedAt: null },
        include: { use: true },
      })
      if (!found) return undefined
      const { use, ...row } = found
      return readClient(row, use)
    },

    change(client, settings, now, event) {
      const { id, organisationId } = client
      const { tokenEndpointAuthMethod: method, additionalTokenEndpointAuthMethods: methods } = settings
      // Another process may have issued to it for a moment after it was revoked: what is from before it comes back is void.
      const comesBack = settings.isActive === true && client.revokedAt !== null
      const data = {
        ...writeClient(definedOnly(settings)),
        updatedAt: now,
        ...(comesBack && { revokedAt: now }),
        // Another end is announced anew.
        ...(settings.expiresAt !== undefined && { expiryNotice: null }),
      }
      const changing = change(client, client.version, data, event, async (tx) => {
        if ((method ?? methods) === undefined || signsWithSecret({ ...client, ...definedOnly(settings) })) return
        await tx.clientSecret.updateMany({
          where: { clientId: id, organisationId, sealedSecret: { not: null } },
          data: { sealedSecret: null },
        })
      })
      return changing.catch(takenOr)
    },

    rotateSecret: (reference, secret, othersExpireAt, now, event) =>
      change(reference, undefined, { updatedAt: now }, event, async (tx) => {
        const ofClient = { clientId: reference.id, organisationId: reference.organisationId }
        await tx.clientSecret.deleteMany({ where: { ...ofClient, expiresAt: { lte: now } } })
        // Secrets that overlap must not pile up: the newest few stay.
        const kept = await tx.clientSecret.findMany({
          where: ofClient,
          orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
          take: MOST_SECRETS - 1,
          select: { id: true },
        })
        await tx.clientSecret.deleteMany({ where: { ...ofClient, id: { notIn: kept.map(({ id }) => id) } } })
        await tx.clientSecret.updateMany({
          where: { ...ofClient, OR: [{ expiresAt: null }, { expiresAt: { gt: othersExpireAt } }] },
          data: { expiresAt: othersExpireAt },
        })
        const row = secretRow(reference.organisationId, secret, now)
        await tx.clientSecret.create({ data: { ...row, clientId: reference.id } })
      }),

    async addSecret(reference, secret, now, event) {
      try {
        return await change(reference, undefined, { updatedAt: now }, event, async (tx) => {
          const ofClient = { clientId: reference.id, organisationId: reference.organisationId }
          await tx.clientSecret.deleteMany({ where: { ...ofClient, expiresAt: { lte: now } } })
          if ((await tx.clientSecret.count({ where: ofClient })) >= MOST_SECRETS) throw new Undone()
          const row = { ...secretRow(reference.organisationId, secret, now), label: secret.label }
          await tx.clientSecret.create({ data: { ...row, clientId: reference.id } })
        })
      } catch (error) {
        if (error instanceof Undone) return 'full'
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
        select: { id: true, label: true, expiresAt: true, createdAt: true, use: { select: { usedAt: true } } },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
      })
      return rows.map(({ use, ...secret }) => ({ ...secret, lastUsedAt: use?.usedAt ?? null }))
    },

    async deleteSecret(reference, id, event) {
      try {
        const changed = await change(reference, undefined, { updatedAt: event.occurredAt }, event, async (tx) => {
          const { count } = await tx.clientSecret.deleteMany({
            where: { id, clientId: reference.id, organisationId: reference.organisationId },
          })
          if (count === 0) throw new Undone()
        })
        return changed !== undefined
      } catch (error) {
        if (error instanceof Undone) return false
        throw error
      }
    },

    revokeGrants: (reference, now, event) => change(reference, undefined, { revokedAt: now, updatedAt: now }, event),

    revoke: (reference, now, event) =>
      change(reference, undefined, { isActive: false, revokedAt: now, updatedAt: now }, event),

    async delete(reference, version, now, event) {
      const deleted = await change(
        reference,
        version,
        { isActive: false, revokedAt: now, deletedAt: now, updatedAt: now },
        event,
      )
      return deleted !== undefined
    },
  }
}

/** That the externalId is another's already, or throws what else went wrong. Ids of ours never meet. */
function takenOr(error: unknown): 'taken' {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') return 'taken'
  throw error
}

/** The row of a new secret of a client. */
export function secretRow(
  organisationId: string,
  { id, secretHash, sealedSecret, expiresAt }: ClientSecret,
  createdAt: Date,
) {
  return {
    id,
    organisationId,
    secretHash: ownBytes(secretHash),
    sealedSecret: sealedSecret && ownBytes(sealedSecret),
    expiresAt,
    createdAt,
  }
}
