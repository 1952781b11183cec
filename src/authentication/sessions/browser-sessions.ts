// `authentication/sessions` owns browser sessions: reading the session of a cookie, starting one and ending one.
// Sessions end after their lifetime, after inactivity, or by sign-out.
// Cookies belong to `http`; notifying clients about a logout belongs to `logout`.

import type { Clock } from '../../lib/time/clock.ts'
import { createAuditEvent } from '../../audit/catalogue.ts'
import { hashCookie } from '../../http/request/cookies.ts'
import type { RequestMetadata } from '../../model/audit/audit-event.ts'
import {
  type SessionContext,
  type EndedSession,
  type ActiveSession,
  type SessionRepository,
} from '../../model/sessions/session.ts'

export interface BrowserSessionOptions {
  clock: Clock
  sessions: Pick<SessionRepository, 'findContext' | 'touch' | 'end'>
}

/** Reads and ends the session of a browser. */
export interface BrowserSessions {
  /**
   * The active session of a cookie, with the user's consent to a client (by row id). Updates the time of last activity, at
   * most once in a sixtieth of the idle timeout.
   */
  find(cookie: string | undefined, clientId?: string): Promise<SessionContext | undefined>
  /** Ends a session and revokes its grants; undefined if it had ended before. */
  end(session: ActiveSession, origin: RequestMetadata, clientId?: string): Promise<EndedSession | undefined>
}

export function createBrowserSessions({ clock, sessions }: BrowserSessionOptions): BrowserSessions {
  return {
    async find(cookie, clientId) {
      if (cookie === undefined) return undefined
      const now = clock.now()
      const state = await sessions.findContext(hashCookie(cookie), clientId, now)
      if (state?.isTouchDue) await sessions.touch(state.session, now)
      return state
    },
    async end(session, requestMetadata, clientId) {
      const event = createAuditEvent(clock, 'user.logout', {
        organisationId: session.organisationId,
        requestMetadata,
        userId: session.userId,
        clientId,
        resource: { type: 'session', id: session.id },
      })
      return sessions.end(session, clock.now(), event)
    },
  }
}
