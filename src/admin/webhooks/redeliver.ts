import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { MAX_REDELIVERIES } from '../../model/webhooks/webhook.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { redeliver, redeliverRange } from '../../webhooks/manage-deliveries.ts'
import { dryRunQuerySchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { DELIVERY_PATH, deliveryParams } from './delivery.ts'
import { WEBHOOK_PATH, webhookParams, WEBHOOKS_TAG } from './webhook.ts'

export const redeliverOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'POST',
    path: `${DELIVERY_PATH}/redeliver`,
    operationId: 'redeliverWebhookDelivery',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:update',
    summary: 'Deliver an event again',
    description: 'The event keeps its id. A delivery that is queued is rejected with 409.',
    schema: { params: deliveryParams, response: { 202: z.object({ message: z.string() }) } },
    errors: [400, 404, 409],
    async handle({ context, request: { params }, reply }) {
      await redeliver(services, context, params.id, params.deliveryId)
      return reply.status(202).send({ message: 'The delivery is queued again.' })
    },
  })

const rangeSchema = z.strictObject(
  {
    since: field.instant.describe('Events at or after this instant.'),
    until: field.instant.optional().describe('Events before this instant; default now.'),
    status: field.oneOf(['failed', 'delivered']).default('failed').describe('The status of the deliveries.'),
  },
  { error: 'must be a JSON object with the member since' },
)

const rangeResultSchema = z.object({
  message: z.string(),
  count: z
    .int()
    .describe(`The number of deliveries, at most ${MAX_REDELIVERIES.toLocaleString('en')}: then call again.`),
})

export const redeliverRangeOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'POST',
    path: `${WEBHOOK_PATH}/redeliver`,
    operationId: 'redeliverWebhookRange',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:update',
    summary: 'Deliver the events of a time again',
    description: 'Oldest first. With dryRun the response has their number, and none is queued.',
    schema: {
      params: webhookParams,
      querystring: dryRunQuerySchema,
      body: rangeSchema,
      response: { 200: rangeResultSchema.extend({ dryRun: z.literal(true) }), 202: rangeResultSchema },
    },
    errors: [400, 404],
    example: { since: '2027-01-31T12:00:00Z', status: 'failed' },
    async handle({ context, request, reply }) {
      const { since, until = services.clock.now(), status } = request.body
      const dryRun = isDryRun(request)
      const count = await redeliverRange(services, context, request.params.id, { since, until, status }, { dryRun })
      if (dryRun) return { dryRun: true as const, message: 'The deliveries would be queued again.', count }
      return reply.status(202).send({ message: 'The deliveries are queued again.', count })
    },
  })
