import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { updateWebhook } from '../../webhooks/manage-webhooks.ts'
import { dryRunQuerySchema } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { readUpdateConditions } from '../preconditions.ts'
import { WEBHOOK_PATH, webhookBody, webhookOrDryRun, webhookParams, webhookSettings, WEBHOOKS_TAG } from './webhook.ts'

const webhookChangeSchema = z.strictObject(webhookSettings, {
  error: field.memberError('has members that cannot be changed'),
})

export const updateWebhookOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'PATCH',
    path: WEBHOOK_PATH,
    operationId: 'updateWebhook',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:update',
    summary: 'Update a webhook',
    description: 'isActive false disables it: events are not queued, and what is queued waits.',
    schema: {
      params: webhookParams,
      querystring: dryRunQuerySchema,
      body: webhookChangeSchema.partial(),
      response: { 200: webhookOrDryRun },
    },
    errors: [400, 404, 409, 412],
    example: { events: ['*'] },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const conditions = readUpdateConditions(request)
      const updated = await updateWebhook(services, context, request.params.id, request.body, conditions)
      return webhookBody(reply, updated, services.clock.now())
    },
  })
