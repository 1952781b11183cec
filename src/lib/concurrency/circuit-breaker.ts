// `lib/concurrency` limits, batches and repeats work: semaphore, token bucket, circuit breaker, load shedder, micro-batcher.

import { LRUCache } from 'lru-cache'
import type { Clock } from '../time/clock.ts'

/** Limits the requests to a host that keeps failing to one at a time, at growing intervals. For this process only. */
export interface CircuitBreaker {
  /** The hosts that may have one request in progress: its result decides about the others. */
  probedHosts(): string[]
  /** Whether to send a request now. Every admitted request must be reported. */
  admit(host: string): boolean
  report(host: string, succeeded: boolean): void
}

interface Circuit {
  /** In succession. */
  failures: number
  /** Set after too many failures: when the next request is admitted. */
  probeAt: number | undefined
  intervalSeconds: number
  isProbing: boolean
}

const MAX_FAILURES = 5
const FIRST_INTERVAL_SECONDS = 10
const MAX_INTERVAL_SECONDS = 300
/** A host that is forgotten is sent requests as before. */
const MAX_HOSTS = 1_000

export function createCircuitBreaker(clock: Clock): CircuitBreaker {
  const circuits = new LRUCache<string, Circuit>({ max: MAX_HOSTS })
  const isProbeDue = ({ probeAt }: Circuit) => probeAt !== undefined && probeAt <= clock.now().getTime()

  function fail(circuit: Circuit): void {
    const { probeAt, isProbing } = circuit
    circuit.failures += 1
    if (probeAt === undefined && circuit.failures < MAX_FAILURES) return
    // Requests that began before the circuit opened do not lengthen the interval.
    if (probeAt !== undefined && !isProbing) return
    if (isProbing) circuit.intervalSeconds = Math.min(circuit.intervalSeconds * 2, MAX_INTERVAL_SECONDS)
    circuit.probeAt = clock.now().getTime() + circuit.intervalSeconds * 1000
    circuit.isProbing = false
  }

  return {
    probedHosts: () =>
      [...circuits].filter(([, circuit]) => circuit.isProbing || isProbeDue(circuit)).map(([host]) => host),
    admit(host) {
      const circuit = circuits.get(host)
      if (circuit?.probeAt === undefined) return true
      if (circuit.isProbing || !isProbeDue(circuit)) return false
      circuit.isProbing = true
      return true
    },
    report(host, succeeded) {
      if (succeeded) {
        circuits.delete(host)
        return
      }
      const circuit = circuits.get(host) ?? {
        failures: 0,
        probeAt: undefined,
        intervalSeconds: FIRST_INTERVAL_SECONDS,
        isProbing: false,
      }
      fail(circuit)
      circuits.set(host, circuit)
    },
  }
}
