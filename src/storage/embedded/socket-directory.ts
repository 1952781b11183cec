import { chmod, chown, lstat, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canReach, type Account } from './account.ts'

// The address of a unix socket holds 104 bytes on macOS and 108 on Linux, its closing NUL included.
const LONGEST_ADDRESS = 103
const NAME = 'cerberus-XXXXXX'
const SOCKET = '.s.PGSQL.5432'

/**
 * A new directory, 0700 and owned by `account`, whose path is short enough for a socket. Its name is drawn by
 * mkdtemp, so nobody can have put theirs in the place.
 */
export async function makeSocketDirectory(account: Account, dataDirectory: string): Promise<string> {
  const parents = [tmpdir(), '/tmp', dataDirectory]
  for (const parent of parents) {
    if (Buffer.byteLength(join(parent, NAME, SOCKET)) > LONGEST_ADDRESS) continue
    if (!(await canReach(account, parent))) continue
    const directory = await mkdtemp(join(parent, NAME.slice(0, -6))).catch(() => undefined)
    if (directory === undefined) continue
    await hand(directory, account)
    return directory
  }
  throw new Error(`No directory for PostgreSQL's socket could be made in any of ${parents.join(', ')}.`)
}

/** Makes the directory again if it went away, and refuses one that somebody else has put there since. */
export async function restoreSocketDirectory(directory: string, account: Account): Promise<void> {
  const made = await mkdir(directory, { mode: 0o700 }).then(
    () => true,
    () => false,
  )
  if (made) return hand(directory, account)
  const { uid } = await lstat(directory)
  if (uid !== (account?.uid ?? process.getuid?.())) throw new Error(`${directory} was taken by another user.`)
}

async function hand(directory: string, account: Account): Promise<void> {
  await chmod(directory, 0o700)
  if (account !== undefined) await chown(directory, account.uid, account.gid)
}
