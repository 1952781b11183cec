/** Told apart by the caller so that a full queue becomes "try again later". */
export class GateFull extends Error {}

/** What a gate lets through: `width` tasks at once, while `queue` more wait, each at most `patience` milliseconds. */
export interface GateOptions {
  width: number
  queue: number
  patience: number
}

/**
 * Runs a task in its turn. Throws `GateFull` where it cannot wait or has waited too long, and the reason of `abandoned`
 * where that is aborted before its turn has come.
 */
export type Gate = <T>(task: () => Promise<T>, abandoned?: AbortSignal) => Promise<T>

export function createGate({ width, queue, patience }: GateOptions): Gate {
  let running = 0
  const waiting = new Set<() => void>()

  function wait(abandoned: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(enter)
        clearTimeout(timer)
        abandoned?.removeEventListener('abort', giveUp)
      }
      const enter = () => {
        leave()
        resolve()
      }
      const giveUp = () => {
        leave()
        reject(abandoned?.reason)
      }
      const timer = setTimeout(() => {
        leave()
        reject(new GateFull('A task has waited too long.'))
      }, patience)
      waiting.add(enter)
      abandoned?.addEventListener('abort', giveUp)
    })
  }

  return async (task, abandoned) => {
    abandoned?.throwIfAborted()
    if (running >= width) {
      if (waiting.size >= queue) throw new GateFull('Too many tasks wait.')
      await wait(abandoned)
    } else {
      running += 1
    }
    try {
      return await task()
    } finally {
      const [next] = waiting
      if (next) next()
      else running -= 1
    }
  }
}
