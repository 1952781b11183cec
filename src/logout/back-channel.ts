import { internalOrigin, securityEvent } from '../events/catalogue.ts'
import type { Outbound } from '../http/outbound.ts'
import type { ClientDirectory } from '../model/client.ts'
import { isUsable } from '../model/client.ts'
import type { LogoutNotification, LogoutNotificationRepository } from '../model/logout-notification.ts'
import type { SessionRepository } from '../model/session.ts'
import { mintLogoutToken, type LogoutTokenOptions } from './logout-token.ts'

export interface BackChannelOptions extends LogoutTokenOptions {
  notifications: LogoutNotificationRepository
  clients: Pick<ClientDirectory, 'find'>
  postForm: Outbound['postForm']
  log: { warn(facts: object, message: string): void; error(facts: object, message: string): void }
}

/** Tells clients of ended sessions, behind everybody's back. */
export interface BackChannel {
  /** Delivers what is due, as far as there is room. To be called when something may be; never fails. */
  wake(): void
  /** Begins nothing more; resolves when what is under way has come to its end. */
  stop(): Promise<void>
}

/** Seconds from each attempt to the next; the first are more than one attempt can take. There is none after the last. */
const PATIENCE = [10, 60, 300, 1800, 7200, 60]
const MOST_AT_ONCE = 16

/**
 * Delivers the logout tokens that sessions have left behind when they ended (OpenID Connect Back-Channel Logout §2.5).
 * Every process may: a notification is leased, so one at a time tries it. What fails is tried again, whatever the client
 * says of it: that its own logout failed is a 400 as well (§2.8).
 */
export function createBackChannel(options: BackChannelOptions): BackChannel {
  const { clock, clients, notifications, postForm, log } = options
  const underWay = new Set<Promise<void>>()
  let stopped = false
  let leasing: Promise<void> | undefined
  let again = false
  /** Whether there may be more that are due than there was room for. */
  let more = false

  async function attempt(notification: LogoutNotification): Promise<void> {
    const { clientId } = notification
    const client = clientId === undefined ? undefined : await clients.find(clientId)
    const uri = client?.backchannelLogoutUri ?? null
    if (!client || uri === null || !isUsable(client, clock.now())) return notifications.settle(notification)
    const token = await mintLogoutToken(client, notification, options)
    const failure = await postForm(uri, { logout_token: token }).then(
      ({ status }) => (status >= 200 && status < 300 ? undefined : `the answer has the status ${status}`),
      (error: unknown) => (error instanceof Error ? error.message : 'the request failed'),
    )
    if (failure === undefined) return notifications.settle(notification)
    log.warn({ clientId, attempt: notification.attempt, reason: failure }, 'a client could not be told of a logout')
    if (notification.attempt < PATIENCE.length) return undefined
    const event = securityEvent(clock, 'oauth2.logout_notification.failed', {
      organisationId: notification.organisationId,
      origin: internalOrigin,
      userId: notification.userId,
      clientId: notification.clientRowId,
      resource: { type: 'session', id: notification.sessionId },
      metadata: { attempts: notification.attempt },
    })
    return notifications.giveUp(notification, event)
  }

  function begin(notification: LogoutNotification): void {
    const run = attempt(notification)
      .catch((error: unknown) => log.error({ err: error }, 'a notification of a logout failed'))
      .finally(() => {
        underWay.delete(run)
        if (more) wake()
      })
    underWay.add(run)
  }

  async function lease(): Promise<void> {
    do {
      again = false
      const room = MOST_AT_ONCE - underWay.size
      more = room === 0
      if (stopped || more) return
      const leased = await notifications.lease(PATIENCE, room, clock.now())
      more = leased.length === room
      leased.forEach(begin)
    } while (again)
  }

  function wake(): void {
    again = true
    leasing ??= lease()
      .catch((error: unknown) => log.error({ err: error }, 'notifications of logouts could not be read'))
      .finally(() => {
        leasing = undefined
        // Called after the last look, and before this.
        if (again) wake()
      })
  }

  return {
    wake,
    async stop() {
      stopped = true
      await leasing
      await Promise.all(underWay)
    },
  }
}

/** The same sessions; when one ends of which clients must hear, `wake` is called. */
export function tellingClients(sessions: SessionRepository, { wake }: Pick<BackChannel, 'wake'>): SessionRepository {
  return {
    ...sessions,
    async end(session, now, event) {
      const ended = await sessions.end(session, now, event)
      if (ended && ended.notified > 0) wake()
      return ended
    },
  }
}
