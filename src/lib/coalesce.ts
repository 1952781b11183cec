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
export function coalesce<Input, Output>(
  run: (inputs: readonly Input[]) => Promise<readonly Output[]>,
  leftNothing: (error: unknown) => boolean,
  { inFlight = 2, batch = 64, patience = 5 }: { inFlight?: number; batch?: number; patience?: number } = {},
): (input: Input) => Promise<Output> {
  interface Call {
    input: Input
    resolve: (output: Output) => void
    reject: (reason: unknown) => void
  }
  const waiting: Call[] = []
  let running = 0
  let departing = false
  let impatience: NodeJS.Timeout | undefined

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

  function depart(): void {
    if (departing || waiting.length === 0 || running >= inFlight) return
    if (running === 0 || waiting.length >= batch) leave()
    else impatience ??= setTimeout(leave, patience)
  }

  // What one turn of the event loop reads from many sockets leaves together, at its end.
  function leave(): void {
    clearTimeout(impatience)
    impatience = undefined
    departing = true
    setImmediate(send)
  }

  function send(): void {
    departing = false
    if (waiting.length === 0 || running >= inFlight) return
    const calls = waiting.splice(0, batch)
    running += 1
    void settle(calls).finally(() => {
      running -= 1
      depart()
    })
    depart()
  }

  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject })
      depart()
    })
}
