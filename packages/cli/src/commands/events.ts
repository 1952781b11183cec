import { ApiError, type EventPage, listEvents, type PublishedEvent } from 'cerberus-idp-admin-client'
import { Command } from 'commander'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { log } from '../output/log.ts'
import { type Format, writeLines } from '../output/print.ts'
import { createWebhookSecret, forwardEvent, requireWebhookSecret } from '../requests/forward-event.ts'
import { withRetry } from '../requests/retry.ts'
import type { Session } from '../sign-in/session.ts'
import { invocationOf } from './invocation.ts'

/** Shorter than requests may take. */
const WAIT_SECONDS = 20
const RETRY_DELAY_MS = 2_000

interface ListenOptions {
  types?: string
  forwardTo?: string
  secret?: string
  after: string
  count?: string
}

/** `cerberus events`: the events of the organisation, as webhooks send them. */
export function eventsCommand(): Command {
  const events = new Command('events').description('events of the organisation')
  events
    .command('listen')
    .description('print events as they occur, and forward them to a URL of this machine')
    .option('--types <names>', 'names of events, with commas between them, such as user.*; default all')
    .option('--forward-to <url>', 'send each event to this URL, signed like a webhook')
    .option('--secret <secret>', 'sign with this secret instead of a new one')
    .option('--after <cursor>', 'begin after this cursor', 'latest')
    .option('--count <number>', 'end after this many events')
    .action(async (_options: unknown, command: Command) => {
      const { options, open, format } = invocationOf<ListenOptions>(command)
      const { types } = options
      const forwardTo = options.forwardTo === undefined ? undefined : readUrl(options.forwardTo)
      const remaining = readCount(options.count)
      const secret = options.secret === undefined ? createWebhookSecret() : requireWebhookSecret(options.secret)
      const session = open()
      if (forwardTo !== undefined) log(`Forwarding to ${forwardTo.href}, signed with ${secret}`)
      await follow(session, { types, after: options.after, remaining }, async (event) => {
        printEvent(event, format)
        if (forwardTo !== undefined) await forward(forwardTo, event, secret)
      })
    })
  return events
}

/** Calls `handle` with each event, one after another, until `remaining` were handled. */
async function follow(
  session: Session,
  { types, after, remaining }: { types: string | undefined; after: string; remaining: number },
  handle: (event: PublishedEvent) => Promise<void>,
): Promise<void> {
  let cursor = after
  let left = remaining
  while (left > 0) {
    const page = await nextPage(session, { types, after: cursor, wait: String(WAIT_SECONDS) })
    if (cursor === 'latest') log('Listening for events.')
    cursor = page.nextCursor
    for (const event of page.data.slice(0, left)) {
      await handle(event)
      left -= 1
    }
  }
}

/** Tries again while the server does not respond: the cursor misses nothing meanwhile. */
async function nextPage(
  session: Session,
  query: { types: string | undefined; after: string; wait: string },
): Promise<EventPage> {
  // The first answer tells that listening has begun.
  const asked = query.after === 'latest' ? { ...query, wait: '0' } : query
  for (;;) {
    try {
      return (await withRetry(session).send(listEvents(asked))).body
    } catch (error) {
      const isTemporary = error instanceof ApiError && (error.status === 503 || error.kind === 'unreachable')
      if (!isTemporary || query.after === 'latest') throw error
      log(`${error.message} Trying again.`)
      await sleep(RETRY_DELAY_MS)
    }
  }
}

/** A line each: in JSON the whole event, otherwise when, what and about what. */
function printEvent(event: PublishedEvent, format: Format): void {
  const { createdAt, type, data, id } = event
  if (format === 'json') return writeLines([JSON.stringify(event)])
  const resource = data.resource === null ? '' : `${data.resource.type} ${data.resource.id}`
  const actor = data.actor.id === null ? data.actor.type : `${data.actor.type} ${data.actor.id}`
  writeLines([[createdAt, type, resource, `by ${actor}`, id].filter((part) => part !== '').join('  ')])
}

/** An application that does not respond does not end the command. */
async function forward(url: URL, event: PublishedEvent, secret: string): Promise<void> {
  const outcome = await forwardEvent(url, event, secret).catch((error: Error) => error.message)
  log(`${event.id} ${event.type}: ${outcome}`)
}

function readUrl(text: string): URL {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text)
  throw new Failure('usage', '--forward-to must be an http or https URL.')
}

function readCount(text: string | undefined): number {
  if (text === undefined) return Infinity
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Failure('usage', '--count must be a whole number from 1.')
}
