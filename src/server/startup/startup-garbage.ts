import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** V8 shrinks its heap only when little has been allocated for some time. Five seconds are too short. */
const DELAY_MS = 30_000

/**
 * Runs one full garbage collection, half a minute after the start. Loading the modules leaves about 30 MB of garbage, and
 * an idle process would keep that memory until its next full collection, which may be hours away.
 */
export function scheduleStartupGarbageCollection(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  setTimeout(collect, DELAY_MS).unref()
}
