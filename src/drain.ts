import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

const SWEEP_MS = 100
/** By then what was sent before the signal has been read. A connection that is closed with unread bytes is reset. */
const SETTLE_MS = 250

/**
 * On SIGTERM or SIGINT: readiness turns false, load balancers get `delaySeconds` to notice, requests under way finish,
 * idle connections are closed as they become idle, `release` gives everything else back, and the process exits with 0.
 * What has not finished after `graceSeconds` is cut off. A second signal cuts off at once.
 */
export function drainOnSignals(
  { graceSeconds, delaySeconds }: { graceSeconds: number; delaySeconds: number },
  log: Pick<FastifyBaseLogger, 'info' | 'error'>,
) {
  let draining = false
  let drain: () => Promise<void> = () => Promise.resolve()

  const onSignal = (signal: string) => {
    if (draining) process.exit(1)
    draining = true
    log.info({ signal }, 'draining')
    setTimeout(() => {
      log.error('requests were cut off at the deadline')
      process.exit(1)
    }, graceSeconds * 1000).unref()
    drain().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'shutdown failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)

  return {
    isDraining: () => draining,
    /** Says what there is to drain. */
    attach(app: FastifyInstance, release: () => Promise<void>): void {
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
  }
}
