import type { Pool } from 'pg'
import { activeOrganisation, organisationIsActive } from '../active-conditions.ts'
import {
  CIMD_EVICTION_MIN_AGE_SECONDS,
  MAX_CIMD_CLIENTS,
  type ClientMetadataDocumentRepository,
  type MetadataDocumentFreshness,
} from '../../model/clients/client-metadata-document.ts'
import { advisoryLocks } from '../db/advisory-locks.ts'
import { addSeconds } from '../../lib/time/clock.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { toClientRow, toClientUpdate } from './client-row.ts'
import type { Prisma, PrismaClient } from '../generated/client.ts'
import { readRegistrationSettings, registrationSettingsColumns } from './client-registrations.ts'

/** `onChange` is called with a client's row id after each write to it, as in the repository of clients. */
export function createClientMetadataDocumentRepository(
  prisma: PrismaClient,
  onChange: (id: string) => void,
  isEnabled: () => boolean,
): ClientMetadataDocumentRepository {
  return {
    isEnabled,

    async findOwner(clientId, host) {
      const deletedClient = await prisma.client.findFirst({
        where: { clientId, deletedAt: { not: null } },
        select: { id: true },
      })
      if (deletedClient) return { kind: 'deleted' }
      const find = (condition: Prisma.OrganisationWhereInput) =>
        prisma.organisation.findFirst({
          where: { ...activeOrganisation, ...condition },
          select: { id: true, ...registrationSettingsColumns },
        })
      const found =
        (await find({ clientIdMetadataDocuments: { not: 'off' }, clientIdMetadataHosts: { has: host } })) ??
        (host.includes(':') ? null : await find({ clientIdMetadataDocuments: 'any' }))
      if (!found) return { kind: 'none' }
      return { kind: 'organisation', settings: { organisationId: found.id, ...readRegistrationSettings(found) } }
    },

    async findFreshness({ id, organisationId }) {
      const found = await prisma.clientMetadataDocument.findFirst({
        where: { clientId: id, organisationId },
        select: { fetchedAt: true, freshUntil: true },
      })
      return found ?? undefined
    },

    async register(client, freshness, event) {
      const { id, organisationId } = client
      const outcome = await prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.cimdRegistration})`
        // Another request may have registered it, and then no client needs to be evicted.
        const existing = await tx.client.findFirst({ where: { clientId: client.clientId }, select: { id: true } })
        if (existing) return 'exists'
        const documentCount = await tx.clientMetadataDocument.count({
          where: { organisationId, client: { deletedAt: null } },
        })
        if (documentCount >= MAX_CIMD_CLIENTS && !(await evictUnusedClient(tx, organisationId, freshness)))
          return 'full'
        const { count } = await tx.client.createMany({ data: toClientRow(client), skipDuplicates: true })
        if (count === 0) return 'exists'
        await tx.clientMetadataDocument.create({ data: { clientId: id, organisationId, ...freshness } })
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return 'registered'
      })
      onChange(id)
      return outcome
    },

    async refresh({ id, organisationId }, freshness, change) {
      const where = { clientId: id, organisationId }
      if (!change) {
        await prisma.clientMetadataDocument.updateMany({ where, data: freshness })
        return
      }
      const { settings, revokesGrants, event } = change
      await prisma.$transaction(async (tx) => {
        await tx.clientMetadataDocument.updateMany({ where, data: freshness })
        const { count } = await tx.client.updateMany({
          where: { id, organisationId, deletedAt: null },
          data: {
            ...(await toClientUpdate(tx, { id, organisationId }, settings)),
            updatedAt: event.occurredAt,
            ...(revokesGrants && { revokedAt: event.occurredAt }),
          },
        })
        if (count > 0) await tx.auditEvent.create({ data: toAuditEventRow(event) })
      })
      onChange(id)
    },
  }
}

/** Deletes the client of the organisation that was unused for longest, if there is one. Disabled clients stay. */
async function evictUnusedClient(
  tx: Prisma.TransactionClient,
  organisationId: string,
  { fetchedAt }: MetadataDocumentFreshness,
): Promise<boolean> {
  // Materialized: as a condition of the deletion it would run again for each row and select another client each time.
  const deletedCount = await tx.$executeRaw`
    WITH oldest AS MATERIALIZED (
      SELECT c.id FROM client_metadata_documents d JOIN clients c ON c.id = d.client_id AND c.organisation_id = d.organisation_id
      WHERE d.organisation_id = ${organisationId}::uuid AND d.fetched_at < ${addSeconds(fetchedAt, -CIMD_EVICTION_MIN_AGE_SECONDS)}
        AND c.is_active AND c.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM grants g WHERE g.client_id = c.id)
        AND NOT EXISTS (SELECT FROM consents s WHERE s.client_id = c.id)
      ORDER BY d.fetched_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    DELETE FROM clients c USING oldest o WHERE c.id = o.id AND c.organisation_id = ${organisationId}::uuid`
  return deletedCount > 0
}

/**
 * Whether any organisation accepts metadata documents, from memory. It is read again when an organisation has changed, and
 * keeps its value if that fails.
 */
export function createCimdAvailability(pool: Pool): { isEnabled: () => boolean; reload: () => void } {
  let enabled = false
  let latestRead = 0

  async function read(): Promise<void> {
    const thisRead = (latestRead += 1)
    const { rows } = await pool.query<{ enabled: boolean }>(ACCEPTS_DOCUMENTS)
    if (thisRead === latestRead) enabled = rows[0]?.enabled === true
  }

  return { isEnabled: () => enabled, reload: () => void read().catch(() => {}) }
}

const ACCEPTS_DOCUMENTS = `SELECT EXISTS (
  SELECT FROM organisations o WHERE ${organisationIsActive('o')} AND (o.client_id_metadata_documents = 'any'
    OR o.client_id_metadata_documents = 'hosts' AND cardinality(o.client_id_metadata_hosts) > 0)
) AS enabled`
