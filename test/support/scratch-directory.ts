import { accessSync, constants, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const MEMORY = '/dev/shm'
/** Bytes that the databases of a run and their write-ahead logs need at most, several times over. */
const ENOUGH_BYTES = 6 * 1024 ** 3

/**
 * Where data of servers lies that need not outlive them: in memory, where the system has room for it there. Creating the
 * files of a database takes five times as long on a disk.
 */
export function scratchDirectory(): string {
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bavail, bsize } = statfsSync(MEMORY)
    return bavail * bsize >= ENOUGH_BYTES ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}
