import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './process-table.ts'

const PREFIX = 'postgres.unfinished-'

/** What mkdtemp is given for a directory in `base` that gets its real name only when it is complete. */
export function temporaryPrefixIn(base: string): string {
  return join(base, `${PREFIX}${process.pid}-`)
}

/** Removes from `base` what processes that are gone left unfinished. */
export async function removeAbandoned(base: string): Promise<void> {
  const names = (await readdir(base)).filter((name) => name.startsWith(PREFIX))
  for (const name of names) {
    const creatorPid = Number.parseInt(name.slice(PREFIX.length), 10)
    // In a container the number may well be our own; this process has nothing unfinished yet.
    if (creatorPid !== process.pid && isAlive(creatorPid)) continue
    // A program that outlived its maker may still be writing; the next sweep removes the rest.
    await rm(join(base, name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
  }
}
