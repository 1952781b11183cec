import type { Client } from '../model/client.ts'
import {
  MAKES_ROOM,
  MOST_DOCUMENTS,
  type ClientDocumentRepository,
  type DocumentReading,
} from '../model/client-document.ts'
import { addSeconds } from '../lib/clock.ts'
import { auditRow } from './audit.ts'
import { writeClient } from './client-rows.ts'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { readRules, ruleColumns } from './registrations.ts'

/** Names the advisory lock under which one client at a time is added, so that the bound holds. */
const ADDING_LOCK = 7_591_002

const open = { status: { in: ['trial', 'active'] } }

/** `onChange` is called with a client's row id after each write to it, as in the repository of clients. */
export function createClientDocumentRepository(
  prisma: PrismaClient,
  onChange: (id: string) => void,
  isOffered: () => boolean,
): ClientDocumentRepository {
  return {
    isOffered,

    async findPlace(clientId, host) {
      const removed = await prisma.client.findFirst({
        where: { clientId, deletedAt: { not: null } },
        select: { id: true },
      })
      if (removed) return { kind: 'removed' }
      const find = (which: Prisma.OrganisationWhereInput) =>
        prisma.organisation.findFirst({ where: { ...open, ...which }, select: { id: true, ...ruleColumns } })
      const found =
        (await find({ clientIdMetadataDocuments: { not: 'off' }, clientIdMetadataHosts: { has: host } })) ??
        (host.includes(':') ? null : await find({ clientIdMetadataDocuments: 'any' }))
      if (!found) return { kind: 'nowhere' }
      return { kind: 'organisation', rules: { organisationId: found.id, ...readRules(found) } }
    },

    async findReading({ id, organisationId }) {
      const found = await prisma.clientDocument.findFirst({
        where: { clientId: id, organisationId },
        select: { readAt: true, freshUntil: true },
      })
      return found ?? undefined
    },

    async register(client, reading, event) {
      const { id, organisationId } = client
      const outcome = await prisma.$transaction(async (tx) => {
        await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADDING_LOCK})`
        // Somebody else may have been faster, and then there is nothing to make room for.
        const same = await tx.client.findFirst({ where: { clientId: client.clientId }, select: { id: true } })
        if (same) return 'exists'
        const all = await tx.clientDocument.count({ where: { organisationId, client: { deletedAt: null } } })
        if (all >= MOST_DOCUMENTS && !(await makeRoom(tx, organisationId, reading))) return 'full'
        const { count } = await tx.client.createMany({ data: writeClient(client), skipDuplicates: true })
        if (count === 0) return 'exists'
        await tx.clientDocument.create({ data: { clientId: id, organisationId, ...reading } })
        await tx.auditEvent.create({ data: auditRow(event) })
        return 'registered'
      })
      onChange(id)
      return outcome
    },

    async refresh({ id, organisationId }, reading, change) {
      const whose = { clientId: id, organisationId }
      if (!change) {
        await prisma.clientDocument.updateMany({ where: whose, data: reading })
        return
      }
      const { settings, voids, event } = change
      await prisma.$transaction(async (tx) => {
        await tx.clientDocument.updateMany({ where: whose, data: reading })
        const { count } = await tx.client.updateMany({
          where: { id, organisationId, deletedAt: null },
          data: {
            ...writeClient<{ jwks?: Client['jwks'] }>(settings),
            updatedAt: event.occurredAt,
            ...(voids && { revokedAt: event.occurredAt }),
          },
        })
        if (count > 0) await tx.auditEvent.create({ data: auditRow(event) })
      })
      onChange(id)
    },
  }
}

/** Removes the client of the organisation that was unused for longest, if there is one. Who is disabled stays. */
async function makeRoom(
  tx: Prisma.TransactionClient,
  organisationId: string,
  { readAt }: DocumentReading,
): Promise<boolean> {
  // Chosen once: as a condition of the deletion it would be asked again for each row, and choose another each time.
  const gone = await tx.$executeRaw`
    WITH oldest AS MATERIALIZED (
      SELECT c.id FROM client_documents d JOIN clients c ON c.id = d.client_id AND c.organisation_id = d.organisation_id
      WHERE d.organisation_id = ${organisationId}::uuid AND d.read_at < ${addSeconds(readAt, -MAKES_ROOM)}
        AND c.is_active AND c.deleted_at IS NULL
        AND NOT EXISTS (SELECT FROM grants g WHERE g.client_id = c.id)
        AND NOT EXISTS (SELECT FROM consents s WHERE s.client_id = c.id)
      ORDER BY d.read_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    DELETE FROM clients c USING oldest o WHERE c.id = o.id AND c.organisation_id = ${organisationId}::uuid`
  return gone > 0
}

/**
 * Whether any organisation takes documents, for an answer that is given from memory: read again when an organisation has
 * changed, and kept as it was where that cannot be.
 */
export function createDocumentOffer(prisma: PrismaClient): { isOffered: () => boolean; reload: () => void } {
  const takes: Prisma.OrganisationWhereInput = {
    OR: [
      { clientIdMetadataDocuments: 'any' },
      { clientIdMetadataDocuments: 'hosts', clientIdMetadataHosts: { isEmpty: false } },
    ],
  }
  let offered = false
  let latest = 0

  async function read(): Promise<void> {
    const own = (latest += 1)
    const count = await prisma.organisation.count({ where: { ...open, ...takes } })
    if (own === latest) offered = count > 0
  }

  return { isOffered: () => offered, reload: () => void read().catch(() => {}) }
}
