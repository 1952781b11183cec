import { useCallback, useEffect, useRef, useState } from 'react'
import { Failure } from '../failure.ts'

/** What the server has answered so far, and what it refused last. */
export interface Answer<Value> {
  value: Value | undefined
  failure: Failure | undefined
  waiting: boolean
  /** Asks again. */
  again(): void
}

/** Asks whenever `key` becomes another, and forgets answers to what was asked before. The last value stays until then. */
export function useAnswer<Value>(key: string, ask: () => Promise<Value>): Answer<Value> {
  const [turn, setTurn] = useState(0)
  const [state, setState] = useState<Omit<Answer<Value>, 'again'>>({
    value: undefined,
    failure: undefined,
    waiting: true,
  })
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    let wanted = true
    setState((before) => ({ ...before, waiting: true }))
    latest.current().then(
      (value) => wanted && setState({ value, failure: undefined, waiting: false }),
      (error: unknown) => wanted && setState((before) => ({ ...before, failure: asFailure(error), waiting: false })),
    )
    return () => {
      wanted = false
    }
  }, [key, turn])
  return { ...state, again: useCallback(() => setTurn((before) => before + 1), []) }
}

/** A value that has been the same for so many milliseconds. */
export function useSettled<Value>(value: Value, milliseconds: number): Value {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return settled
}

export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  return new Failure('failure', error instanceof Error ? error.message : String(error))
}

/** A failure in words for whoever sits there, with what can be done about it. */
export function inWords({ ending, message, particulars }: Failure): string {
  const said = [message, ...particulars].join(' · ')
  if (ending === 'notSignedIn') return `${said} Sign in with cerberus login in another terminal, then try again.`
  return said
}
