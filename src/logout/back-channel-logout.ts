import { internalRequestMetadata, createAuditEvent } from '../audit/catalogue.ts'
import { createCircuitBreaker } from '../lib/concurrency/circuit-breaker.ts'
import type { SafeFetch } from '../safe-fetch/safe-fetch.ts'
import type { ClientCache } from '../model/clients/client-cache.ts'
import { isClientActive } from '../model/clients/client-cache.ts'
import type {
  BackchannelLogout,
  BackchannelLogoutLimits,
  BackchannelLogoutQueue,
} from '../model/sessions/backchannel-logout.ts'
import type { SessionRepository } from '../model/sessions/session.ts'
import { mintLogoutToken, type LogoutTokenOptions } from './logout-token.ts'

export interface BackChannelLogoutOptions extends LogoutTokenOptions {
  notifications: BackchannelLogoutQueue
  clients: Pick<ClientCache, 'find'>
  postForm: SafeFetch['postForm']
  log: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
}

/** Delivers logout tokens to clients in the background. */
export interface BackChannelLogout {
  /** Delivers due notifications, up to the concurrency limit. Never fails. */
  flush(): void
  /** Starts no more deliveries; resolves when those in progress have ended. */
  stop(): Promise<void>
}

/** Seconds between attempts; the first delay is longer than an attempt can take. The last attempt has no successor. */
const RETRY_DELAYS_SECONDS = [10, 60, 300, 1800, 7200, 60]
const MAX_CONCURRENT_DELIVERIES = 16
const MAX_CONCURRENT_DELIVERIES_PER_HOST = 4
/** After this time a delivery waits for its host only. It makes room for another, up to a limit. */
const SLOW_AFTER_MS = 500
const MAX_SLOW_DELIVERIES = 240

/**
 * Delivers the logout tokens of ended sessions (OpenID Connect Back-Channel Logout §2.5). Every process can deliver: a
 * notification is leased, so only one process tries it at a time. Every failure is retried, whatever the status: a
 * client whose own logout failed returns 400 as well (§2.8).
 *
 * Clients may register any host, so hosts that do not answer must not delay the notifications to others. A host has few
 * deliveries in progress, and one that keeps failing has one, from time to time: the other attempts fail unsent.
 */
export function createBackChannelLogout(options: BackChannelLogoutOptions): BackChannelLogout {
  const { clock, clients, notifications, postForm, log } = options
  const circuitBreaker = createCircuitBreaker(clock)
  const inFlight = new Set<Promise<void>>()
  const inFlightByHost = new Map<string, number>()
  let slowDeliveries = 0
  let isStopped = false
  let leasePromise: Promise<void> | undefined
  let flushRequested = false
  /** Whether more notifications may be due than could be delivered at once. */
  let hasMoreDue = false

  /** Why there was no acceptable response, or undefined after one. */
  async function post(host: string, uri: string, token: string): Promise<string | undefined> {
    if (!circuitBreaker.admit(host)) return 'its host has failed too often, the notification was not sent'
    try {
      const { status } = await postForm(uri, { logout_token: token })
      // A host that rejects notifications does not delay others.
      circuitBreaker.report(host, status < 500)
      return status >= 200 && status < 300 ? undefined : `the response has the status ${status}`
    } catch (error) {
      circuitBreaker.report(host, false)
      return error instanceof Error ? error.message : 'the request failed'
    }
  }

  async function deliver(notification: BackchannelLogout): Promise<void> {
    const { clientId } = notification
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    const uri = client?.backchannelLogoutUri ?? null
    if (!client || uri === null || !isClientActive(client, clock.now())) return notifications.complete(notification)
    const token = await mintLogoutToken(client, notification, options)
    const failure = await post(notification.host, uri, token)
    if (failure === undefined) return notifications.complete(notification)
    log.warn({ clientId, attempt: notification.attempt, reason: failure }, 'failed to notify a client of a logout')
    if (notification.attempt < RETRY_DELAYS_SECONDS.length) return undefined
    const event = createAuditEvent(clock, 'oauth2.logout_notification.failed', {
      organisationId: notification.organisationId,
      requestMetadata: internalRequestMetadata,
      userId: notification.userId,
      clientId: notification.clientRowId,
      resource: { type: 'session', id: notification.sessionId },
      metadata: { attempts: notification.attempt },
    })
    return notifications.abandon(notification, event)
  }

  const countInFlight = (host: string) => inFlightByHost.get(host) ?? 0

  function startDelivery(notification: BackchannelLogout): void {
    const { host } = notification
    let isSlow = false
    const slowTimer = setTimeout(() => {
      if (slowDeliveries === MAX_SLOW_DELIVERIES) return
      isSlow = true
      slowDeliveries += 1
      if (hasMoreDue) flush()
    }, SLOW_AFTER_MS)
    const delivery = deliver(notification)
      .catch((error: unknown) => log.error({ err: error }, 'failed to deliver a logout notification'))
      .finally(() => {
        clearTimeout(slowTimer)
        if (isSlow) slowDeliveries -= 1
        inFlight.delete(delivery)
        if (countInFlight(host) > 1) inFlightByHost.set(host, countInFlight(host) - 1)
        else inFlightByHost.delete(host)
        if (hasMoreDue) flush()
      })
    inFlight.add(delivery)
    inFlightByHost.set(host, countInFlight(host) + 1)
  }

  /** How many more deliveries may begin, for each host that has some in progress or is tried by one at a time. */
  function remainingOfHosts(): Map<string, number> {
    const remaining = new Map<string, number>()
    for (const [host, count] of inFlightByHost)
      remaining.set(host, Math.max(MAX_CONCURRENT_DELIVERIES_PER_HOST - count, 0))
    for (const host of circuitBreaker.probedHosts()) remaining.set(host, countInFlight(host) === 0 ? 1 : 0)
    return remaining
  }

  /** Whether a limit was reached, so that more notifications may be due than were leased. */
  function mayHaveLeft(leased: readonly BackchannelLogout[], limits: BackchannelLogoutLimits): boolean {
    const remaining = new Map(limits.ofHosts)
    for (const { host } of leased) remaining.set(host, (remaining.get(host) ?? limits.perHost) - 1)
    return leased.length === limits.total || [...remaining.values()].includes(0)
  }

  async function leaseDue(): Promise<void> {
    do {
      flushRequested = false
      const total = MAX_CONCURRENT_DELIVERIES + slowDeliveries - inFlight.size
      hasMoreDue = total <= 0
      if (isStopped || hasMoreDue) return
      const limits = { total, perHost: MAX_CONCURRENT_DELIVERIES_PER_HOST, ofHosts: remainingOfHosts() }
      // Until the answer, a delivery that ends requests another lease.
      hasMoreDue = true
      const leased = await notifications.lease(RETRY_DELAYS_SECONDS, limits, clock.now())
      hasMoreDue = mayHaveLeft(leased, limits)
      leased.forEach(startDelivery)
    } while (flushRequested)
  }

  function flush(): void {
    flushRequested = true
    leasePromise ??= leaseDue()
      .catch((error: unknown) => log.error({ err: error }, 'failed to read logout notifications'))
      .finally(() => {
        leasePromise = undefined
        // flush may have been called after the last lease.
        if (flushRequested) flush()
      })
  }

  return {
    flush,
    async stop() {
      isStopped = true
      await leasePromise
      await Promise.all(inFlight)
    },
  }
}

/** The session repository, which calls `flush` when a session ends and clients must be notified. */
export function withLogoutNotifications(
  sessions: SessionRepository,
  { flush }: Pick<BackChannelLogout, 'flush'>,
): SessionRepository {
  return {
    ...sessions,
    async end(session, now, event) {
      const endedSession = await sessions.end(session, now, event)
      if (endedSession && endedSession.queuedBackchannelLogouts > 0) flush()
      return endedSession
    },
    async endOthers(session, event) {
      const ended = await sessions.endOthers(session, event)
      if (ended.queuedBackchannelLogouts > 0) flush()
      return ended
    },
    async changePassword(session, passwordHash, event, notice) {
      const ended = await sessions.changePassword(session, passwordHash, event, notice)
      if (ended && ended.queuedBackchannelLogouts > 0) flush()
      return ended
    },
  }
}
