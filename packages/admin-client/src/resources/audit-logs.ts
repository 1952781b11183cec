import { type ApiRequest, type Query, withQuery } from '../transport/request.ts'
import type { Page } from './paging.ts'

const AUDIT_LOGS_PATH = '/v1/admin/audit-logs'

/** Who sent a request. */
export interface AuditActor {
  type: 'user' | 'service_account' | 'client' | 'api_key' | 'server'
  id: string | null
  email: string | null
  name: string | null
}

/** The change of one field. Secrets are masked. */
export interface AuditChange {
  field: string
  from?: unknown
  to?: unknown
}

/** An audit event of the organisation. Times are ISO 8601. */
export interface AuditLog {
  id: string
  organisationId: string
  type: string
  category: string
  action: string
  success: boolean
  userId: string | null
  clientId: string | null
  resourceType: string | null
  resourceId: string | null
  ipAddress: string | null
  userAgent: string | null
  requestId: string | null
  errorMessage: string | null
  changes: AuditChange[]
  actor: AuditActor
  /** The user whose access token or API key was used. */
  onBehalfOf: AuditActor | null
  user: { id: string; email: string; name: string | null } | null
  client: { id: string; clientId: string; name: string } | null
  resource: { type: string; id: string } | null
  metadata: Record<string, unknown>
  occurredAt: string
}

/** A page of the audit log; `nextCursor` continues it as `after`, and is null on the last page. */
export interface AuditLogPage extends Page<AuditLog> {
  nextCursor: string | null
}

export const listAuditLogs = (query: Query = {}): ApiRequest<AuditLogPage> => ({
  method: 'GET',
  path: withQuery(AUDIT_LOGS_PATH, query),
})

export const getAuditLog = (id: string): ApiRequest<AuditLog> => ({
  method: 'GET',
  path: `${AUDIT_LOGS_PATH}/${encodeURIComponent(id)}`,
})

/** The result is text of any length: an event per line. */
export const exportAuditLogs = (query: Query = {}): ApiRequest<string> => ({
  method: 'GET',
  path: withQuery(`${AUDIT_LOGS_PATH}/export`, query),
})

/** The result is text of any length: a line per event and checkpoint. */
export const exportAuditChain = (): ApiRequest<string> => ({ method: 'GET', path: `${AUDIT_LOGS_PATH}/chain` })
