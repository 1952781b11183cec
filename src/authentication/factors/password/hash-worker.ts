import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { argon2id, type PasswordHasher } from './argon2id.ts'

/** What the process is asked: for a hash where none is given, otherwise whether it is the password's. */
export interface HashJob {
  id: number
  password: string
  hash: string | undefined
}

export type HashResult = { id: number; value: string | boolean } | { id: number; error: string }

/** The process that hashes has ended, or did not answer. Who tries again finds another. */
export class HashWorkerStopped extends Error {}

const WORKER_PROGRAM = fileURLToPath(new URL(`hash-worker-program${extname(import.meta.url)}`, import.meta.url))
/** With nothing to do for so long the process ends, and its memory is free. */
const IDLE_TIMEOUT_MS = 60_000
/** What takes so long, even at a low priority on a busy machine, will never end. */
const JOB_TIMEOUT_MS = 30_000

/** One such process, for as long as it lives. */
interface HashWorker {
  child: ChildProcess
  pending: Map<number, (result: HashResult | HashWorkerStopped) => void>
}

/**
 * Hashing in a process of its own, at a lower priority than this one, so that neither the threads that serve nor those
 * that sign wait for it. It starts with the first job and ends some time after the last. When it dies, `onLoss` is told
 * how, its jobs fail as `HashingInterrupted`, and the next job starts another. `concurrency` is the number of its threads.
 */
export function createHashWorker(concurrency: number, onExit: (how: object) => void): PasswordHasher {
  let worker: HashWorker | undefined
  let lastJobId = 0

  function start(): HashWorker {
    const child = fork(WORKER_PROGRAM, {
      // Nothing of our own environment, which holds secrets. Few arenas, or the C library keeps what each hash took.
      env: { UV_THREADPOOL_SIZE: String(concurrency), MALLOC_ARENA_MAX: '2' },
      // A session of its own: what a terminal signals to the server's is not for it.
      detached: true,
      // A debugger's port is taken already.
      execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
    })
    const started: HashWorker = { child, pending: new Map() }
    const handleExit = (how: object) => {
      if (worker === started) worker = undefined
      if (started.pending.size > 0) onExit(how)
      for (const settle of started.pending.values()) settle(new HashWorkerStopped('The process that hashes ended.'))
    }
    child.on('message', (result: HashResult) => started.pending.get(result.id)?.(result))
    child.on('error', (error) => handleExit({ err: error }))
    child.on('exit', (code, signal) => handleExit({ code, signal }))
    // It is no reason for this process to go on.
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
  /** Lets the process go if nothing comes for a while. */
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
