/** Work that no response waits for. */
export interface BackgroundWork {
  run(work: () => Promise<void>): void
  /** Resolves when all work has ended. */
  drain(): Promise<void>
}

/** `onError` gets what work rejects with. */
export function createBackgroundWork(onError: (error: unknown) => void): BackgroundWork {
  const running = new Set<Promise<void>>()
  return {
    run(work) {
      const started = work()
        .catch(onError)
        .finally(() => running.delete(started))
      running.add(started)
    },
    async drain() {
      await Promise.all(running)
    },
  }
}
