import { addSeconds, type Clock } from '../lib/clock.ts'
import { securityEvent } from '../events/catalogue.ts'
import { hashCookie } from '../http/cookies.ts'
import type { EventOrigin } from '../model/security-event.ts'
import {
  SESSION_TOUCH_INTERVAL,
  type BrowserState,
  type EndedSession,
  type LiveSession,
  type SessionRepository,
} from '../model/session.ts'

export interface BrowserSessionOptions {
  clock: Clock
  sessions: Pick<SessionRepository, 'findBrowserState' | 'touch' | 'end'>
}

/** What the rest of the server asks about the browser in front of it. */
export interface BrowserSessions {
  /**
   * The live session of a cookie, with what its user agreed to for a client (by row id). Notes that it was used, at most
   * once a minute.
   */
  find(cookie: string | undefined, clientId?: string): Promise<BrowserState | undefined>
  /** Ends a session and all that hangs from it; undefined where it had ended before. */
  end(session: LiveSession, origin: EventOrigin, clientId?: string): Promise<EndedSession | undefined>
}

export function createBrowserSessions({ clock, sessions }: BrowserSessionOptions): BrowserSessions {
  return {
    async find(cookie, clientId) {
      if (cookie === undefined) return undefined
      const now = clock.now()
      const state = await sessions.findBrowserState(hashCookie(cookie), clientId, now)
      if (state && addSeconds(state.session.lastActivityAt, SESSION_TOUCH_INTERVAL) <= now) {
        await sessions.touch(state.session, now)
      }
      return state
    },
    async end(session, origin, clientId) {
      const event = securityEvent(clock, 'user.logout', {
        organisationId: session.organisationId,
        origin,
        userId: session.userId,
        clientId,
        resource: { type: 'session', id: session.id },
      })
      return sessions.end(session, clock.now(), event)
    },
  }
}
