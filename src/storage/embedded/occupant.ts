import { readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findProcess, isAlive } from './process-table.ts'
import { isSupervisor } from './supervisor.ts'

/** A PostgreSQL that is running on a data directory. */
export interface Occupant {
  pid: number
  socketDirectory: string
  /** False while it starts, recovers or shuts down. */
  ready: boolean
  /** False when the process that should stop it is gone. */
  supervised: boolean
}

const PAUSE = 50
// An owner's death turns "ready" into "stopping" within milliseconds: one that stays ready this long has an owner.
const CALM_READINGS = 10
const MOST_READINGS = (120 * 1000) / PAUSE

/**
 * Waits until `directory` (its real path) is free, and resolves with `undefined`; or with its occupant when that one
 * is alive and looked after. One that nobody supervises any more is shut down first.
 */
export async function awaitVacancy(directory: string, log: (message: string) => void): Promise<Occupant | undefined> {
  let calm = 0
  let evicted: Occupant | undefined
  for (let reading = 0; reading < MOST_READINGS; reading += 1) {
    const occupant = await readOccupant(directory)
    if (occupant === undefined) {
      // Its supervisor would have done this.
      if (evicted !== undefined) await rmdir(evicted.socketDirectory).catch(() => undefined)
      return undefined
    }
    calm = occupant.ready && occupant.supervised ? calm + 1 : 0
    if (calm === CALM_READINGS) return occupant
    if (!occupant.supervised && evicted?.pid !== occupant.pid) {
      log(`PostgreSQL (process ${occupant.pid}) was left behind by a server that is gone; shutting it down`)
      evicted = occupant
      if (isAlive(occupant.pid)) process.kill(occupant.pid, 'SIGINT')
    }
    await sleep(PAUSE)
  }
  throw new Error(
    `PostgreSQL neither starts nor stops in ${directory}; look at the process named in its postmaster.pid.`,
  )
}

/** What postmaster.pid says, if the process it names is what it says. Removes the file when it is not. */
async function readOccupant(directory: string): Promise<Occupant | undefined> {
  const lockFile = join(directory, 'postmaster.pid')
  let content = await read(lockFile)
  if (content === '') {
    // A starting server makes the file before it fills it; one that stays empty is a crash's, and in the way.
    await sleep(1000)
    content = await read(lockFile)
  }
  if (content === undefined) return undefined
  const [pid = '', , , , socketDirectory = '', , , status = ''] = content.split('\n')
  const postmaster = Number(pid) > 0 ? await findProcess(Number(pid)) : undefined
  if (postmaster?.command.includes(directory) !== true) {
    // A number that nobody has is PostgreSQL's to judge. One that is taken, by a stranger or a zombie, it believes to
    // be a server: after a reboot or in a container, where numbers repeat, it would never start again. Processes that
    // still use the data keep it out all the same, by the shared memory they hold.
    if (isAlive(Number(pid)) && content === (await read(lockFile))) await rm(lockFile, { force: true })
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

function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined)
}
