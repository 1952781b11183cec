import { readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../lib/clock.ts'
import { randomToken } from '../lib/random.ts'
import { Failure } from './failure.ts'
import { tellOfWaiting } from './output.ts'

// In milliseconds: between two attempts; between two signs of life; without one for so long, nobody is there any more; and
// so long somebody waits, who may stand behind several that ask a server.
const PAUSE = 25
const HEARTBEAT = 1_000
const STALE = 10_000
const PATIENCE = 120_000

/**
 * Does `work` while nobody else of this machine, or of those that share the folder, does anything under the same lock: a
 * file that is there for so long, and whose date is a sign of life. One whose owner was killed is taken away.
 */
export async function withLock<Value>(file: string, work: () => Promise<Value>): Promise<Value> {
  const mine = randomToken()
  const stopTelling = tellOfWaiting('another cerberus')
  try {
    await acquire(file, mine)
  } finally {
    stopTelling()
  }
  const alive = setInterval(() => ifThere(() => touch(file)), HEARTBEAT)
  alive.unref()
  try {
    return await work()
  } finally {
    clearInterval(alive)
    // Who slept for too long has lost it to somebody else.
    ifThere(() => {
      if (readFileSync(file, 'utf8') === mine) unlinkSync(file)
    })
  }
}

async function acquire(file: string, mine: string): Promise<void> {
  const began = systemClock.now().getTime()
  while (!create(file, mine)) {
    if (systemClock.now().getTime() - began > PATIENCE) {
      throw new Failure(
        'failure',
        `Another cerberus is at work. If there is none, take away ${file} and ${file}.stale.`,
      )
    }
    if (isStale(file)) takeAway(file)
    await sleep(PAUSE)
  }
  ifThere(() => touch(file))
}

/** Takes away a stale lock. One process at a time, which looks again: or it would be the lock of who was faster. */
function takeAway(file: string): void {
  const taking = `${file}.stale`
  if (!create(taking, '')) return
  try {
    if (isStale(file)) ifThere(() => unlinkSync(file))
  } finally {
    ifThere(() => unlinkSync(taking))
  }
}

function isStale(file: string): boolean {
  return ifThere(() => systemClock.now().getTime() - statSync(file).mtimeMs > STALE) ?? false
}

function touch(file: string): void {
  const now = systemClock.now()
  utimesSync(file, now, now)
}

/** False where it is there already. */
function create(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new Failure('failure', `Cannot write ${file}: ${(error as Error).message}`)
  }
}

/** Undefined where a file is gone. */
function ifThere<Value>(act: () => Value): Value | undefined {
  try {
    return act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
