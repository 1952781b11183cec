import type { Server } from 'node:http'

/** Turns of the event loop, some tens of milliseconds, in which new connections take precedence over most of the work. */
const MAX_SHORT_TURNS = 128
/** With fewer, clients that open a connection for each request would wait for one another. */
const REQUESTS_PER_SHORT_TURN = 2

export interface ConnectionScheduler {
  schedule(work: () => void): void
  /** Requests that have not been started. */
  queueLength(): number
}

/**
 * Starts work in short turns while connections arrive, and immediately otherwise. A turn of Node's event loop accepts one
 * connection, however many wait. When each turn starts hundreds of requests, new connections wait for seconds.
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
