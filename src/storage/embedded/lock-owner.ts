import { readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProcess, isAlive } from './process-table.ts'
import { isSupervisor } from './supervisor.ts'

/** A PostgreSQL that is running on a data directory. */
export interface LockOwner {
  pid: number
  socketDirectory: string
  /** False while it starts, recovers or shuts down. */
  ready: boolean
  /** False when the process that should stop it is gone. */
  supervised: boolean
}

const POLL_INTERVAL_MS = 50
// An owner's death turns "ready" into "stopping" within milliseconds: one that stays ready this long has an owner.
const STABLE_READINGS = 10
const MAX_READINGS = (120 * 1000) / POLL_INTERVAL_MS

/**
 * Waits until `directory` (its real path) is free, and resolves with `undefined`; or with its lock owner if that one is
 * alive and supervised. An unsupervised owner is shut down first.
 */
export async function waitForLock(directory: string, log: (message: string) => void): Promise<LockOwner | undefined> {
  let stableReadings = 0
  let orphan: LockOwner | undefined
  for (let reading = 0; reading < MAX_READINGS; reading += 1) {
    const owner = await readLockOwner(directory)
    if (owner === undefined) {
      // Its supervisor would have done this.
      if (orphan !== undefined) await rmdir(orphan.socketDirectory).catch(() => undefined)
      return undefined
    }
    stableReadings = owner.ready && owner.supervised ? stableReadings + 1 : 0
    if (stableReadings === STABLE_READINGS) return owner
    if (!owner.supervised && orphan?.pid !== owner.pid) {
      log(`PostgreSQL (process ${owner.pid}) was left behind by a server that is gone; shutting it down`)
      orphan = owner
      if (isAlive(owner.pid)) process.kill(owner.pid, 'SIGINT')
    }
    await sleep(POLL_INTERVAL_MS)
  }
  throw new Error(
    `PostgreSQL neither starts nor stops in ${directory}; look at the process named in its postmaster.pid.`,
  )
}

/** What postmaster.pid says, if the process it names is what it says. Removes the file when it is not. */
async function readLockOwner(directory: string): Promise<LockOwner | undefined> {
  const lockFile = join(directory, 'postmaster.pid')
  let content = await readIfExists(lockFile)
  if (content === '') {
    // A starting server makes the file before it fills it; one that stays empty is a crash's, and in the way.
    await sleep(1000)
    content = await readIfExists(lockFile)
  }
  if (content === undefined) return undefined
  const [pid = '', , , , socketDirectory = '', , , status = ''] = content.split('\n')
  const postmaster = Number(pid) > 0 ? await findProcess(Number(pid)) : undefined
  if (postmaster?.command.includes(directory) !== true) {
    // PostgreSQL handles an unused process id itself. It takes any process with that id, even an unrelated one or a
    // zombie, for a server: after a reboot or in a container, where ids repeat, it would never start again. Processes
    // that still use the data prevent its start anyway, by their shared memory.
    if (isAlive(Number(pid)) && content === (await readIfExists(lockFile))) await rm(lockFile, { force: true })
    return undefined
  }
  const parent = await findProcess(postmaster.parent)
  return {
    pid: Number(pid),
    socketDirectory,
    ready: status.trim() === 'ready',
    supervised: parent !== undefined && isSupervisor(parent.command),
  }
}

function readIfExists(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}
