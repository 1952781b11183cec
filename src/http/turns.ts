import type { Server } from 'node:http'

/** For so many turns of the event loop, a few milliseconds, new connections go before work. */
const TURNS = 128

export interface Turns {
  begin(work: () => void): void
  /** How much has not been begun. */
  waiting(): number
}

/**
 * Begins work when connections have been taken. A turn of Node's event loop takes one new connection, however many wait:
 * where hundreds of requests are begun in each turn, new connections come in at a trickle, and some wait for seconds.
 * So work waits for some turns while connections come. Otherwise it is begun at once.
 */
export function takeTurns(server: Server): Turns {
  let waiting: (() => void)[] = []
  let taken = false
  let turns = 0
  let ahead = false

  function lookAhead(): void {
    if (ahead) return
    ahead = true
    setImmediate(turn)
  }

  function turn(): void {
    ahead = false
    turns += 1
    if (taken && turns < TURNS) {
      taken = false
      return lookAhead()
    }
    const due = waiting
    waiting = []
    taken = false
    turns = 0
    for (const work of due) work()
  }

  server.on('connection', () => {
    taken = true
    lookAhead()
  })
  return {
    begin(work) {
      if (!ahead) return work()
      waiting.push(work)
    },
    waiting: () => waiting.length,
  }
}
