// `admin` owns the management API under `/v1/admin`, one folder per resource.
// This file resolves the administrator of a request; `preconditions.ts` and `json-patch.ts` are used by several resources.
// Rules that hold outside the API, such as which client settings are valid, belong to `clients` and its neighbours.

import type { FastifyRequest } from 'fastify'
import { createAuditEvent, type AuditEventType } from '../audit/catalogue.ts'
import { requestMetadata } from '../http/request/request-metadata.ts'
import type { Clock } from '../lib/clock.ts'
import type { AuditEvent, RequestMetadata } from '../model/audit/audit-event.ts'
import { actingClientMetadata, type AdminContext } from '../model/permissions/permission.ts'

/** Who acts, and from where. */
export interface AdminRequestContext {
  administrator: AdminContext
  origin: RequestMetadata
}

export interface AdminAccessOptions {
  /** Who makes the request; throws the problem where they lack the permission. */
  authorizeAdministrator: (request: FastifyRequest, permission: string) => Promise<AdminContext>
}

export type AdminAccess = ReturnType<typeof createAdminAccess>

/** Who acts by the requests of some routes. */
export function createAdminAccess(options: AdminAccessOptions) {
  const administrators = new WeakMap<FastifyRequest, AdminContext>()
  return {
    /** Runs before the body is read: to somebody who may not write, what is wrong with what they write is nothing to say. */
    requirePermission: (permission: string) => async (request: FastifyRequest) => {
      administrators.set(request, await options.authorizeAdministrator(request, permission))
    },
    contextOf(request: FastifyRequest): AdminRequestContext {
      const administrator = administrators.get(request)
      if (!administrator) throw new Error('A route of the administration API did not ask who calls.')
      return { administrator, origin: requestMetadata(request) }
    },
  }
}

/** The event of what an administrator does by a request. */
export function createAdminAuditEvent(
  { administrator, origin }: AdminRequestContext,
  clock: Clock,
  type: AuditEventType,
  metadata: Record<string, unknown>,
): AuditEvent {
  const { organisationId, userId } = administrator
  return createAuditEvent(clock, type, {
    organisationId,
    requestMetadata: origin,
    userId,
    metadata: { ...metadata, ...actingClientMetadata(administrator) },
  })
}
