/** Told apart by the caller so that a full queue becomes "try again later". */
export class GateFull extends Error {}

/**
 * Lets at most `width` tasks run at once and at most `queue` more wait. Throws `GateFull` beyond that.
 */
export function createGate(width: number, queue: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (task) => {
    if (running >= width) {
      if (waiting.length >= queue) throw new GateFull('Too many tasks wait.')
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running += 1
    }
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
