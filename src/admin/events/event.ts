import { z } from 'zod'
import { changesSchema } from '../audit-logs/audit-log-representation.ts'

const nullableText = z.string().nullable()
const actorSchema = z.object({
  type: z.enum(['user', 'service_account', 'client', 'api_key', 'server']),
  id: nullableText.describe('The id of the user or API key, or the client_id of the client.'),
})

/** An event, as webhooks send it. */
export const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  event: z.string().describe('The same as type.'),
  createdAt: z.string().describe('ISO 8601.'),
  timestamp: z.string().describe('The same as createdAt.'),
  organisationId: z.string(),
  data: z.object({
    success: z.boolean(),
    actor: actorSchema.describe('Who sent the request.'),
    onBehalfOf: actorSchema.nullable().describe('The user whose access token or API key was used.'),
    resource: z.object({ type: z.string(), id: z.string() }).nullable(),
    userId: nullableText.describe('The user who acted, or signed in.'),
    clientId: nullableText.describe('The client_id of the client concerned.'),
    changes: changesSchema,
    metadata: z.record(z.string(), z.unknown()),
    request: z.object({ id: nullableText, ipAddress: nullableText, userAgent: nullableText }),
    auditEventType: z.string(),
  }),
})
