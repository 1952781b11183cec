// The process that hashes passwords. `hash-worker.ts` starts it and sends it jobs.

import { readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { argon2id } from './argon2id.ts'
import type { HashJob, HashResult } from './hash-worker.ts'

/** The niceness: about a third of the CPU share of a normal process under load, without starvation. */
const NICENESS = 5

for (const yieldToOthers of [
  () => setPriority(NICENESS),
  // Linux sets the niceness per thread, and some threads exist already.
  () => readdirSync('/proc/self/task').forEach((thread) => setPriority(Number(thread), NICENESS)),
  // With sched_autogroup Linux weighs sessions first. This process has its own session, so its group is set, too: also
  // PostgreSQL comes first.
  () => writeFileSync('/proc/self/autogroup', String(NICENESS)),
]) {
  try {
    yieldToOthers()
  } catch {
    // Not supported or not permitted: all processes then have the same priority.
  }
}

// Exits with the server, when the channel closes.
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
