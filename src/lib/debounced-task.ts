/** Work that is put off and done together: one run at a time, some while after there was something to do. */
export interface DebouncedTask {
  /** Has it done in a while, or with what is to be done then anyway. */
  schedule(): void
  /** Has it done at once, if there is anything. Resolves with the run that is under way. */
  flush(): Promise<void>
  isRunning(): boolean
}

/** `work` does what there is to do, as long as `isDue` says that there is something. */
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
