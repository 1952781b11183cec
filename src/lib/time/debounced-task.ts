/** Work that is collected for a delay and then done in one run. At most one run is in progress. */
export interface DebouncedTask {
  /** Runs the task after the delay, unless a run is already scheduled. */
  schedule(): void
  /** Runs the task now, if it has work. Resolves when the run in progress ends. */
  flush(): Promise<void>
  isRunning(): boolean
}

/** `work` is called only while `hasWork` returns true, again after the delay if work arrived during a run. */
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
