import { z } from 'zod'
import * as field from '../../clients/settings/properties/fields.ts'
import { entityTag, ifMatch } from '../../http/caching/preconditions.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { rotateWebhookSecret } from '../../webhooks/manage-webhooks.ts'
import { adminOperation } from '../operation.ts'
import { issuedWebhookSchema, representIssuedWebhook, WEBHOOK_PATH, webhookParams, WEBHOOKS_TAG } from './webhook.ts'

const rotationSchema = z.strictObject(
  {
    overlapSeconds: field
      .integer(0, 604_800)
      .default(86_400)
      .describe('How long the previous secret still signs as well; default a day, at most a week.'),
  },
  { error: 'must be a JSON object' },
)

export const rotateWebhookSecretOperation = (services: WebhookManagement) =>
  adminOperation({
    method: 'POST',
    path: `${WEBHOOK_PATH}/rotate-secret`,
    operationId: 'rotateWebhookSecret',
    tag: WEBHOOKS_TAG,
    permission: 'webhooks:update',
    summary: 'Rotate the secret of a webhook',
    description: 'The new secret is in this response only.',
    schema: { params: webhookParams, body: rotationSchema, response: { 200: issuedWebhookSchema } },
    errors: [400, 404, 409, 412],
    example: { overlapSeconds: 3600 },
    acceptsIfMatch: true,
    async handle({ context, request, reply }) {
      const { overlapSeconds } = request.body
      const matches = ifMatch(request)
      const issued = await rotateWebhookSecret(services, context, request.params.id, overlapSeconds, {
        acceptsVersion: (version) => matches(entityTag(version)),
      })
      void reply.header('etag', entityTag(issued.endpoint.version))
      return representIssuedWebhook(issued, services.clock.now())
    },
  })
