// The process that hashes passwords for the server: `hash-process.ts` starts it and speaks with it.

import { readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { argon2id } from './argon2id.ts'
import type { HashJob, HashResult } from './hash-worker.ts'

/** A third of the weight of a process that has not asked for anything: late where there is much to do, never starved. */
const NICENESS = 5

for (const yieldToOthers of [
  () => setPriority(NICENESS),
  // To Linux each thread is a process here, and some were there before this line.
  () => readdirSync('/proc/self/task').forEach((thread) => setPriority(Number(thread), NICENESS)),
  // It may weigh sessions against one another first (sched_autogroup). This process has one to itself, and comes after
  // PostgreSQL too.
  () => writeFileSync('/proc/self/autogroup', String(NICENESS)),
]) {
  try {
    yieldToOthers()
  } catch {
    // Not there, or not allowed: then all are equal.
  }
}

// It ends with the server, when nobody can ask it any more.
process.on('disconnect', () => process.exit())
process.on('message', (job: HashJob) => {
  const work = job.hash === undefined ? argon2id.hash(job.password) : argon2id.verify(job.hash, job.password)
  work.then(
    (value) => sendResult({ id: job.id, value }),
    (error: unknown) => sendResult({ id: job.id, error: error instanceof Error ? error.message : 'failed' }),
  )
})

function sendResult(result: HashResult): void {
  process.send?.(result, undefined, undefined, () => {})
}
