/** Thrown when the queue is full or a task waited too long. Error handlers answer it with 503. */
export class SemaphoreUnavailable extends Error {}

export interface SemaphoreOptions {
  maxConcurrency: number
  maxQueued: number
  queueTimeoutMs: number
}

/**
 * Runs a task when a slot is free. Throws `SemaphoreUnavailable`, or the reason of `signal` when that is aborted while the
 * task waits. A task that runs is not interrupted.
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
        reject(new SemaphoreUnavailable('A task waited too long for a slot.'))
      }, queueTimeoutMs)
      waiting.add(takeSlot)
      signal?.addEventListener('abort', onAbort)
    })
  }

  return async (task, signal) => {
    signal?.throwIfAborted()
    if (running >= maxConcurrency) {
      if (waiting.size >= maxQueued) throw new SemaphoreUnavailable('Too many tasks are waiting.')
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
