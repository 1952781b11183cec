/** Work that is put off and done together: one run at a time, some while after there was something to do. */
export interface Settling {
  /** Has it done in a while, or with what is to be done then anyway. */
  later(): void
  /** Has it done at once, if there is anything. Resolves with the run that is under way. */
  now(): Promise<void>
  isUnderWay(): boolean
}

/** `work` does what there is to do, as long as `isDue` says that there is something. */
export function createSettling(work: () => Promise<void>, isDue: () => boolean, delayMs: number): Settling {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  function later(): void {
    timer ??= setTimeout(() => void now(), delayMs).unref()
  }

  function now(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (!isDue()) return running ?? Promise.resolve()
    running ??= work().finally(() => {
      running = undefined
      if (isDue()) later()
    })
    return running
  }

  return { later, now, isUnderWay: () => running !== undefined }
}
