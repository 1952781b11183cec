// `configuration` is clients as a file has them: it is read, compared with what a server has, and the server made like it.
// The tool keeps nothing: what a client of the file is on a server is told by the server alone, by its externalId or clientId.

import { addSeconds, systemClock } from '../../lib/clock.ts'
import { Refusal } from '../failure.ts'
import { tell } from '../output.ts'
import type { ServerAnswer, ServerRequest } from '../server.ts'
import type { Session } from '../session.ts'
import { setTimeout as sleep } from 'node:timers/promises'

/** How many requests are under way at once. */
const WIDTH = 6

/**
 * Does the same with each item, a few at a time, and answers what came of them, in their order. After one that throws
 * nothing is begun any more; what is under way comes to its end before it is thrown. `name` is told with the count where
 * somebody waits for more than a second at a terminal.
 */
export async function eachOf<Item, Result>(
  name: string,
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const progress = startProgress(name, items.length)
  let failed: { error: unknown } | undefined
  async function work(): Promise<void> {
    for (const [index, item] of left) {
      try {
        results[index] = await act(item)
        progress.step()
      } catch (error) {
        failed ??= { error }
      }
      if (failed) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, work))
  progress.end()
  if (failed) throw failed.error
  return results
}

function startProgress(name: string, total: number) {
  const from = addSeconds(systemClock.now(), 1)
  let [done, line] = [0, '']
  return {
    step(): void {
      done += 1
      if (!process.stderr.isTTY || systemClock.now() < from) return
      line = `${name} ${done} of ${total} …`
      process.stderr.write(`\r${line}`)
    },
    end(): void {
      if (line !== '') process.stderr.write(`\r${' '.repeat(line.length)}\r`)
    },
  }
}

/** How long a server may put one request off, in seconds. */
const PATIENCE = 900

/** Asks, and asks again when the server says that it is too much at the moment (RFC 6585 §4), which it has then not done. */
export async function askPatiently(session: Session, request: ServerRequest): Promise<ServerAnswer> {
  const until = addSeconds(systemClock.now(), PATIENCE)
  for (;;) {
    try {
      return await session.call(request)
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 429) throw error
      const wait = Math.max(1, error.retryAfter ?? 1)
      if (addSeconds(systemClock.now(), wait) > until) throw error
      tellOfWaiting(session.server, wait)
      await sleep(wait * 1000)
    }
  }
}

/** Once for all that wait at the same time. */
function tellOfWaiting(server: string, seconds: number): void {
  const now = systemClock.now()
  if (now < told) return
  told = addSeconds(now, seconds)
  tell(`${server} lets no more through for ${seconds} s.`)
}
let told = new Date(0)
