import { entityTag } from '../../http/caching/preconditions.ts'
import { findWebhook, type WebhookManagement } from '../../webhooks/find-webhook.ts'
import { adminOperation } from '../operation.ts'
import { representWebhook, WEBHOOK_PATH, webhookParams, WEBHOOKS_TAG, webhookSchema } from './webhook.ts'

export const getWebhookOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'GET',
    path: WEBHOOK_PATH,
    operationId: 'getWebhook',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:read',
    summary: 'Get a webhook',
    description: 'Without its secret.',
    schema: { params: webhookParams, response: { 200: webhookSchema } },
    errors: [400, 404],
    async handle({ context, request, reply }) {
      const endpoint = await findWebhook(services, context, request.params.id)
      const body = representWebhook(endpoint, services.clock.now())
      // Its failures are no part of the version.
      void reply.header('etag', entityTag(endpoint.version))
      return body
    },
  })
