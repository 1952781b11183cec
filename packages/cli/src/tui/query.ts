import { useCallback, useEffect, useRef, useState } from 'react'
import { type Failure, toFailure } from '../failure.ts'

/** The state of a request. */
export interface Query<Value> {
  /** The last value; undefined before the first response. */
  value: Value | undefined
  failure: Failure | undefined
  isLoading: boolean
  reload(): void
}

type QueryState<Value> = Omit<Query<Value>, 'reload'>

/** Sends a request whenever `key` changes. Responses to previous keys are ignored; the last value stays meanwhile. */
export function useQuery<Value>(key: string, send: () => Promise<Value>): Query<Value> {
  const [count, setCount] = useState(0)
  const [state, setState] = useState<QueryState<Value>>({ value: undefined, failure: undefined, isLoading: true })
  const latest = useRef(send)
  latest.current = send
  useEffect(() => {
    let isCurrent = true
    setState((before) => ({ ...before, isLoading: true }))
    latest.current().then(
      (value) => isCurrent && setState({ value, failure: undefined, isLoading: false }),
      (error: unknown) => {
        if (isCurrent) setState((before) => ({ ...before, failure: toFailure(error), isLoading: false }))
      },
    )
    return () => {
      isCurrent = false
    }
  }, [key, count])
  return { ...state, reload: useCallback(() => setCount((before) => before + 1), []) }
}

/** The value, once it has not changed for this time. */
export function useDebounced<Value>(value: Value, milliseconds: number): Value {
  const [debounced, setDebounced] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return debounced
}

/** A failure as a message, with what the user can do. */
export function failureText({ reason, message, details }: Failure): string {
  const text = [message, ...details].join(' · ')
  if (reason === 'unauthenticated') return `${text} Run cerberus login in another terminal, then retry.`
  return text
}
