import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

const IDLE_CONNECTION_CHECK_MS = 100
/** By then what was sent before the signal has been read. A connection that is closed with unread bytes is reset. */
const MIN_DRAIN_DELAY_MS = 250

/** How a process that serves requests comes to serve none. */
export interface GracefulShutdown {
  isDraining(): boolean
  /** Says what there is to drain, and what to give back afterwards. */
  register(app: FastifyInstance, release: () => Promise<void>): void
  /**
   * Turns readiness false, gives load balancers `delaySeconds` to notice, lets requests under way finish, closes idle
   * connections as they become idle, and gives everything else back.
   */
  begin(): Promise<void>
}

export function createGracefulShutdown({ delaySeconds }: { delaySeconds: number }): GracefulShutdown {
  let draining = false
  let shutDown: () => Promise<void> = () => Promise.resolve()
  return {
    isDraining: () => draining,
    register(app, release) {
      app.addHook('onSend', (_request, reply, payload, done) => {
        // A client must not send its next request on a connection that is about to go.
        if (draining) void reply.header('connection', 'close')
        done(null, payload)
      })
      shutDown = async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(delaySeconds * 1000, MIN_DRAIN_DELAY_MS)))
        const idleCheck = setInterval(() => app.server.closeIdleConnections(), IDLE_CONNECTION_CHECK_MS)
        await app.close()
        clearInterval(idleCheck)
        await release()
      }
    },
    begin() {
      draining = true
      return shutDown()
    },
  }
}

/**
 * On SIGTERM or SIGINT `stop` runs, and the process exits with 0. What it has not finished after `graceSeconds` is cut
 * off, with exit 1. A second signal cuts off at once. `cutOff` ends what would not end with the process.
 */
export function shutDownOnSignals(
  { graceSeconds }: { graceSeconds: number },
  log: Pick<FastifyBaseLogger, 'info' | 'error'>,
  { stop, onForcedExit }: { stop: () => Promise<void>; onForcedExit: () => void },
): void {
  let stopping = false
  const forceExit = () => {
    onForcedExit()
    process.exit(1)
  }
  const onSignal = (signal: string) => {
    if (stopping) return forceExit()
    stopping = true
    log.info({ signal }, 'shutdown started')
    setTimeout(() => {
      log.error('shutdown deadline exceeded, closing open connections')
      forceExit()
    }, graceSeconds * 1000).unref()
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'failed to shut down')
        forceExit()
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
