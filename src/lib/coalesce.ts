/**
 * Turns an operation over many inputs into one over a single input: calls that arrive in one turn of the event loop, or
 * while `inFlight` runs are under way, go out together as one. A call that finds nothing under way leaves at the end of
 * the turn that it came in, so an idle system pays nothing.
 *
 * `run` answers its inputs in their order. When a run over several inputs fails and `leftNothing` says of the error that
 * nothing of it took effect, each input is tried alone, so that one bad input cannot fail its neighbours. After any other
 * error all calls fail: what may have taken effect must not be done again.
 */
export function coalesce<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  leftNothing: (error: unknown) => boolean,
  { inFlight = 2, batch = 64 }: { inFlight?: number; batch?: number } = {},
): (input: Input) => Promise<Output> {
  interface Call {
    input: Input
    resolve: (output: Output) => void
    reject: (reason: unknown) => void
  }
  const waiting: Call[] = []
  let running = 0
  let departing = false

  async function settle(calls: readonly Call[]): Promise<void> {
    try {
      const outputs = await run(calls.map(({ input }) => input))
      if (outputs.length !== calls.length) throw new Error('A coalesced run answered another number of inputs.')
      calls.forEach((call, index) => call.resolve(outputs[index] as Output))
    } catch (error) {
      if (calls.length > 1 && leftNothing(error)) await Promise.all(calls.map((call) => settle([call])))
      else for (const call of calls) call.reject(error)
    }
  }

  // What one turn of the event loop reads from many sockets leaves together, at its end.
  function depart(): void {
    if (departing || waiting.length === 0 || running >= inFlight) return
    departing = true
    setImmediate(() => {
      departing = false
      send()
    })
  }

  function send(): void {
    while (waiting.length > 0 && running < inFlight) {
      const calls = waiting.splice(0, batch)
      running += 1
      void settle(calls).finally(() => {
        running -= 1
        depart()
      })
    }
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      depart()
    })
}
