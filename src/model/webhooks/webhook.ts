import type { LaneLimits } from '../../lib/concurrency/leased-work.ts'
import type { AuditEvent } from '../audit/audit-event.ts'
import type { HashedEvent } from '../audit/event-hash.ts'

/** Where an organisation wants its events delivered. */
export interface WebhookEndpoint {
  id: string
  organisationId: string
  url: string
  description: string | null
  /** Names of events, `resource.*` or `*`. */
  events: string[]
  /** The row id of the client whose events are delivered; null: all. */
  clientId: string | null
  /** Whether events about the same resource are delivered one after another. */
  ordered: boolean
  isActive: boolean
  /** Why the server disabled it. */
  disabledReason: 'failures' | null
  /** Failed attempts in succession. Attempts at the same time count once. */
  failureCount: number
  /** Until then nothing is sent. */
  pausedUntil: Date | null
  /** To the minute. */
  lastTriggeredAt: Date | null
  secrets: SealedWebhookSecrets
  createdAt: Date
  updatedAt: Date
  version: number
}

/** The secrets that sign, encrypted. The previous one signs until it expires. */
export interface SealedWebhookSecrets {
  sealedSecret: Uint8Array
  sealedPreviousSecret: Uint8Array | null
  previousSecretExpiresAt: Date | null
}

/** How an endpoint is identified: always within an organisation. */
export type WebhookReference = Pick<WebhookEndpoint, 'id' | 'organisationId'>

export type WebhookSettings = Pick<
  WebhookEndpoint,
  'url' | 'description' | 'events' | 'clientId' | 'ordered' | 'isActive'
>

export interface NewWebhookEndpoint extends WebhookReference, WebhookSettings, SealedWebhookSecrets {}

/** Undefined members stay as they are. */
export type WebhookSettingsChange = { [Member in keyof WebhookSettings]?: WebhookSettings[Member] | undefined }

/** An endpoint that is enabled starts without failures. */
export type WebhookChange = WebhookSettingsChange & Partial<SealedWebhookSecrets>

export interface WebhookQuery {
  organisationId: string
  limit: number
  offset: number
  /** Part of the URL or the description. */
  search: string | undefined
  isActive: boolean | undefined
}

export const MAX_ENDPOINTS_PER_ORGANISATION = 100

/** Each change stores its audit event in the same statement or transaction. */
export interface WebhookRepository {
  /** Newest first. */
  list(query: WebhookQuery): Promise<{ endpoints: WebhookEndpoint[]; total: number }>
  find(endpoint: WebhookReference): Promise<WebhookEndpoint | undefined>
  /** Returns false, and creates none, where the organisation has as many as it may. */
  create(endpoint: NewWebhookEndpoint, event: AuditEvent): Promise<boolean>
  /** Returns false, and changes nothing, where the endpoint has another version by now. */
  update(endpoint: WebhookReference & { version: number }, change: WebhookChange, event: AuditEvent): Promise<boolean>
  /** The same. Its deliveries are deleted as well. */
  delete(endpoint: WebhookReference & { version: number }, event: AuditEvent): Promise<boolean>
  /** Subscribes endpoints to the types of audit events that their patterns select in this release. */
  refreshSubscriptions(): Promise<void>
  /** The row id of a client, by its row id or `client_id`. */
  findClientId(organisationId: string, client: string): Promise<string | undefined>
}

/** How long deliveries are kept. */
export const DELIVERY_RETENTION_SECONDS = 30 * 86_400

export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

/** One attempt to deliver. */
export interface DeliveryAttempt {
  /** When it ended, in ISO 8601. */
  at: string
  durationMs: number
  /** The status of the response, if there was one. */
  status: number | null
  /** Why there was none. */
  error: string | null
}

/** An event as it is published: the audit event, with the `client_id` of its client. */
export interface PublishedEvent extends HashedEvent {
  clientIdentifier: string | null
}

export interface WebhookDelivery {
  id: string
  organisationId: string
  endpointId: string
  eventId: string
  /** The name of the event. */
  event: string
  status: DeliveryStatus
  /** Since it was queued, or queued again. */
  attempts: number
  /** Null unless pending. */
  nextAttemptAt: Date | null
  /** Oldest first. */
  attemptLog: DeliveryAttempt[]
  /** The beginning of the last response. */
  responseBody: string | null
  deliveredAt: Date | null
  createdAt: Date
}

export type DeliveryReference = Pick<WebhookDelivery, 'id' | 'organisationId' | 'endpointId'>

export interface DeliveryQuery {
  organisationId: string
  endpointId: string
  limit: number
  status: DeliveryStatus | undefined
  event: string | undefined
  /** The id of the last delivery of the previous page. */
  after: string | undefined
}

export const MAX_COUNTED_DELIVERIES = 1_000
/** At most this many deliveries are queued again by one request. */
export const MAX_REDELIVERIES = 10_000

/** The deliveries of an endpoint, as administrators see them. */
export interface WebhookDeliveryLog {
  /** Newest first. Of the total, at most `MAX_COUNTED_DELIVERIES + 1` are counted. */
  list(query: DeliveryQuery): Promise<{ deliveries: WebhookDelivery[]; total: number }>
  /** With its event, unless that is no longer stored. */
  find(delivery: DeliveryReference): Promise<{ delivery: WebhookDelivery; event: PublishedEvent | null } | undefined>
  /** Queues a delivery again that is not pending. Returns whether it did. */
  redeliver(delivery: DeliveryReference, now: Date, event: AuditEvent): Promise<boolean>
  /** The same for those of a range; `eventOf` gets their number. With `dryRun` they are counted only. */
  redeliverRange(
    endpoint: WebhookReference,
    range: { since: Date; until: Date; status: Exclude<DeliveryStatus, 'pending'> },
    now: Date,
    { dryRun, eventOf }: { dryRun: boolean; eventOf: (count: number) => AuditEvent },
  ): Promise<number>
  /** Adds a delivery of the event, which it stores, that is in progress: its first attempt begins now. */
  createTest(endpoint: WebhookReference, deliveryId: string, leaseEndsAt: Date, event: AuditEvent): Promise<void>
}

/** A delivery that is being attempted. No other process attempts it before its lease ends. */
export interface LeasedDelivery {
  id: string
  organisationId: string
  endpointId: string
  url: string
  secrets: SealedWebhookSecrets
  /** The name of the event. */
  event: string
  /** Null where the audit event is no longer stored. */
  published: PublishedEvent | null
  /** Counted from 1. */
  attempt: number
  /** Whether others wait for it. */
  isOrdered: boolean
}

export interface DeliveryResult extends Pick<LeasedDelivery, 'id' | 'organisationId' | 'endpointId' | 'attempt'> {
  attemptLog: DeliveryAttempt
  responseBody: string | null
  now: Date
}

/** A failed attempt, and what follows from it. */
export interface FailedDelivery extends DeliveryResult {
  startedAt: Date
  /** Null after the last attempt. */
  nextAttemptAt: Date | null
}

/** How failures in succession slow an endpoint down. */
export interface FailurePolicy {
  /** Seconds for which the endpoint is paused after `pauseFrom` failures, after one more, and so on. */
  pausesSeconds: readonly number[]
  pauseFrom: number
  disableAfter: number
}

/** The queue of deliveries, to which the statement that stores an audit event adds. */
export interface WebhookDeliveryQueue {
  /**
   * Leases due deliveries of active endpoints, by turns over endpoints; lanes are endpoints. Each becomes due again after
   * `leaseSeconds`. An endpoint that was paused gets one.
   */
  lease(limits: LaneLimits, leaseSeconds: number, policy: FailurePolicy, now: Date): Promise<LeasedDelivery[]>
  /** Stores that a delivery was made. Has no effect after a later attempt has begun. */
  complete(result: DeliveryResult): Promise<void>
  /**
   * Stores a failure. With `counting`, it also pauses or disables the endpoint, and records the event if it disabled it. Returns
   * whether it did.
   */
  fail(failed: FailedDelivery, counting: { policy: FailurePolicy; disabled: AuditEvent } | undefined): Promise<boolean>
}

/** A place in the feed of events: when one was stored, in microseconds since 1970, and its id. */
export interface FeedPosition {
  recordedAt: string
  id: string
}

/** The events of an organisation in the order in which they were stored. */
export interface EventFeed {
  /** The position after every event that was stored so far. */
  end(): Promise<FeedPosition>
  /** Events after a position, oldest first. None is missed: those of running transactions, and later ones, wait. */
  read(query: {
    organisationId: string
    types: readonly string[]
    after: FeedPosition
    limit: number
  }): Promise<{ events: PublishedEvent[]; end: FeedPosition }>
}
