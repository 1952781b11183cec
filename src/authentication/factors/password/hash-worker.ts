import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { argon2id, type PasswordHasher } from './argon2id.ts'

/** A job: without `hash` the password is hashed, with `hash` it is verified. */
export interface HashJob {
  id: number
  password: string
  hash: string | undefined
}

export type HashResult = { id: number; value: string | boolean } | { id: number; error: string }

/** The worker exited or did not respond. A retry gets a new worker. */
export class HashWorkerStopped extends Error {}

const WORKER_PROGRAM = fileURLToPath(new URL(`hash-worker-program${extname(import.meta.url)}`, import.meta.url))
/** The worker exits after this time without a job, which frees its memory. */
const IDLE_TIMEOUT_MS = 60_000
/** A job that takes longer, even at low priority on a busy machine, is considered stuck. */
const JOB_TIMEOUT_MS = 30_000

/** A running worker process. */
interface HashWorker {
  child: ChildProcess
  pending: Map<number, (result: HashResult | HashWorkerStopped) => void>
}

/**
 * Hashes in a child process with a lower priority, so that serving and signing do not wait for it. The worker starts with
 * the first job and exits one minute after the last. If it dies, `onExit` is called with the cause, its jobs fail with
 * `HashWorkerStopped`, and the next job starts a new worker. `concurrency` is the number of its threads.
 */
export function createHashWorker(concurrency: number, onExit: (how: object) => void): PasswordHasher {
  let worker: HashWorker | undefined
  let lastJobId = 0

  function start(): HashWorker {
    const child = fork(WORKER_PROGRAM, {
      // Without our environment, which has secrets. Few malloc arenas, or the C library keeps the memory of each hash.
      env: { UV_THREADPOOL_SIZE: String(concurrency), MALLOC_ARENA_MAX: '2' },
      // A separate session: signals from the terminal must not reach it.
      detached: true,
      // The debugger port is in use by this process.
      execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
    })
    const started: HashWorker = { child, pending: new Map() }
    const handleExit = (how: object) => {
      if (worker === started) worker = undefined
      if (started.pending.size > 0) onExit(how)
      for (const settle of started.pending.values()) settle(new HashWorkerStopped('The password hash worker exited.'))
    }
    child.on('message', (result: HashResult) => started.pending.get(result.id)?.(result))
    child.on('error', (error) => handleExit({ err: error }))
    child.on('exit', (code, signal) => handleExit({ code, signal }))
    // The worker must not keep this process alive.
    child.unref()
    child.channel?.unref()
    return started
  }

  function run(password: string, hash: string | undefined): Promise<string | boolean> {
    const { child, pending } = (worker ??= start())
    const id = (lastJobId += 1)
    return new Promise((resolve, reject) => {
      const jobTimer = setTimeout(() => child.kill('SIGKILL'), JOB_TIMEOUT_MS)
      pending.set(id, (result) => {
        clearTimeout(jobTimer)
        pending.delete(id)
        if (pending.size === 0) scheduleIdleStop()
        if (result instanceof Error) reject(result)
        else if ('error' in result) reject(new Error(result.error))
        else resolve(result.value)
      })
      child.send({ id, password, hash } satisfies HashJob, (error) => {
        if (error) pending.get(id)?.(new HashWorkerStopped(error.message))
      })
    })
  }

  let idleTimer: NodeJS.Timeout | undefined
  /** Stops the worker after the idle timeout. */
  function scheduleIdleStop(): void {
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => {
      if (worker === undefined || worker.pending.size > 0) return
      const { child } = worker
      worker = undefined
      if (child.connected) child.disconnect()
    }, IDLE_TIMEOUT_MS).unref()
  }

  return {
    hash: async (password) => String(await run(password, undefined)),
    verify: async (hash, password) => (await run(password, hash)) === true,
    isOutdated: argon2id.isOutdated,
  }
}
