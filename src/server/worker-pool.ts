import cluster, { type Worker } from 'node:cluster'
import type { MetricsSnapshot } from '../http/metrics/metrics.ts'
import type { Logger } from './logger.ts'
import { StartupError } from './startup-error.ts'

/** What the primary says to a worker. */
export type PrimaryMessage = { type: 'drain' } | { type: 'snapshot'; id: number }

/** What a worker says to the primary: it serves, it cannot serve and never will, these are its metrics. */
export type WorkerMessage =
  | { type: 'ready' }
  | { type: 'failed'; reason: string }
  | { type: 'snapshot'; id: number; metrics: unknown }

export interface WorkerPoolOptions {
  count: number
  /** The file that a worker runs. */
  program: string
  /** Where our own PostgreSQL listens; undefined where `DATABASE_URL` says where one is. */
  socketDirectory: string | undefined
  log: Pick<Logger, 'info' | 'error'>
  /** Given the last metrics that a worker told before it ended. */
  onWorkerExit: (last: MetricsSnapshot) => void
}

/** A worker that dies is replaced after the first of these pauses, and after a longer one each time it dies again. */
const INITIAL_RESTART_DELAY_MS = 100
const MAX_RESTART_DELAY_MS = 5_000
/** Who has served for so long did not die of how it was started. */
const STABLE_AFTER_MS = 10_000
/** So many starts in a row that came to nothing, with nobody serving, are the end. */
const MAX_FAILED_STARTS = 5
const SNAPSHOT_TIMEOUT_MS = 1_000

interface PoolWorker {
  worker: Worker
  ready: boolean
  metrics: MetricsSnapshot
}

/** The processes that serve. Connections come to the primary, which hands them to each in turn. */
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
      return fail(new StartupError(`The workers ended ${failedStarts} times in a row before they could serve.`))
    }
    const delayMs = Math.min(INITIAL_RESTART_DELAY_MS * 2 ** consecutiveExits, MAX_RESTART_DELAY_MS)
    consecutiveExits += 1
    log.error({ ...exitDetails, delayMs }, 'worker exited, restarting')
    setTimeout(() => draining || fork(), delayMs)
  }

  /** Resolves once `condition` holds, looked at whenever a worker has come or gone. */
  function waitUntil(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      onChange = () => condition() && resolve()
      onChange()
    })
  }

  return {
    /** Resolves when all serve. From then on whoever dies is replaced; where that comes to nothing, the process ends. */
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
    /** The metrics of all that serve; of one that does not answer in time, what it told last. */
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
    /** Asks all of them to drain; resolves when they are gone. Rejects where one did not end as it should. */
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
      if (exitCodes.some((code) => code !== 0)) throw new Error('A worker ended before its requests had finished.')
    },
    kill(): void {
      for (const { worker } of poolWorkers) worker.process.kill('SIGKILL')
    },
  }
}
