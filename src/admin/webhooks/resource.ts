// `admin/webhooks` owns the operations on webhooks and their deliveries.
// What they do, and the delivery of events, belongs to `webhooks`.

import type { WebhookManagement } from '../../webhooks/find-webhook.ts'
import type { AdminResource } from '../operation.ts'
import { createWebhookOperation } from './create-webhook.ts'
import { deleteWebhookOperation } from './delete-webhook.ts'
import { getDeliveryOperation } from './get-delivery.ts'
import { getWebhookOperation } from './get-webhook.ts'
import { listDeliveriesOperation } from './list-deliveries.ts'
import { listWebhooksOperation } from './list-webhooks.ts'
import { redeliverOperation, redeliverRangeOperation } from './redeliver.ts'
import { rotateWebhookSecretOperation } from './rotate-webhook-secret.ts'
import { testWebhookByBodyOperation, testWebhookOperation } from './test-webhook.ts'
import { updateWebhookOperation } from './update-webhook.ts'

/** `/v1/admin/webhooks`: where an organisation wants its events delivered. */
export const webhookResource = (services: WebhookManagement): AdminResource => ({
  operations: [
    listWebhooksOperation(services),
    createWebhookOperation(services),
    testWebhookByBodyOperation(services),
    getWebhookOperation(services),
    updateWebhookOperation(services),
    deleteWebhookOperation(services),
    rotateWebhookSecretOperation(services),
    testWebhookOperation(services),
    redeliverRangeOperation(services),
    listDeliveriesOperation(services),
    getDeliveryOperation(services),
    redeliverOperation(services),
  ],
})
