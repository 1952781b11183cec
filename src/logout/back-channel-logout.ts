import { internalRequestMetadata, createAuditEvent } from '../audit/catalogue.ts'
import { createCircuitBreaker } from '../lib/concurrency/circuit-breaker.ts'
import { createLeasedWork, type LeasedWork } from '../lib/concurrency/leased-work.ts'
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
export type BackChannelLogout = LeasedWork

/** Seconds between attempts; the first delay is longer than an attempt can take. The last attempt has no successor. */
const RETRY_DELAYS_SECONDS = [10, 60, 300, 1800, 7200, 60]
/** Lanes are hosts. */
const LIMITS = { concurrent: 16, perLane: 4, perSlowLane: 4, slowAfterMs: 500, slow: 240 }

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

  return createLeasedWork({
    lease: (limits) => notifications.lease(RETRY_DELAYS_SECONDS, limits, clock.now()),
    laneOf: ({ host }) => host,
    work: deliver,
    onError: (error, failed) =>
      log.error(
        { err: error },
        failed === 'work' ? 'failed to deliver a logout notification' : 'failed to read logout notifications',
      ),
    probedLanes: circuitBreaker.probedHosts,
    limits: LIMITS,
  })
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
