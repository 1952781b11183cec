import type { Server } from 'node:http'

/** For so many turns of the event loop, some tens of milliseconds, new connections go before most of the work. */
const MAX_SHORT_TURNS = 128
/** So much is begun in each of these turns, or connections that bring one request each would have to wait for others. */
const REQUESTS_PER_SHORT_TURN = 2

export interface ConnectionScheduler {
  schedule(work: () => void): void
  /** How much has not been begun. */
  queueLength(): number
}

/**
 * Begins work in turns. A turn of Node's event loop takes one new connection, however many wait: where hundreds of
 * requests are begun in each turn, new connections come in at a trickle, and some wait for seconds. So while connections
 * come, turns are kept short for a while. Otherwise work is begun at once.
 */
export function createConnectionScheduler(server: Server): ConnectionScheduler {
  let queue: (() => void)[] = []
  let acceptedConnection = false
  let shortTurns = 0
  let turnScheduled = false

  function scheduleTurn(): void {
    if (turnScheduled) return
    turnScheduled = true
    setImmediate(runTurn)
  }

  function runTurn(): void {
    turnScheduled = false
    shortTurns += 1
    const isShort = acceptedConnection && shortTurns < MAX_SHORT_TURNS
    const due = isShort ? queue.splice(0, REQUESTS_PER_SHORT_TURN) : queue
    if (!isShort) {
      queue = []
      shortTurns = 0
    }
    acceptedConnection = false
    if (isShort) scheduleTurn()
    for (const work of due) work()
  }

  server.on('connection', () => {
    acceptedConnection = true
    scheduleTurn()
  })
  return {
    schedule(work) {
      if (!turnScheduled) return work()
      queue.push(work)
    },
    queueLength: () => queue.length,
  }
}
