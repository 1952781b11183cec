import { uuidv7 } from '../lib/crypto/random.ts'
import { Conflict, NotFound } from '../lib/domain-error.ts'
import { addSeconds } from '../lib/time/clock.ts'
import type { AdminContext } from '../model/permissions/permission.ts'
import type { DeliveryAttempt, DeliveryStatus, PublishedEvent, WebhookDelivery } from '../model/webhooks/webhook.ts'
import { TEST_EVENT } from '../model/webhooks/webhook-events.ts'
import { findWebhook, webhookEvent, type WebhookManagement } from './find-webhook.ts'
import { LEASE_SECONDS } from './webhook-delivery.ts'

/** A delivery with its event. Throws `WebhookNotFound`, and `NotFound`. */
export async function findDelivery(
  services: Pick<WebhookManagement, 'webhooks' | 'webhookDeliveryLog'>,
  context: AdminContext,
  endpointId: string,
  id: string,
): Promise<{ delivery: WebhookDelivery; event: PublishedEvent | null }> {
  const { organisationId } = await findWebhook(services, context, endpointId)
  const found = await services.webhookDeliveryLog.find({ id, organisationId, endpointId })
  if (!found) throw new NotFound('There is no such delivery.')
  return found
}

/** Delivers an event again, with all attempts. Throws as `findDelivery`, and `Conflict` for one that is queued already. */
export async function redeliver(
  services: WebhookManagement,
  context: AdminContext,
  endpointId: string,
  id: string,
): Promise<void> {
  const endpoint = await findWebhook(services, context, endpointId)
  const { delivery } = await findDelivery(services, context, endpointId, id)
  const event = webhookEvent(services, context, 'webhook.redelivered', endpoint, { metadata: { deliveryId: id } })
  if (!(await services.webhookDeliveryLog.redeliver(delivery, services.clock.now(), event)))
    throw new Conflict('The delivery is queued already.')
  services.webhookDelivery.flush()
}

export interface RedeliveryRange {
  since: Date
  until: Date
  status: Exclude<DeliveryStatus, 'pending'>
}

/**
 * Delivers the events of a range again, oldest first, at most `MAX_REDELIVERIES`. With `dryRun` they are counted only. Returns
 * their number. Throws `WebhookNotFound`.
 */
export async function redeliverRange(
  services: WebhookManagement,
  context: AdminContext,
  endpointId: string,
  range: RedeliveryRange,
  { dryRun }: { dryRun: boolean },
): Promise<number> {
  const endpoint = await findWebhook(services, context, endpointId)
  const eventOf = (count: number) =>
    webhookEvent(services, context, 'webhook.redelivered', endpoint, {
      metadata: { since: range.since.toISOString(), until: range.until.toISOString(), status: range.status, count },
    })
  const options = { dryRun, eventOf }
  const count = await services.webhookDeliveryLog.redeliverRange(endpoint, range, services.clock.now(), options)
  if (count > 0 && !dryRun) services.webhookDelivery.flush()
  return count
}

/**
 * Sends a test event to an endpoint, also to one that is disabled, and waits for its response. It is attempted once, and a failure
 * has no effect on the endpoint. Throws `WebhookNotFound`.
 */
export async function testWebhook(
  services: WebhookManagement,
  context: AdminContext,
  endpointId: string,
): Promise<{ deliveryId: string; attempt: DeliveryAttempt }> {
  const { clock, webhookDeliveryLog, webhookDelivery } = services
  const { id, organisationId, url, secrets } = await findWebhook(services, context, endpointId)
  const event = webhookEvent(services, context, 'webhook.tested', { id, url })
  const deliveryId = uuidv7(event.occurredAt)
  await webhookDeliveryLog.createTest({ id, organisationId }, deliveryId, addSeconds(clock.now(), LEASE_SECONDS), event)
  const published = await webhookDeliveryLog.find({ id: deliveryId, organisationId, endpointId })
  const attempt = await webhookDelivery.deliverTest({
    id: deliveryId,
    organisationId,
    endpointId,
    url,
    secrets,
    event: TEST_EVENT,
    published: published?.event ?? null,
    attempt: 1,
    isOrdered: false,
  })
  return { deliveryId, attempt }
}
