import { z } from 'zod'
import { validationError } from '../../http/errors/problem.ts'
import type { FeedPosition } from '../../model/webhooks/webhook.ts'

/** Where a response ends, and the event that recorded the read it belongs to. */
export interface EventCursor extends FeedPosition {
  readId: string
}

export function toEventCursor({ recordedAt, id, readId }: EventCursor): string {
  return Buffer.from(JSON.stringify([recordedAt, id, readId])).toString('base64url')
}

const cursorSchema = z.tuple([z.string().regex(/^\d{1,17}$/), z.guid(), z.guid()])

/** Throws a 400 problem for anything but a cursor of `toEventCursor`. */
export function readEventCursor(cursor: string): EventCursor {
  const parsed = cursorSchema.safeParse(decode(cursor))
  if (!parsed.success)
    throw validationError([
      { path: ['after'], code: 'custom', message: 'must be the nextCursor of a response, or latest' },
    ])
  const [recordedAt, id, readId] = parsed.data
  return { recordedAt, id, readId }
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    return undefined
  }
}
