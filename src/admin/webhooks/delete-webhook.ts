import { z } from 'zod'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { deleteWebhook } from '../../webhooks/manage-webhooks.ts'
import { dryRunQuerySchema, dryRunSchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { WEBHOOK_PATH, webhookParams, WEBHOOKS_TAG } from './webhook.ts'

export const deleteWebhookOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'DELETE',
    path: WEBHOOK_PATH,
    operationId: 'deleteWebhook',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:delete',
    summary: 'Delete a webhook',
    description: 'With its deliveries, also those that are queued.',
    schema: {
      params: webhookParams,
      querystring: dryRunQuerySchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 204: z.null().describe('Deleted.') },
    },
    errors: [400, 404, 409, 412],
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const result = await deleteWebhook(services, context, request.params.id, readUpdateConditions(request))
      return result === 'deleted' ? reply.status(204).send(null) : result
    },
  })
