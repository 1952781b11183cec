import type { Server } from 'node:http'

/** For so many turns of the event loop, some tens of milliseconds, new connections go before most of the work. */
const TURNS = 128
/** So much is begun in each of these turns, or connections that bring one request each would have to wait for others. */
const SLICE = 2

export interface Turns {
  begin(work: () => void): void
  /** How much has not been begun. */
  waiting(): number
}

/**
 * Begins work in turns. A turn of Node's event loop takes one new connection, however many wait: where hundreds of
 * requests are begun in each turn, new connections come in at a trickle, and some wait for seconds. So while connections
 * come, turns are kept short for a while. Otherwise work is begun at once.
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
    const short = taken && turns < TURNS
    const due = short ? waiting.splice(0, SLICE) : waiting
    if (!short) {
      waiting = []
      turns = 0
    }
    taken = false
    if (short) lookAhead()
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
