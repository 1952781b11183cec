import { type ApiRequest, jsonBody, type Query, withQuery } from '../transport/request.ts'
import type { AuditChange } from './audit-logs.ts'
import type { Page } from './paging.ts'

const WEBHOOKS_PATH = '/v1/admin/webhooks'

/** Where an organisation wants its events delivered, without the secret. Times are ISO 8601. */
export interface Webhook {
  id: string
  organisationId: string
  url: string
  description: string | null
  /** Names of events, `resource.*` or `*`. */
  events: string[]
  /** The id of the client whose events are delivered; null: all. */
  clientId: string | null
  ordered: boolean
  isActive: boolean
  status: 'active' | 'paused' | 'disabled'
  disabledReason: 'failures' | null
  failureCount: number
  pausedUntil: string | null
  lastTriggeredAt: string | null
  previousSecretExpiresAt: string | null
  createdAt: string
  updatedAt: string
}

/** A webhook with its secret, which is in this response only. */
export interface IssuedWebhook extends Webhook {
  secret: string
}

/** Who sent a request, by id. */
interface EventActor {
  type: 'user' | 'service_account' | 'client' | 'api_key' | 'server'
  id: string | null
}

/** An event as webhooks send it. */
export interface PublishedEvent {
  id: string
  type: string
  event: string
  createdAt: string
  timestamp: string
  organisationId: string
  data: {
    success: boolean
    actor: EventActor
    onBehalfOf: EventActor | null
    resource: { type: string; id: string } | null
    userId: string | null
    clientId: string | null
    changes: AuditChange[]
    metadata: Record<string, unknown>
    request: { id: string | null; ipAddress: string | null; userAgent: string | null }
    auditEventType: string
  }
}

/** One attempt to deliver. */
export interface DeliveryAttempt {
  at: string
  durationMs: number
  status: number | null
  error: string | null
}

export interface WebhookDelivery {
  id: string
  webhookId: string
  eventId: string
  event: string
  status: 'pending' | 'delivered' | 'failed'
  attempts: number
  nextAttemptAt: string | null
  responseStatus: number | null
  error: string | null
  durationMs: number | null
  deliveredAt: string | null
  createdAt: string
}

/** A delivery with request and response. */
export interface WebhookDeliveryDetail extends WebhookDelivery {
  requestBody: PublishedEvent | null
  responseBody: string | null
  attemptLog: DeliveryAttempt[]
}

export interface WebhookDeliveryPage extends Page<WebhookDelivery> {
  /** Continues the list as `after`; null on the last page. */
  nextCursor: string | null
}

export interface WebhookTestResult {
  message: string
  deliveryId: string
  success: boolean
  attempt: DeliveryAttempt
}

/** Events of the feed; `nextCursor` continues it as `after`. */
export interface EventPage {
  data: PublishedEvent[]
  nextCursor: string
  hasMore: boolean
}

function webhookPath(id: string, below = ''): string {
  return `${WEBHOOKS_PATH}/${encodeURIComponent(id)}${below}`
}

const deliveryPath = (id: string, deliveryId: string, below = '') =>
  webhookPath(id, `/deliveries/${encodeURIComponent(deliveryId)}${below}`)

export const listWebhooks = (query: Query = {}): ApiRequest<Page<Webhook>> => ({
  method: 'GET',
  path: withQuery(WEBHOOKS_PATH, query),
})

export const getWebhook = (id: string): ApiRequest<Webhook> => ({ method: 'GET', path: webhookPath(id) })

export const createWebhook = (settings: unknown): ApiRequest<IssuedWebhook> => ({
  ...jsonBody(settings),
  method: 'POST',
  path: WEBHOOKS_PATH,
})

export const updateWebhook = (id: string, changes: unknown): ApiRequest<Webhook> => ({
  ...jsonBody(changes),
  method: 'PATCH',
  path: webhookPath(id),
})

export const deleteWebhook = (id: string): ApiRequest => ({ method: 'DELETE', path: webhookPath(id) })

/** The previous secret signs as well for `overlapSeconds`. */
export const rotateWebhookSecret = (id: string, overlapSeconds: number): ApiRequest<IssuedWebhook> => ({
  ...jsonBody({ overlapSeconds }),
  method: 'POST',
  path: webhookPath(id, '/rotate-secret'),
})

export const testWebhook = (id: string): ApiRequest<WebhookTestResult> => ({
  method: 'POST',
  path: webhookPath(id, '/test'),
})

export const listWebhookDeliveries = (id: string, query: Query = {}): ApiRequest<WebhookDeliveryPage> => ({
  method: 'GET',
  path: withQuery(webhookPath(id, '/deliveries'), query),
})

export const getWebhookDelivery = (id: string, deliveryId: string): ApiRequest<WebhookDeliveryDetail> => ({
  method: 'GET',
  path: deliveryPath(id, deliveryId),
})

export const redeliverWebhookDelivery = (id: string, deliveryId: string): ApiRequest<{ message: string }> => ({
  method: 'POST',
  path: deliveryPath(id, deliveryId, '/redeliver'),
})

/** Of the deliveries since an instant, by default those that failed. */
export const redeliverWebhookRange = (
  id: string,
  range: { since: string; until?: string; status?: 'failed' | 'delivered' },
): ApiRequest<{ message: string; count: number }> => ({
  ...jsonBody(range),
  method: 'POST',
  path: webhookPath(id, '/redeliver'),
})

export const listEvents = (query: Query = {}): ApiRequest<EventPage> => ({
  method: 'GET',
  path: withQuery('/v1/admin/events', query),
})
