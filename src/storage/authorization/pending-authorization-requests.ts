// `storage/authorization` stores pending and pushed authorization requests, device authorizations and failures.
// A pushed request and a device code are consumed by one conditional write.
// Codes and grants belong to `storage/grants`.

import type {
  InteractionResult,
  PendingAuthorizationRequest,
  PendingAuthorizationRequestRepository,
} from '../../model/authorization/pending-authorization-request.ts'
import { toAuditEventRow } from '../audit/audit-event-row.ts'
import { copyBytes } from '../db/bytes.ts'
import type {
  PendingAuthorizationRequest as PendingAuthorizationRequestRow,
  PrismaClient,
} from '../generated/client.ts'

/** Pending requests: not a hot path, because a user fills in a form for each. */
export function createPendingAuthorizationRequestRepository(
  prisma: PrismaClient,
): PendingAuthorizationRequestRepository {
  return {
    async create({ browserCookieHash, ...request }) {
      const row =
        request.channel === 'browser'
          ? { ...request, pushedReferenceHash: request.pushedReferenceHash && copyBytes(request.pushedReferenceHash) }
          : request
      await prisma.pendingAuthorizationRequest.create({
        data: { ...row, browserCookieHash: copyBytes(browserCookieHash) },
      })
    },

    async find(id, browserCookieHash, now) {
      const found = await prisma.pendingAuthorizationRequest.findFirst({
        where: { id, browserCookieHash: copyBytes(browserCookieHash), expiresAt: { gt: now } },
      })
      return found ? readPendingRequest(found) : undefined
    },

    async claim(id, claimHash, browserCookieHash) {
      await prisma.pendingAuthorizationRequest.updateMany({
        where: { id, browserCookieHash: copyBytes(claimHash) },
        data: { browserCookieHash: copyBytes(browserCookieHash) },
      })
    },

    async selectSession({ id, organisationId }, sessionId) {
      await prisma.pendingAuthorizationRequest.updateMany({ where: { id, organisationId }, data: { sessionId } })
    },

    async recordConsent({ id, organisationId, clientId }, { userId, scopes, now }, event) {
      await prisma.$transaction(async (tx) => {
        const { count } = await tx.pendingAuthorizationRequest.updateMany({
          where: { id, organisationId },
          data: { consented: true, consentedScopes: scopes },
        })
        if (count === 0) return
        const key = { userId_clientId: { userId, clientId } }
        const existing = await tx.consent.findUnique({ where: { ...key, organisationId } })
        const existingScopes = existing && existing.revokedAt === null ? existing.scopes : []
        const mergedScopes = [...new Set([...existingScopes, ...scopes])]
        await tx.consent.upsert({
          where: { ...key, organisationId },
          create: { userId, clientId, organisationId, scopes: mergedScopes, grantedAt: now },
          update: { scopes: mergedScopes, grantedAt: now, revokedAt: null },
        })
        await tx.auditEvent.create({ data: toAuditEventRow(event) })
      })
    },

    async delete({ id, organisationId, pushedReferenceHash }, event) {
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.pendingAuthorizationRequest.deleteMany({ where: { id, organisationId } })
        if (pushedReferenceHash) {
          const referenceHash = copyBytes(pushedReferenceHash)
          await tx.pushedAuthorizationRequest.deleteMany({ where: { referenceHash, organisationId } })
        }
        if (count > 0 && event) await tx.auditEvent.create({ data: toAuditEventRow(event) })
        return count > 0
      })
    },
  }
}

function readPendingRequest(row: PendingAuthorizationRequestRow): PendingAuthorizationRequest & InteractionResult {
  const { channel, deviceAuthorizationId, pushedReferenceHash, parameters, ...members } = row
  const request = { ...members, parameters: parameters as Record<string, string> }
  if (channel === 'browser') return { ...request, channel, pushedReferenceHash }
  if (channel === 'device' && deviceAuthorizationId !== null) return { ...request, channel, deviceAuthorizationId }
  throw new Error(`The pending authorization request ${row.id} has an invalid channel.`)
}
