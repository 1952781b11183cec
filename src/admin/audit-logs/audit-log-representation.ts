import { z } from 'zod'
import type { AuditLogEntry } from '../../model/audit/audit-log.ts'

export const AUDIT_LOGS_TAG = 'Audit log'
export const AUDIT_LOGS_PATH = '/v1/admin/audit-logs'

const nullableText = z.string().nullable()
const actorSchema = z.object({
  type: z.enum(['user', 'client', 'api_key', 'server']),
  id: nullableText.describe('The id of the user or API key, or the client_id of the client.'),
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

/** A client that uses the access token of a user acts on behalf of that user, and so does an API key. */
function actors({ userId, user, client, requestId, metadata }: AuditLogEntry): Pick<AuditLog, 'actor' | 'onBehalfOf'> {
  const { actingClientId, apiKeyId } = metadata
  const person: Actor | null =
    userId === null ? null : { type: 'user', id: userId, email: user?.email ?? null, name: user?.name ?? null }
  if (typeof actingClientId === 'string') {
    return { actor: { type: 'client', id: actingClientId, email: null, name: null }, onBehalfOf: person }
  }
  if (typeof apiKeyId === 'string') {
    return { actor: { type: 'api_key', id: apiKeyId, email: null, name: null }, onBehalfOf: person }
  }
  if (person) return { actor: person, onBehalfOf: null }
  // A client that acts for itself, such as one that registers or revokes, leaves a request. The server leaves none.
  if (client && requestId) {
    return { actor: { type: 'client', id: client.clientId, email: null, name: client.name }, onBehalfOf: null }
  }
  return { actor: { type: 'server', id: null, email: null, name: null }, onBehalfOf: null }
}
