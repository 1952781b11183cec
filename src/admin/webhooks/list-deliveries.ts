import { z } from 'zod'
import { findWebhook, type WebhookManagement } from '../../webhooks/find-webhook.ts'
import { deliveryStatuses, MAX_COUNTED_DELIVERIES } from '../../model/webhooks/webhook.ts'
import { adminOperation } from '../operation.ts'
import { cappedEnvelopeSchema, enumParameter, integerParameter, listEnvelope, searchParameter } from '../paging.ts'
import { DELIVERIES_PATH, deliverySchema, representDelivery } from './delivery.ts'
import { webhookParams, WEBHOOKS_TAG } from './webhook.ts'

const DEFAULT_LIMIT = 50
const querySchema = z.object({
  limit: integerParameter(1, 100).describe(`The number of deliveries on a page; default ${DEFAULT_LIMIT}.`),
  after: z
    .uuid({ error: 'must be the nextCursor of a page, sent once' })
    .optional()
    .describe('The nextCursor of the previous page.'),
  status: enumParameter(deliveryStatuses),
  event: searchParameter.describe('The name of the event, as a whole.'),
})

export const listDeliveriesOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'GET',
    path: DELIVERIES_PATH,
    operationId: 'listWebhookDeliveries',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:read',
    summary: 'List the deliveries of a webhook',
    description: 'Newest first. They are kept for thirty days.',
    schema: {
      params: webhookParams,
      querystring: querySchema,
      response: {
        200: cappedEnvelopeSchema(deliverySchema).extend({
          nextCursor: z.string().nullable().describe('The cursor of the next page, for after; null on the last one.'),
        }),
      },
    },
    errors: [400, 404],
    async handle({ context, request: { params, query } }) {
      const { id: endpointId, organisationId } = await findWebhook(services, context, params.id)
      const { status, event, after } = query
      const limit = Number(query.limit ?? DEFAULT_LIMIT)
      const which = { organisationId, endpointId, status, event, after, limit: limit + 1 }
      const { deliveries, total } = await services.webhookDeliveryLog.list(which)
      const shown = deliveries.slice(0, limit)
      return {
        ...listEnvelope(shown.map(representDelivery), Math.min(total, MAX_COUNTED_DELIVERIES), { limit, offset: 0 }),
        moreThanTotal: total > MAX_COUNTED_DELIVERIES,
        nextCursor: deliveries.length > limit ? (shown.at(-1)?.id ?? null) : null,
      }
    },
  })
