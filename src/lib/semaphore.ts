/** Thrown when the queue is full or the wait was too long, so that the caller can respond "try again later". */
export class SemaphoreUnavailable extends Error {}

/** At most `maxConcurrency` tasks run at once; `maxQueued` more wait, each for at most `queueTimeoutMs`. */
export interface SemaphoreOptions {
  maxConcurrency: number
  maxQueued: number
  queueTimeoutMs: number
}

/**
 * Runs a task in its turn. Throws `GateFull` where it cannot wait or has waited too long, and the reason of `abandoned`
 * where that is aborted before its turn has come.
 */
export type Semaphore = <T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>

export function createSemaphore({ maxConcurrency, maxQueued, queueTimeoutMs }: SemaphoreOptions): Semaphore {
  let running = 0
  const waiting = new Set<() => void>()

  function waitForSlot(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const removeFromQueue = () => {
        waiting.delete(takeSlot)
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const takeSlot = () => {
        removeFromQueue()
        resolve()
      }
      const onAbort = () => {
        removeFromQueue()
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        removeFromQueue()
        reject(new SemaphoreUnavailable('A task has waited too long.'))
      }, queueTimeoutMs)
      waiting.add(takeSlot)
      signal?.addEventListener('abort', onAbort)
    })
  }

  return async (task, signal) => {
    signal?.throwIfAborted()
    if (running >= maxConcurrency) {
      if (waiting.size >= maxQueued) throw new SemaphoreUnavailable('Too many tasks wait.')
      await waitForSlot(signal)
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
