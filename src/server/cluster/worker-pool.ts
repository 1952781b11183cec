import cluster, { type Worker } from 'node:cluster'
import type { MetricsSnapshot } from '../../http/metrics/metrics.ts'
import type { Logger } from '../logger.ts'
import { StartupError } from '../startup/startup-error.ts'

/** A message from the primary to a worker. */
export type PrimaryMessage = { type: 'drain' } | { type: 'snapshot'; id: number }

/** A message from a worker: it listens, it cannot start at all, or its metrics. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'failed'; reason: string }
  | { type: 'snapshot'; id: number; metrics: unknown }

export interface WorkerPoolOptions {
  count: number
  /** The file that a worker runs. */
  program: string
  /** The socket directory of the embedded PostgreSQL; undefined with `DATABASE_URL`. */
  socketDirectory: string | undefined
  log: Pick<Logger, 'info' | 'error'>
  /** Receives the last metrics that a worker reported before it exited. */
  onWorkerExit: (last: MetricsSnapshot) => void
}

/** A worker that exits is replaced after this delay, which doubles with each further exit. */
const INITIAL_RESTART_DELAY_MS = 100
const MAX_RESTART_DELAY_MS = 5_000
/** After this time the delay starts at its initial value again. */
const STABLE_AFTER_MS = 10_000
/** The process exits after this number of failed starts in a row when no worker serves. */
const MAX_FAILED_STARTS = 5
const SNAPSHOT_TIMEOUT_MS = 1_000

interface PoolWorker {
  worker: Worker
  ready: boolean
  metrics: MetricsSnapshot
}

/** The processes that serve. The primary accepts connections and passes them to the workers in turn. */
export function createWorkerPool({ count, program, socketDirectory, log, onWorkerExit }: WorkerPoolOptions) {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: program, args: socketDirectory === undefined ? [] : [socketDirectory] })
  const poolWorkers = new Set<PoolWorker>()
  const pendingSnapshots = new Map<number, () => void>()
  let snapshotCount = 0
  let consecutiveExits = 0
  let failedStarts = 0
  let draining = false
  let onChange: () => void = () => {}
  let fail: (failure: StartupError) => void = () => {}

  const countReady = () => [...poolWorkers].filter(({ ready }) => ready).length

  function fork(): void {
    const poolWorker: PoolWorker = { worker: cluster.fork(), ready: false, metrics: [] }
    const { worker } = poolWorker
    poolWorkers.add(poolWorker)
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'failed') return draining || fail(new StartupError(message.reason))
      if (message.type === 'ready') {
        poolWorker.ready = true
        failedStarts = 0
        setTimeout(() => poolWorkers.has(poolWorker) && (consecutiveExits = 0), STABLE_AFTER_MS).unref()
        return onChange()
      }
      poolWorker.metrics = message.metrics as MetricsSnapshot
      pendingSnapshots.get(message.id)?.()
    })
    worker.on('error', (error) =>
      log.error({ err: error, worker: worker.process.pid }, 'failed to send message to worker'),
    )
    worker.on('exit', (code, signal) => {
      poolWorkers.delete(poolWorker)
      onWorkerExit(poolWorker.metrics)
      if (!draining) replace(poolWorker, { worker: worker.process.pid, code, signal })
      onChange()
    })
  }

  function replace({ ready }: PoolWorker, exitDetails: object): void {
    failedStarts += ready ? 0 : 1
    if (failedStarts >= MAX_FAILED_STARTS && countReady() === 0) {
      return fail(new StartupError(`${failedStarts} workers in a row exited before they were ready.`))
    }
    const delayMs = Math.min(INITIAL_RESTART_DELAY_MS * 2 ** consecutiveExits, MAX_RESTART_DELAY_MS)
    consecutiveExits += 1
    log.error({ ...exitDetails, delayMs }, 'worker exited, restarting')
    setTimeout(() => draining || fork(), delayMs)
  }

  /** Resolves when `condition` holds. It is checked when a worker becomes ready or exits. */
  function waitUntil(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      onChange = () => condition() && resolve()
      onChange()
    })
  }

  return {
    /** Resolves when all workers are ready. Later exits are replaced; when that fails, the process exits. */
    async start(): Promise<void> {
      const failed = new Promise<never>((_, reject) => {
        fail = reject
      })
      for (let index = 0; index < count; index += 1) fork()
      await Promise.race([waitUntil(() => countReady() === count), failed])
      failed.catch((failure: StartupError) => {
        process.stderr.write(`${failure.message}\n`)
        process.exit(1)
      })
    },
    /** The metrics of all ready workers. For one that does not reply in time, its previous metrics. */
    async snapshots(): Promise<MetricsSnapshot[]> {
      const readyWorkers = [...poolWorkers].filter(({ ready }) => ready)
      const snapshotReplies = readyWorkers.map(({ worker }) => {
        const id = (snapshotCount += 1)
        return new Promise<void>((resolve) => {
          pendingSnapshots.set(id, resolve)
          worker.send({ type: 'snapshot', id } satisfies PrimaryMessage, () => {})
          setTimeout(resolve, SNAPSHOT_TIMEOUT_MS).unref()
        }).finally(() => pendingSnapshots.delete(id))
      })
      await Promise.all(snapshotReplies)
      return readyWorkers.map(({ metrics }) => metrics)
    },
    /** Shuts all workers down. Rejects when one did not exit with 0. */
    async drain(): Promise<void> {
      draining = true
      const exits = [...poolWorkers].map(
        ({ worker }) =>
          new Promise<number | null>((resolve) => {
            worker.on('exit', (code) => resolve(code))
            worker.send({ type: 'drain' } satisfies PrimaryMessage, () => {})
          }),
      )
      const exitCodes = await Promise.all(exits)
      if (exitCodes.some((code) => code !== 0)) throw new Error('A worker exited before its requests had finished.')
    },
    kill(): void {
      for (const { worker } of poolWorkers) worker.process.kill('SIGKILL')
    },
  }
}
