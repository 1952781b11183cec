import { z } from 'zod'
import type { AdminContext } from '../../model/permissions/permission.ts'
import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import { testWebhook } from '../../webhooks/manage-deliveries.ts'
import { adminOperation } from '../operation.ts'
import { attemptSchema } from './delivery.ts'
import { WEBHOOK_PATH, webhookParams, WEBHOOKS_PATH, WEBHOOKS_TAG } from './webhook.ts'

const testResultSchema = z.object({
  message: z.string(),
  deliveryId: z.string(),
  success: z.boolean(),
  attempt: attemptSchema,
})

const test = {
  method: 'POST',
  tag: WEBHOOKS_TAG,
  permission: 'webhooks:update',
  errors: [400, 404],
} as const

async function sendTest(
  services: WebhookManagement,
  context: AdminContext,
  id: string,
): Promise<z.output<typeof testResultSchema>> {
  const { deliveryId, attempt } = await testWebhook(services, context, id)
  const success = attempt.error === null
  return {
    message: success ? 'The test event was delivered.' : 'The test event was not delivered.',
    deliveryId,
    success,
    attempt,
  }
}

export const testWebhookOperation = (services: WebhookManagement) =>
  adminOperation({
    ...test,
    path: `${WEBHOOK_PATH}/test`,
    operationId: 'testWebhook',
    summary: 'Send a test event to a webhook',
    description: 'Sends webhook.test once, also to a disabled webhook, and waits for the response.',
    schema: { params: webhookParams, response: { 200: testResultSchema } },
    handle: ({ context, request }) => sendTest(services, context, request.params.id),
  })

export const testWebhookByBodyOperation = (services: WebhookManagement) =>
  adminOperation({
    ...test,
    path: `${WEBHOOKS_PATH}/test`,
    operationId: 'testWebhookByBody',
    summary: 'Send a test event to a webhook, named in the body',
    schema: {
      body: z.strictObject({ webhookId: webhookParams.shape.id }, { error: 'must be a JSON object with webhookId' }),
      response: { 200: testResultSchema },
    },
    example: { webhookId: '0193a1c2-7b5e-7000-8000-000000000001' },
    handle: ({ context, request }) => sendTest(services, context, request.body.webhookId),
  })
