import cluster, { type Worker } from 'node:cluster'
import type { MetricsSnapshot } from './http/metrics.ts'
import type { Logger } from './logger.ts'
import { StartFailure } from './serve.ts'

/** What the primary says to a worker. */
export type ToWorker = { type: 'drain' } | { type: 'snapshot'; id: number }

/** What a worker says to the primary: it serves, it cannot serve and never will, these are its metrics. */
export type FromWorker =
  | { type: 'ready' }
  | { type: 'refused'; reason: string }
  | { type: 'snapshot'; id: number; metrics: unknown }

export interface WorkersOptions {
  count: number
  /** The file that a worker runs. */
  program: string
  /** Where our own PostgreSQL listens; undefined where `DATABASE_URL` says where one is. */
  socketDirectory: string | undefined
  log: Pick<Logger, 'info' | 'error'>
  /** Given the last metrics that a worker told before it ended. */
  onDeparture: (last: MetricsSnapshot) => void
}

/** A worker that dies is replaced after the first of these pauses, and after a longer one each time it dies again. */
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000
/** Who has served for so long did not die of how it was started. */
const STEADY_MS = 10_000
/** So many starts in a row that came to nothing, with nobody serving, are the end. */
const MOST_FAILED_STARTS = 5
const SNAPSHOT_MS = 1_000

interface Member {
  worker: Worker
  ready: boolean
  metrics: MetricsSnapshot
}

/** The processes that serve. Connections come to the primary, which hands them to each in turn. */
export function createWorkers({ count, program, socketDirectory, log, onDeparture }: WorkersOptions) {
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: program, args: socketDirectory === undefined ? [] : [socketDirectory] })
  const members = new Set<Member>()
  const asked = new Map<number, () => void>()
  let question = 0
  let deaths = 0
  let failedStarts = 0
  let draining = false
  let onChange: () => void = () => {}
  let fail: (failure: StartFailure) => void = () => {}

  const serving = () => [...members].filter(({ ready }) => ready).length

  function fork(): void {
    const member: Member = { worker: cluster.fork(), ready: false, metrics: [] }
    const { worker } = member
    members.add(member)
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'refused') return draining || fail(new StartFailure(message.reason))
      if (message.type === 'ready') {
        member.ready = true
        failedStarts = 0
        setTimeout(() => members.has(member) && (deaths = 0), STEADY_MS).unref()
        return onChange()
      }
      member.metrics = message.metrics as MetricsSnapshot
      asked.get(message.id)?.()
    })
    worker.on('error', (error) => log.error({ err: error, worker: worker.process.pid }, 'a worker was not reached'))
    worker.on('exit', (code, signal) => {
      members.delete(member)
      onDeparture(member.metrics)
      if (!draining) replace(member, { worker: worker.process.pid, code, signal })
      onChange()
    })
  }

  function replace({ ready }: Member, end: object): void {
    failedStarts += ready ? 0 : 1
    if (failedStarts >= MOST_FAILED_STARTS && serving() === 0) {
      return fail(new StartFailure(`The workers ended ${failedStarts} times in a row before they could serve.`))
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** deaths, LONGEST_PAUSE_MS)
    deaths += 1
    log.error({ ...end, pause }, 'a worker ended; starting another')
    setTimeout(() => draining || fork(), pause)
  }

  /** Resolves once `condition` holds, looked at whenever a worker has come or gone. */
  function until(condition: () => boolean): Promise<void> {
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
      await Promise.race([until(() => serving() === count), failed])
      failed.catch((failure: StartFailure) => {
        process.stderr.write(`${failure.message}\n`)
        process.exit(1)
      })
    },
    /** The metrics of all that serve; of one that does not answer in time, what it told last. */
    async snapshots(): Promise<MetricsSnapshot[]> {
      const present = [...members].filter(({ ready }) => ready)
      const answered = present.map(({ worker }) => {
        const id = (question += 1)
        return new Promise<void>((resolve) => {
          asked.set(id, resolve)
          worker.send({ type: 'snapshot', id } satisfies ToWorker, () => {})
          setTimeout(resolve, SNAPSHOT_MS).unref()
        }).finally(() => asked.delete(id))
      })
      await Promise.all(answered)
      return present.map(({ metrics }) => metrics)
    },
    /** Asks all of them to drain; resolves when they are gone. Rejects where one did not end as it should. */
    async drain(): Promise<void> {
      draining = true
      const codes = [...members].map(
        ({ worker }) =>
          new Promise<number | null>((resolve) => {
            worker.on('exit', (code) => resolve(code))
            worker.send({ type: 'drain' } satisfies ToWorker, () => {})
          }),
      )
      const ends = await Promise.all(codes)
      if (ends.some((code) => code !== 0)) throw new Error('A worker ended before its requests had finished.')
    },
    kill(): void {
      for (const { worker } of members) worker.process.kill('SIGKILL')
    },
  }
}
