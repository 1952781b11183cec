import { z } from 'zod'
import { eventBody } from '../../webhooks/event-body.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { findDelivery } from '../../webhooks/manage-deliveries.ts'
import { eventSchema } from '../events/event.ts'
import { adminOperation } from '../operation.ts'
import { attemptSchema, DELIVERY_PATH, deliveryParams, deliverySchema, representDelivery } from './delivery.ts'
import { WEBHOOKS_TAG } from './webhook.ts'

const deliveryDetailSchema = deliverySchema.extend({
  requestBody: eventSchema.nullable().describe('What is sent. Null where the event is no longer stored.'),
  responseBody: z.string().nullable().describe('The beginning of the last response, at most 4,096 bytes.'),
  attemptLog: z.array(attemptSchema).describe('Oldest first.'),
})

export const getDeliveryOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'GET',
    path: DELIVERY_PATH,
    operationId: 'getWebhookDelivery',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:read',
    summary: 'Get a delivery, with request and response',
    schema: { params: deliveryParams, response: { 200: deliveryDetailSchema } },
    errors: [400, 404],
    async handle({ context, request: { params } }) {
      const { delivery, event } = await findDelivery(services, context, params.id, params.deliveryId)
      return {
        ...representDelivery(delivery),
        requestBody: event && eventBody(event, delivery.event),
        responseBody: delivery.responseBody,
        attemptLog: delivery.attemptLog,
      }
    },
  })
