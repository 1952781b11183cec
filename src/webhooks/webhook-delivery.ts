import { createAuditEvent, internalRequestMetadata } from '../audit/catalogue.ts'
import { createLeasedWork, type LeasedWork } from '../lib/concurrency/leased-work.ts'
import { addSeconds, monotonicNow, type Clock } from '../lib/time/clock.ts'
import type {
  DeliveryAttempt,
  DeliveryResult,
  FailurePolicy,
  LeasedDelivery,
  WebhookDeliveryQueue,
} from '../model/webhooks/webhook.ts'
import type { SafeFetch } from '../safe-fetch/safe-fetch.ts'
import { eventBody, eventId } from './event-body.ts'
import { deliveryHeaders } from './sign-delivery.ts'
import type { WebhookSecrets } from './webhook-secrets.ts'

export interface WebhookDeliveryOptions {
  clock: Clock
  deliveries: WebhookDeliveryQueue
  secrets: Pick<WebhookSecrets, 'open'>
  postJson: SafeFetch['postJson']
  log: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
}

/** Delivers events to endpoints in the background. */
export interface WebhookDeliverer extends LeasedWork {
  /** Attempts a delivery once, without effect on its endpoint when it fails. */
  deliverTest(delivery: LeasedDelivery): Promise<DeliveryAttempt>
}

/** Seconds between attempts. The last one has no successor. */
const RETRY_DELAYS_SECONDS = [60, 300, 900, 3_600, 21_600, 86_400]
const TIMEOUT_MS = 10_000
/** Longer than an attempt takes. After it, another process attempts what was in progress in one that was killed. */
export const LEASE_SECONDS = 30
const MAX_STORED_RESPONSE_BYTES = 4_096
/** Lanes are endpoints. */
const LIMITS = { concurrent: 64, perLane: 32, perSlowLane: 4, slowAfterMs: 500, slow: 240 }

/** The fifth failure in succession pauses the endpoint, and each one after it for longer: to the tenth it takes seven hours. */
const FAILURE_POLICY: FailurePolicy = { pauseFrom: 5, pausesSeconds: [60, 300, 900, 3_600, 21_600], disableAfter: 10 }

/**
 * Delivers queued events. Every process can: a delivery is leased, so that one process attempts it at a time. Receivers get an
 * event at least once. Every status except 2xx is a failure, and redirects are not followed.
 */
export function createWebhookDelivery(options: WebhookDeliveryOptions): WebhookDeliverer {
  const { clock, deliveries, secrets, postJson, log } = options

  async function post(delivery: LeasedDelivery): Promise<{ attempt: DeliveryAttempt; responseBody: string | null }> {
    const startedAt = monotonicNow()
    const attempt = (status: number | null, error: string | null): DeliveryAttempt => ({
      at: clock.now().toISOString(),
      durationMs: Math.round(monotonicNow() - startedAt),
      status,
      error,
    })
    const { published, event, id: deliveryId, endpointId } = delivery
    if (published === null) return { attempt: attempt(null, 'The event is no longer stored.'), responseBody: null }
    const now = clock.now()
    const body = JSON.stringify(eventBody(published, event))
    const signed = { eventId: eventId(published.id), event, deliveryId, body }
    const headers = deliveryHeaders(signed, secrets.open(endpointId, delivery.secrets, now), now)
    const limits = { timeoutMs: TIMEOUT_MS, keptBytes: MAX_STORED_RESPONSE_BYTES }
    try {
      const response = await postJson(delivery.url, body, headers, limits)
      const error = isSuccessful(response.status) ? null : `The response has the status ${response.status}.`
      return { attempt: attempt(response.status, error), responseBody: response.body.replaceAll('\0', '\uFFFD') }
    } catch (error) {
      // The reason may describe the network of the server: it is for the log only.
      log.warn({ endpointId, deliveryId, reason: (error as Error).message }, 'failed to deliver a webhook')
      return { attempt: attempt(null, 'There was no response.'), responseBody: null }
    }
  }

  async function deliver(delivery: LeasedDelivery, isTest: boolean): Promise<DeliveryAttempt> {
    const startedAt = clock.now()
    const { attempt, responseBody } = await post(delivery)
    const now = clock.now()
    const result: DeliveryResult = { ...delivery, attemptLog: attempt, responseBody, now }
    if (attempt.error === null) {
      await deliveries.complete(result)
      return attempt
    }
    const delay = isTest || delivery.published === null ? undefined : RETRY_DELAYS_SECONDS[delivery.attempt - 1]
    const nextAttemptAt = delay === undefined ? null : addSeconds(now, delay)
    // What the server itself no longer has is no failure of the endpoint.
    const counting =
      isTest || delivery.published === null ? undefined : { policy: FAILURE_POLICY, disabled: disabledEvent(delivery) }
    const disabled = await deliveries.fail({ ...result, startedAt, nextAttemptAt }, counting)
    if (disabled) log.warn({ endpointId: delivery.endpointId }, 'disabled a webhook that keeps failing')
    return attempt
  }

  const disabledEvent = ({ organisationId, endpointId, url }: LeasedDelivery) =>
    createAuditEvent(clock, 'webhook.disabled', {
      organisationId,
      requestMetadata: internalRequestMetadata,
      resource: { type: 'webhook', id: endpointId },
      metadata: { url, reason: 'failures', failures: FAILURE_POLICY.disableAfter },
      changes: [{ field: 'isActive', from: true, to: false }],
    })

  const work = createLeasedWork<LeasedDelivery>({
    lease: (limits) => deliveries.lease(limits, LEASE_SECONDS, FAILURE_POLICY, clock.now()),
    laneOf: ({ endpointId }) => endpointId,
    work: async (delivery) => {
      await deliver(delivery, false)
      if (delivery.isOrdered) work.flush()
    },
    onError: (error, failed) =>
      log.error(
        { err: error },
        failed === 'work' ? 'failed to deliver a webhook' : 'failed to read webhook deliveries',
      ),
    limits: LIMITS,
  })
  return { ...work, deliverTest: (delivery) => deliver(delivery, true) }
}

const isSuccessful = (status: number) => status >= 200 && status < 300
