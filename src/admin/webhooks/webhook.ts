import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import { closestName } from '../../lib/text/closest-name.ts'
import type { WebhookEndpoint } from '../../model/webhooks/webhook.ts'
import { eventNames, isEventPattern } from '../../model/webhooks/webhook-events.ts'
import type { WebhookDryRun } from '../../webhooks/find-webhook.ts'
import type { IssuedWebhook } from '../../webhooks/manage-webhooks.ts'
import { dryRunSchema } from '../dry-run.ts'

export const WEBHOOKS_TAG = 'Webhooks'
export const WEBHOOKS_PATH = '/v1/admin/webhooks'
export const WEBHOOK_PATH = `${WEBHOOKS_PATH}/:id`

export const webhookParams = z.object({ id: z.uuid({ error: 'must be the id of a webhook' }) })

const eventPattern = field.validatedString((value) => {
  if (isEventPattern(value)) return undefined
  const closest = closestName(value, eventNames)
  return `must be the name of an event, such as user.created, or user.* or *${closest === undefined ? '' : `; did you mean ${closest}?`}`
})

/** The settings that can be changed. */
export const webhookSettings = {
  url: field.text(2_000).describe('Where events are sent: an https URL on the public internet.'),
  description: field.text(500).nullable().describe('For administrators.'),
  events: field
    .listOf(eventPattern)
    .min(1, { error: 'must name at least one event' })
    .describe('Names of events such as user.created, all of a resource such as user.*, or * for all.'),
  clientId: field
    .text(2_000)
    .nullable()
    .describe('Only events about this client, by its id or client_id. Null: all events.'),
  ordered: field.boolean.describe('Whether events about the same resource are delivered one after another.'),
  isActive: field.boolean.describe('Whether events are delivered. Enabling it resets its failures.'),
}

const webhookMembers = {
  id: z.string(),
  organisationId: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.string()),
  clientId: z.string().nullable().describe('The id of the client.'),
  ordered: z.boolean(),
  isActive: z.boolean(),
  active: z.boolean().describe('The same as isActive.'),
  status: z.enum(['active', 'paused', 'disabled']).describe('paused: not called for a while, because it fails.'),
  disabledReason: z.enum(['failures']).nullable().describe('failures: ten attempts in succession failed.'),
  failureCount: z.int().describe('Failed attempts in succession.'),
  pausedUntil: z.string().nullable(),
  lastTriggeredAt: z.string().nullable().describe('To the minute.'),
  previousSecretExpiresAt: z.string().nullable().describe('Until then the previous secret signs as well.'),
  createdAt: z.string().describe('ISO 8601.'),
  updatedAt: z.string(),
}

/** An endpoint, without its secret. */
export const webhookSchema = z.object(webhookMembers)

/** The response that makes a secret. */
export const issuedWebhookSchema = webhookSchema.extend({ secret: z.string().describe('In this response only.') })

export function representWebhook(endpoint: WebhookEndpoint, now: Date): z.output<typeof webhookSchema> {
  const { id, organisationId, url, description, events, clientId, ordered, isActive, pausedUntil } = endpoint
  const { disabledReason, failureCount, secrets } = endpoint
  const isPaused = pausedUntil !== null && pausedUntil > now
  return {
    id,
    organisationId,
    url,
    description,
    events,
    clientId,
    ordered,
    isActive,
    active: isActive,
    status: !isActive ? 'disabled' : isPaused ? 'paused' : 'active',
    disabledReason,
    failureCount,
    pausedUntil: isActive && isPaused ? pausedUntil.toISOString() : null,
    lastTriggeredAt: endpoint.lastTriggeredAt?.toISOString() ?? null,
    previousSecretExpiresAt: secrets.previousSecretExpiresAt?.toISOString() ?? null,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
  }
}

export const representIssuedWebhook = (
  { endpoint, secret }: IssuedWebhook,
  now: Date,
): z.output<typeof issuedWebhookSchema> => ({ ...representWebhook(endpoint, now), secret })

/** The body of the response about an endpoint, or of a dry run. Sets the ETag. */
export function webhookBody(reply: FastifyReply, result: WebhookEndpoint | WebhookDryRun, now: Date) {
  if ('dryRun' in result) return result
  void reply.header('etag', entityTag(result.version))
  return representWebhook(result, now)
}

export const webhookOrDryRun = z.union([webhookSchema, dryRunSchema])
