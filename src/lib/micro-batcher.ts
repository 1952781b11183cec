/**
 * Turns an operation over many inputs into one over a single input: calls that arrive in one turn of the event loop, or
 * while a run is under way, go out together as one. A call that finds nothing under way leaves at the end of the turn that
 * it came in, so an idle system pays nothing. Up to `inFlight` runs are under way at once, but beside another one leaves
 * only when it is full, at `batch` inputs, or when its first call has waited for `patience` milliseconds: two half-full
 * runs cost more than one, and one that is held up must not hold up all.
 *
 * `run` answers its inputs in their order. When a run over several inputs fails and `leftNothing` says of the error that
 * nothing of it took effect, each input is tried alone, so that one bad input cannot fail its neighbours. After any other
 * error all calls fail: what may have taken effect must not be done again.
 */
export function createMicroBatcher<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  hadNoEffect: (error: unknown) => boolean,
  {
    maxConcurrentBatches = 2,
    maxBatchSize = 64,
    maxWaitMs = 5,
  }: { maxConcurrentBatches?: number; maxBatchSize?: number; maxWaitMs?: number } = {},
): (input: Input) => Promise<Output> {
  interface Call {
    input: Input
    resolve: (output: Output) => void
    reject: (reason: unknown) => void
  }
  const pending: Call[] = []
  let runningBatches = 0
  let flushScheduled = false
  let flushTimer: NodeJS.Timeout | undefined

  async function runBatch(calls: readonly Call[]): Promise<void> {
    try {
      const outputs = await run(calls.map(({ input }) => input))
      if (outputs.length !== calls.length) throw new Error('A coalesced run answered another number of inputs.')
      calls.forEach((call, index) => call.resolve(outputs[index] as Output))
    } catch (error) {
      if (calls.length > 1 && hadNoEffect(error)) await Promise.all(calls.map((call) => runBatch([call])))
      else for (const call of calls) call.reject(error)
    }
  }

  function flushIfReady(): void {
    if (flushScheduled || pending.length === 0 || runningBatches >= maxConcurrentBatches) return
    if (runningBatches === 0 || pending.length >= maxBatchSize) scheduleFlush()
    else flushTimer ??= setTimeout(scheduleFlush, maxWaitMs)
  }

  // What one turn of the event loop reads from many sockets leaves together, at its end.
  function scheduleFlush(): void {
    clearTimeout(flushTimer)
    flushTimer = undefined
    flushScheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    flushScheduled = false
    if (pending.length === 0 || runningBatches >= maxConcurrentBatches) return
    const calls = pending.splice(0, maxBatchSize)
    runningBatches += 1
    void runBatch(calls).finally(() => {
      runningBatches -= 1
      flushIfReady()
    })
    flushIfReady()
  }

  return (input) =>
    new Promise((resolve, reject) => {
      pending.push({ input, resolve, reject })
      flushIfReady()
    })
}
