import { z } from 'zod'
import { actorsOf, type AuditActor } from '../../audit/actors.ts'
import type { AuditLogEntry } from '../../model/audit/audit-log.ts'

export const AUDIT_LOGS_TAG = 'Audit log'
export const AUDIT_LOGS_PATH = '/v1/admin/audit-logs'

const nullableText = z.string().nullable()
const actorSchema = z.object({
  type: z.enum(['user', 'service_account', 'client', 'api_key', 'server']),
  id: nullableText.describe('The id of the user, service account or API key, or the client_id of the client.'),
  email: nullableText,
  name: nullableText,
})

export const changesSchema = z
  .array(z.object({ field: z.string(), from: z.unknown().optional(), to: z.unknown().optional() }))
  .describe('The fields that changed. Secrets are masked.')

/** An audit event. The same facts stand flat and nested. */
export const auditLogSchema = z.object({
  id: z.string(),
  organisationId: z.string(),
  eventType: z.string(),
  eventCategory: z.string(),
  type: z.string().describe('The same as eventType.'),
  category: z.string().describe('The same as eventCategory.'),
  action: z.string(),
  success: z.boolean(),
  userId: nullableText.describe('The user who acted.'),
  clientId: nullableText.describe('The id of the client concerned.'),
  resourceType: nullableText,
  resourceId: nullableText,
  ipAddress: nullableText,
  userAgent: nullableText,
  requestId: nullableText,
  errorMessage: nullableText.describe('Why it failed.'),
  changes: changesSchema,
  actor: actorSchema.describe('Who sent the request.'),
  onBehalfOf: actorSchema.nullable().describe('The user whose access token or API key was used.'),
  user: z.object({ id: z.string(), email: z.string(), name: nullableText }).nullable().describe('If not erased.'),
  client: z.object({ id: z.string(), clientId: z.string(), name: z.string() }).nullable().describe('If not deleted.'),
  resource: z.object({ type: z.string(), id: z.string() }).nullable(),
  request: z.object({ id: nullableText, ipAddress: nullableText, userAgent: nullableText }),
  metadata: z.record(z.string(), z.unknown()),
  createdAt: z.string().describe('ISO 8601.'),
  occurredAt: z.string().describe('The same as createdAt.'),
})

type AuditLog = z.output<typeof auditLogSchema>
type Actor = AuditLog['actor']

export function representAuditLog(entry: AuditLogEntry): AuditLog {
  const { id, organisationId, type, category, action, success, userId, clientId, metadata, user, client } = entry
  const { resourceType, resourceId, ipAddress, userAgent, requestId } = entry
  const occurredAt = entry.occurredAt.toISOString()
  return {
    id,
    organisationId,
    eventType: type,
    eventCategory: category,
    type,
    category,
    action,
    success,
    userId,
    clientId,
    resourceType,
    resourceId,
    ipAddress: ipAddress || null,
    userAgent,
    requestId: requestId || null,
    errorMessage: !success && typeof metadata['reason'] === 'string' ? metadata['reason'] : null,
    changes: [...(entry.changes ?? [])],
    ...actors(entry),
    user,
    client,
    resource: resourceType === null || resourceId === null ? null : { type: resourceType, id: resourceId },
    request: { id: requestId || null, ipAddress: ipAddress || null, userAgent },
    metadata,
    createdAt: occurredAt,
    occurredAt,
  }
}

/** With the names of users and clients, as far as they still exist. */
function actors(entry: AuditLogEntry): Pick<AuditLog, 'actor' | 'onBehalfOf'> {
  const { user, client, metadata } = entry
  const named = ({ type, id }: AuditActor): Actor => {
    if (type === 'user') return { type, id, email: user?.email ?? null, name: user?.name ?? null }
    const isConcerned = type === 'client' && metadata['actingClientId'] === undefined
    return { type, id, email: null, name: isConcerned ? (client?.name ?? null) : null }
  }
  const { actor, onBehalfOf } = actorsOf(entry, client?.clientId ?? null)
  return { actor: named(actor), onBehalfOf: onBehalfOf && named(onBehalfOf) }
}
