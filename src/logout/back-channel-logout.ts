import { internalRequestMetadata, createAuditEvent } from '../audit/catalogue.ts'
import type { SafeFetch } from '../safe-fetch/safe-fetch.ts'
import type { ClientCache } from '../model/clients/client-cache.ts'
import { isClientActive } from '../model/clients/client-cache.ts'
import type { BackchannelLogout, BackchannelLogoutQueue } from '../model/sessions/backchannel-logout.ts'
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

/**
 * Delivers the logout tokens of ended sessions (OpenID Connect Back-Channel Logout §2.5). Every process can deliver: a
 * notification is leased, so only one process tries it at a time. Every failure is retried, whatever the status: a
 * client whose own logout failed returns 400 as well (§2.8).
 */
export function createBackChannelLogout(options: BackChannelLogoutOptions): BackChannelLogout {
  const { clock, clients, notifications, postForm, log } = options
  const inFlight = new Set<Promise<void>>()
  let isStopped = false
  let leasePromise: Promise<void> | undefined
  let flushRequested = false
  /** Whether more notifications may be due than could be delivered at once. */
  let hasMoreDue = false

  async function deliver(notification: BackchannelLogout): Promise<void> {
    const { clientId } = notification
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    const uri = client?.backchannelLogoutUri ?? null
    if (!client || uri === null || !isClientActive(client, clock.now())) return notifications.complete(notification)
    const token = await mintLogoutToken(client, notification, options)
    const failure = await postForm(uri, { logout_token: token }).then(
      ({ status }) => (status >= 200 && status < 300 ? undefined : `the response has the status ${status}`),
      (error: unknown) => (error instanceof Error ? error.message : 'the request failed'),
    )
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

  function startDelivery(notification: BackchannelLogout): void {
    const delivery = deliver(notification)
      .catch((error: unknown) => log.error({ err: error }, 'failed to deliver a logout notification'))
      .finally(() => {
        inFlight.delete(delivery)
        if (hasMoreDue) flush()
      })
    inFlight.add(delivery)
  }

  async function leaseDue(): Promise<void> {
    do {
      flushRequested = false
      const capacity = MAX_CONCURRENT_DELIVERIES - inFlight.size
      hasMoreDue = capacity === 0
      if (isStopped || hasMoreDue) return
      const leased = await notifications.lease(RETRY_DELAYS_SECONDS, capacity, clock.now())
      hasMoreDue = leased.length === capacity
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
    async changePassword(session, passwordHash, event) {
      const ended = await sessions.changePassword(session, passwordHash, event)
      if (ended && ended.queuedBackchannelLogouts > 0) flush()
      return ended
    },
  }
}
