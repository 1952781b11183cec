import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

const SWEEP_MS = 100
/** By then what was sent before the signal has been read. A connection that is closed with unread bytes is reset. */
const SETTLE_MS = 250

/** How a process that serves requests comes to serve none. */
export interface Drain {
  isDraining(): boolean
  /** Says what there is to drain, and what to give back afterwards. */
  attach(app: FastifyInstance, release: () => Promise<void>): void
  /**
   * Turns readiness false, gives load balancers `delaySeconds` to notice, lets requests under way finish, closes idle
   * connections as they become idle, and gives everything else back.
   */
  begin(): Promise<void>
}

export function createDrain({ delaySeconds }: { delaySeconds: number }): Drain {
  let draining = false
  let drain: () => Promise<void> = () => Promise.resolve()
  return {
    isDraining: () => draining,
    attach(app, release) {
      app.addHook('onSend', (_request, reply, payload, done) => {
        // A client must not send its next request on a connection that is about to go.
        if (draining) void reply.header('connection', 'close')
        done(null, payload)
      })
      drain = async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(delaySeconds * 1000, SETTLE_MS)))
        const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS)
        await app.close()
        clearInterval(sweep)
        await release()
      }
    },
    begin() {
      draining = true
      return drain()
    },
  }
}

/**
 * On SIGTERM or SIGINT `stop` runs, and the process exits with 0. What it has not finished after `graceSeconds` is cut
 * off, with exit 1. A second signal cuts off at once. `cutOff` ends what would not end with the process.
 */
export function stopOnSignals(
  { graceSeconds }: { graceSeconds: number },
  log: Pick<FastifyBaseLogger, 'info' | 'error'>,
  { stop, cutOff }: { stop: () => Promise<void>; cutOff: () => void },
): void {
  let stopping = false
  const giveUp = () => {
    cutOff()
    process.exit(1)
  }
  const onSignal = (signal: string) => {
    if (stopping) return giveUp()
    stopping = true
    log.info({ signal }, 'draining')
    setTimeout(() => {
      log.error('requests were cut off at the deadline')
      giveUp()
    }, graceSeconds * 1000).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'shutdown failed')
        giveUp()
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
