import { setTimeout as sleep } from 'node:timers/promises'
import { type AdminClient, ApiError } from 'cerberus-idp-admin-client'
import { log } from '../output/log.ts'
import type { Session } from '../sign-in/session.ts'
import { addSeconds, now } from '../system/clock.ts'

/** The longest total time that one request is retried. */
const MAX_RETRY_SECONDS = 900

/** Sends requests of a session, and retries those that exceed a rate limit (429), which the server has not executed. */
export function withRetry(session: Session): AdminClient {
  return {
    async send(request) {
      const until = addSeconds(now(), MAX_RETRY_SECONDS)
      for (;;) {
        try {
          return await session.send(request)
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 429) throw error
          const wait = Math.max(1, error.retryAfter ?? 1)
          if (addSeconds(now(), wait) > until) throw error
          logRetry(session.server, wait)
          await sleep(wait * 1000)
        }
      }
    },
  }
}

/** Once for all requests that wait at the same time. */
function logRetry(server: string, seconds: number): void {
  const time = now()
  if (time < nextLogAt) return
  nextLogAt = addSeconds(time, seconds)
  log(`${server} limits the rate: retrying in ${seconds} s.`)
}
let nextLogAt = new Date(0)
