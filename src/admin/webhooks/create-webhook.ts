import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag } from '../../http/caching/preconditions.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { createWebhook } from '../../webhooks/manage-webhooks.ts'
import { dryRunQuerySchema, dryRunSchema, isDryRun } from '../dry-run.ts'
import { adminOperation } from '../operation.ts'
import { issuedWebhookSchema, representIssuedWebhook, webhookSettings, WEBHOOKS_PATH, WEBHOOKS_TAG } from './webhook.ts'

const newWebhookSchema = z.strictObject(
  {
    url: webhookSettings.url,
    events: webhookSettings.events,
    description: webhookSettings.description.default(null),
    clientId: webhookSettings.clientId.default(null),
    ordered: webhookSettings.ordered.default(false),
    isActive: webhookSettings.isActive.default(true),
  },
  {
    error: field.memberError('has unknown members'),
  },
)

export const createWebhookOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'POST',
    path: WEBHOOKS_PATH,
    operationId: 'createWebhook',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:create',
    summary: 'Create a webhook',
    description:
      'The secret is in this response only. Events tell what audit events tell: grant this permission with as much care as audit:read.',
    schema: {
      querystring: dryRunQuerySchema,
      body: newWebhookSchema,
      response: { 200: dryRunSchema.describe('With dryRun.'), 201: issuedWebhookSchema },
    },
    errors: [400, 409],
    example: { url: 'https://app.example.com/webhooks', events: ['user.*', 'login.failed'] },
    async handle({ context, request, reply }) {
      const created = await createWebhook(services, context, request.body, { dryRun: isDryRun(request) })
      if ('dryRun' in created) return created
      const { id, version } = created.endpoint
      return reply
        .status(201)
        .headers({ location: `${WEBHOOKS_PATH}/${id}`, etag: entityTag(version) })
        .send(representIssuedWebhook(created, services.clock.now()))
    },
  })
