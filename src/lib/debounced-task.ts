/** Runs work after a delay, so that several triggers share one run. Only one run is active at a time. */
export interface DebouncedTask {
  /** Schedules a run after the delay, unless one is scheduled already. */
  schedule(): void
  /** Runs at once if there is work. Resolves when the current run has ended. */
  flush(): Promise<void>
  isRunning(): boolean
}

/** Runs `work` repeatedly while `hasWork` returns true. */
export function createDebouncedTask(work: () => Promise<void>, hasWork: () => boolean, delayMs: number): DebouncedTask {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function schedule(): void {
    timer ??= setTimeout(() => void flush(), delayMs).unref()
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (!hasWork()) return running ?? Promise.resolve()
    running ??= work().finally(() => {
      running = undefined
      if (hasWork()) schedule()
    })
    return running
  }

  return { schedule, flush, isRunning: () => running !== undefined }
}
