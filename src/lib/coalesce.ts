/**
 * Turns an operation over many inputs into one over a single input: calls that arrive while `inFlight` runs are under
 * way go out together as one. A call that finds nothing under way starts at once, so an idle system pays nothing.
 *
 * `run` answers its inputs in their order. When a run over several inputs fails, each is tried alone, so that one bad
 * input cannot fail its neighbours; `run` must therefore be all or nothing (one statement, one transaction).
 */
export function coalesce<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  { inFlight = 2, batch = 64 }: { inFlight?: number; batch?: number } = {},
): (input: Input) => Promise<Output> {
  interface Call {
    input: Input
    resolve: (output: Output) => void
    reject: (reason: unknown) => void
  }
  const waiting: Call[] = []
  let running = 0

  async function settle(calls: readonly Call[]): Promise<void> {
    try {
      const outputs = await run(calls.map(({ input }) => input))
      if (outputs.length !== calls.length) throw new Error('A coalesced run answered another number of inputs.')
      calls.forEach((call, index) => call.resolve(outputs[index] as Output))
    } catch (error) {
      if (calls.length === 1) calls[0]?.reject(error)
      else await Promise.all(calls.map((call) => settle([call])))
    }
  }

  function drain(): void {
    while (waiting.length > 0 && running < inFlight) {
      const calls = waiting.splice(0, batch)
      running += 1
      void settle(calls).finally(() => {
        running -= 1
        drain()
      })
    }
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      drain()
    })
}
