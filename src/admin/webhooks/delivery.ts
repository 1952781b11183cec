import { z } from 'zod'
import { deliveryStatuses, type WebhookDelivery } from '../../model/webhooks/webhook.ts'
import { eventId } from '../../webhooks/event-body.ts'
import { WEBHOOK_PATH, webhookParams } from './webhook.ts'

export const DELIVERIES_PATH = `${WEBHOOK_PATH}/deliveries`
export const DELIVERY_PATH = `${DELIVERIES_PATH}/:deliveryId`

export const deliveryParams = webhookParams.extend({
  deliveryId: z.uuid({ error: 'must be the id of a delivery' }),
})

export const attemptSchema = z.object({
  at: z.string().describe('When it ended, in ISO 8601.'),
  durationMs: z.int(),
  status: z.int().nullable().describe('The status of the response.'),
  error: z.string().nullable().describe('Null: it was delivered.'),
})

/** A delivery, as lists have it. */
export const deliverySchema = z.object({
  id: z.string().describe('X-Cerberus-Delivery.'),
  webhookId: z.string(),
  eventId: z.string().describe('webhook-id.'),
  event: z.string(),
  status: z.enum(deliveryStatuses).describe('failed: the last attempt failed.'),
  attempts: z.int().describe('Since it was queued, or queued again.'),
  nextAttemptAt: z.string().nullable(),
  responseStatus: z.int().nullable().describe('Of the last attempt.'),
  error: z.string().nullable().describe('Of the last attempt.'),
  durationMs: z.int().nullable().describe('Of the last attempt.'),
  deliveredAt: z.string().nullable(),
  createdAt: z.string().describe('ISO 8601.'),
})

export function representDelivery(delivery: WebhookDelivery): z.output<typeof deliverySchema> {
  const { id, endpointId, event, status, attempts } = delivery
  const last = delivery.attemptLog.at(-1)
  return {
    id,
    webhookId: endpointId,
    eventId: eventId(delivery.eventId),
    event,
    status,
    attempts,
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    responseStatus: last?.status ?? null,
    error: last?.error ?? null,
    durationMs: last?.durationMs ?? null,
    deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
    createdAt: delivery.createdAt.toISOString(),
  }
}
