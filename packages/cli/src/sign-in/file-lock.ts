import { readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { logWaiting } from '../output/log.ts'
import { now } from '../system/clock.ts'
import { randomToken } from '../system/random.ts'

const RETRY_DELAY_MS = 25
const HEARTBEAT_MS = 1_000
/** A lock without a heartbeat for this time is stale: its owner was killed. */
const STALE_AFTER_MS = 10_000
/** Longer than several other commands that wait for a server. */
const TIMEOUT_MS = 120_000

/**
 * Runs `work` under a lock against other processes, also on other machines that share the folder. The lock is a file whose
 * modification time is the heartbeat of its owner. Stale locks are removed. docs/decisions/0023 has the reasons for our own
 * implementation.
 */
export async function withFileLock<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  const owner = randomToken()
  const stopLogging = logWaiting('another cerberus')
  try {
    await acquire(file, owner)
  } finally {
    stopLogging()
  }
  const heartbeat = setInterval(() => ifExists(() => touch(file)), HEARTBEAT_MS)
  heartbeat.unref()
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    // After a suspension the lock may belong to another process.
    ifExists(() => {
      if (readFileSync(file, 'utf8') === owner) unlinkSync(file)
    })
  }
}

async function acquire(file: string, owner: string): Promise<void> {
  const startedAt = now().getTime()
  while (!create(file, owner)) {
    if (now().getTime() - startedAt > TIMEOUT_MS) {
      throw new Failure(
        'failure',
        `Another cerberus holds the lock. If none is running, delete ${file} and ${file}.stale.`,
      )
    }
    if (isStale(file)) removeStale(file)
    await sleep(RETRY_DELAY_MS)
  }
  ifExists(() => touch(file))
}

/**
 * Removes a stale lock. One process does so at a time, and checks again: without that it could remove the new lock of a
 * process that was faster.
 */
function removeStale(file: string): void {
  const guard = `${file}.stale`
  if (!create(guard, '')) return
  try {
    if (isStale(file)) ifExists(() => unlinkSync(file))
  } finally {
    ifExists(() => unlinkSync(guard))
  }
}

function isStale(file: string): boolean {
  return ifExists(() => now().getTime() - statSync(file).mtimeMs > STALE_AFTER_MS) ?? false
}

function touch(file: string): void {
  const time = now()
  utimesSync(file, time, time)
}

/** Creates a file. False if it exists. */
function create(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new Failure('failure', `Cannot write ${file}: ${(error as Error).message}`)
  }
}

/** Undefined where the file does not exist. */
function ifExists<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
