/**
 * Turns an operation over many inputs into one over a single input. Calls that arrive in the same turn of the event
 * loop, or while a batch is in flight, are combined into one batch. A call that finds no batch in flight is sent at the
 * end of its turn, so an idle system has no delay. Up to `maxConcurrentBatches` batches are in flight at once. A second
 * one is sent only when it has `maxBatchSize` inputs, or when its first call has waited for `maxWaitMs`: two half-full
 * batches cost more than one, and one that is delayed must not delay all.
 *
 * `run` returns its results in the order of the inputs. When a batch with several inputs fails and `hadNoEffect`
 * returns true for the error, each input is retried alone, so that one bad input cannot fail the others. After any
 * other error all calls fail, because an effect must not be repeated.
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
