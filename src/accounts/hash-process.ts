import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { argon2id, type Hashing } from './argon2id.ts'

/** What the process is asked: for a hash where none is given, otherwise whether it is the password's. */
export interface Job {
  id: number
  password: string
  hash: string | undefined
}

export type JobResult = { id: number; value: string | boolean } | { id: number; error: string }

/** The process that hashes has ended, or did not answer. Who tries again finds another. */
export class HashingInterrupted extends Error {}

const PROGRAM = fileURLToPath(new URL(`hash-program${extname(import.meta.url)}`, import.meta.url))
/** With nothing to do for so long the process ends, and its memory is free. */
const IDLE_MS = 60_000
/** What takes so long, even at a low priority on a busy machine, will never end. */
const DEADLINE_MS = 30_000

/** One such process, for as long as it lives. */
interface Hasher {
  child: ChildProcess
  waiting: Map<number, (result: JobResult | HashingInterrupted) => void>
}

/**
 * Hashing in a process of its own, at a lower priority than this one, so that neither the threads that serve nor those
 * that sign wait for it. It starts with the first job and ends some time after the last. When it dies, `onLoss` is told
 * how, its jobs fail as `HashingInterrupted`, and the next job starts another. `concurrency` is the number of its threads.
 */
export function hashInOwnProcess(concurrency: number, onLoss: (how: object) => void): Hashing {
  let hasher: Hasher | undefined
  let jobs = 0

  function start(): Hasher {
    const child = fork(PROGRAM, {
      // Nothing of our own environment, which holds secrets. Few arenas, or the C library keeps what each hash took.
      env: { UV_THREADPOOL_SIZE: String(concurrency), MALLOC_ARENA_MAX: '2' },
      // A session of its own: what a terminal signals to the server's is not for it.
      detached: true,
      // A debugger's port is taken already.
      execArgv: process.execArgv.filter((flag) => !flag.startsWith('--inspect')),
    })
    const started: Hasher = { child, waiting: new Map() }
    const lose = (how: object) => {
      if (hasher === started) hasher = undefined
      if (started.waiting.size > 0) onLoss(how)
      for (const settle of started.waiting.values()) settle(new HashingInterrupted('The process that hashes ended.'))
    }
    child.on('message', (result: JobResult) => started.waiting.get(result.id)?.(result))
    child.on('error', (error) => lose({ err: error }))
    child.on('exit', (code, signal) => lose({ code, signal }))
    // It is no reason for this process to go on.
    child.unref()
    child.channel?.unref()
    return started
  }

  function run(password: string, hash: string | undefined): Promise<string | boolean> {
    const { child, waiting } = (hasher ??= start())
    const id = (jobs += 1)
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS)
      waiting.set(id, (result) => {
        clearTimeout(deadline)
        waiting.delete(id)
        if (waiting.size === 0) rest()
        if (result instanceof Error) reject(result)
        else if ('error' in result) reject(new Error(result.error))
        else resolve(result.value)
      })
      child.send({ id, password, hash } satisfies Job, (error) => {
        if (error) waiting.get(id)?.(new HashingInterrupted(error.message))
      })
    })
  }

  let idle: NodeJS.Timeout | undefined
  /** Lets the process go if nothing comes for a while. */
  function rest(): void {
    clearTimeout(idle)
    idle = setTimeout(() => {
      if (hasher === undefined || hasher.waiting.size > 0) return
      const { child } = hasher
      hasher = undefined
      if (child.connected) child.disconnect()
    }, IDLE_MS).unref()
  }

  return {
    hash: async (password) => String(await run(password, undefined)),
    verify: async (hash, password) => (await run(password, hash)) === true,
    isOutdated: argon2id.isOutdated,
  }
}
