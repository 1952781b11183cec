import type { FastifyRequest } from 'fastify'
import { createAuditEvent, type AuditEventFacts, type AuditEventType } from '../../audit/catalogue.ts'
import { requestMetadata } from '../../http/request/request-metadata.ts'
import type { Clock } from '../../lib/time/clock.ts'
import type { AuditEvent } from '../../model/audit/audit-event.ts'
import type { AccountCaller } from './caller.ts'

/** The audit event of what users do to their own account. */
export function createAccountAuditEvent(
  { userId, organisationId }: AccountCaller,
  request: FastifyRequest,
  clock: Clock,
  type: AuditEventType,
  facts: Pick<AuditEventFacts, 'resource' | 'metadata' | 'changes'>,
): AuditEvent {
  return createAuditEvent(clock, type, { userId, organisationId, requestMetadata: requestMetadata(request), ...facts })
}
