import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

const IDLE_CONNECTION_CHECK_MS = 100
/** Time to read requests that were sent before the signal. Closing a connection with unread bytes resets it. */
const MIN_DRAIN_DELAY_MS = 250

export interface GracefulShutdown {
  isDraining(): boolean
  /** Sets the app to close, and what to release after its last request. */
  register(app: FastifyInstance, release: () => Promise<void>): void
  /**
   * Fails readiness checks, waits `delaySeconds` for load balancers to notice, lets requests in progress finish, closes
   * connections as they become idle, and releases everything else.
   */
  begin(): Promise<void>
}

export function createGracefulShutdown({ delaySeconds }: { delaySeconds: number }): GracefulShutdown {
  let draining = false
  let shutDown: () => Promise<void> = () => Promise.resolve()
  return {
    isDraining: () => draining,
    register(app, release) {
      app.addHook('onSend', (request, reply, payload, done) => {
        // The client must not send its next request on a connection that is about to close. HTTP/2 has no such header.
        if (draining && request.raw.httpVersionMajor === 1) void reply.header('connection', 'close')
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
 * On SIGTERM or SIGINT, calls `stop` and exits with 0. After `graceSeconds`, or on a second signal, it closes all
 * connections and exits with 1. `onForcedExit` ends what would outlive the process.
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
