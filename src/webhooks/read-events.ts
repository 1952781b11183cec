import { setTimeout as delay } from 'node:timers/promises'
import { monotonicNow } from '../lib/time/clock.ts'
import type { EventFeed, FeedPosition, PublishedEvent } from '../model/webhooks/webhook.ts'

export interface EventFeedServices {
  eventFeed: EventFeed
}

export interface EventQuery {
  organisationId: string
  /** Types of audit events. */
  types: readonly string[]
  after: FeedPosition | 'oldest' | 'latest'
  limit: number
  /** How long to wait for the first event. */
  waitMs: number
  /** Whether the reader has gone. */
  isAbandoned: () => boolean
}

const POLL_INTERVAL_MS = 500
const START: FeedPosition = { recordedAt: '0', id: '00000000-0000-0000-0000-000000000000' }

/** Events after a position, and the position that they end at. Without any, it waits for them. */
export async function readEvents(
  { eventFeed }: EventFeedServices,
  { organisationId, types, after, limit, waitMs, isAbandoned }: EventQuery,
): Promise<{ events: PublishedEvent[]; end: FeedPosition }> {
  const deadline = monotonicNow() + waitMs
  let position = after === 'oldest' ? START : after === 'latest' ? await eventFeed.end() : after
  for (;;) {
    const { events, end } = await eventFeed.read({ organisationId, types, after: position, limit })
    position = end
    if (events.length > 0 || monotonicNow() >= deadline || isAbandoned()) return { events, end }
    await delay(Math.min(POLL_INTERVAL_MS, Math.max(deadline - monotonicNow(), 0)))
  }
}
