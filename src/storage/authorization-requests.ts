import type { AuthorizationRequestRepository } from '../model/authorization-request.ts'
import { auditRow } from './audit.ts'
import { ownBytes } from './bytes.ts'
import type { PrismaClient } from './generated/client.ts'

/** Requests that wait for a person: not hot, since each of them ends with somebody typing. */
export function createAuthorizationRequestRepository(prisma: PrismaClient): AuthorizationRequestRepository {
  return {
    async keep({ browserHash, pushedReferenceHash, ...request }) {
      await prisma.authorizationRequest.create({
        data: {
          ...request,
          browserHash: ownBytes(browserHash),
          pushedReferenceHash: pushedReferenceHash && ownBytes(pushedReferenceHash),
        },
      })
    },

    async find(id, browserHash, now) {
      const found = await prisma.authorizationRequest.findFirst({
        where: { id, browserHash: ownBytes(browserHash), expiresAt: { gt: now } },
      })
      return found ? { ...found, parameters: found.parameters as Record<string, string> } : undefined
    },

    async claim(id, claimHash, browserHash) {
      await prisma.authorizationRequest.updateMany({
        where: { id, browserHash: ownBytes(claimHash) },
        data: { browserHash: ownBytes(browserHash) },
      })
    },

    async chooseSession({ id, organisationId }, sessionId) {
      await prisma.authorizationRequest.updateMany({ where: { id, organisationId }, data: { sessionId } })
    },

    async consent({ id, organisationId, clientId }, { userId, scopes, now }, event) {
      await prisma.$transaction(async (tx) => {
        const { count } = await tx.authorizationRequest.updateMany({
          where: { id, organisationId },
          data: { consented: true, consentedScopes: scopes },
        })
        if (count === 0) return
        const key = { userId_clientId: { userId, clientId } }
        const before = await tx.consent.findUnique({ where: { ...key, organisationId } })
        const kept = before && before.revokedAt === null ? before.scopes : []
        const agreed = [...new Set([...kept, ...scopes])]
        await tx.consent.upsert({
          where: { ...key, organisationId },
          create: { userId, clientId, organisationId, scopes: agreed, grantedAt: now },
          update: { scopes: agreed, grantedAt: now, revokedAt: null },
        })
        await tx.auditEvent.create({ data: auditRow(event) })
      })
    },

    async discard({ id, organisationId, pushedReferenceHash }, event) {
      return prisma.$transaction(async (tx) => {
        const { count } = await tx.authorizationRequest.deleteMany({ where: { id, organisationId } })
        if (pushedReferenceHash !== null) {
          const referenceHash = ownBytes(pushedReferenceHash)
          await tx.pushedAuthorizationRequest.deleteMany({ where: { referenceHash, organisationId } })
        }
        if (count > 0 && event) await tx.auditEvent.create({ data: auditRow(event) })
        return count > 0
      })
    },
  }
}
