/**
 * Combines calls of an operation into batches. Calls that arrive in one turn of the event loop, or while batches are in
 * progress, run together. A call that finds no batch in progress runs at the end of its turn, so an idle system adds no
 * delay. At most `maxConcurrentBatches` run at once. Beside another batch, one starts only when it has `maxBatchSize` calls
 * or its first call has waited `maxWaitMs`: two half-full batches cost more than one.
 *
 * `run` returns one output for each input, in order. When it fails and `hadNoEffect` returns true for the error, each call
 * runs alone, so that one invalid input does not fail the others. After any other error all calls fail, because running
 * them again could repeat an effect.
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
      if (outputs.length !== calls.length)
        throw new Error('A batch returned a different number of outputs than inputs.')
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

  // At the end of the turn, so that everything that the turn read from sockets is in one batch.
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
