import { chmod, chown, lstat, mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canReach, type OsAccount } from './os-account.ts'

// The address of a unix socket holds 104 bytes on macOS and 108 on Linux, its closing NUL included.
const MAX_SOCKET_PATH_BYTES = 103
const DIRECTORY_TEMPLATE = 'cerberus-XXXXXX'
const SOCKET_NAME = '.s.PGSQL.5432'

/**
 * A new directory, 0700 and owned by `account`, whose path is short enough for a socket. Its name is random
 * (mkdtemp), so another user cannot have created it before.
 */
export async function makeSocketDirectory(account: OsAccount, dataDirectory: string): Promise<string> {
  const parents = [tmpdir(), '/tmp', dataDirectory]
  for (const parent of parents) {
    if (Buffer.byteLength(join(parent, DIRECTORY_TEMPLATE, SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES) continue
    if (!(await canReach(account, parent))) continue
    const directory = await mkdtemp(join(parent, DIRECTORY_TEMPLATE.slice(0, -6))).catch(() => undefined)
    if (directory === undefined) continue
    await assignOwner(directory, account)
    return directory
  }
  throw new Error(`No directory for PostgreSQL's socket could be made in any of ${parents.join(', ')}.`)
}

/** Creates the directory again if it was removed, and rejects one that another user has created since. */
export async function restoreSocketDirectory(directory: string, account: OsAccount): Promise<void> {
  const made = await mkdir(directory, { mode: 0o700 }).then(
    () => true,
    () => false,
  )
  if (made) return assignOwner(directory, account)
  const { uid } = await lstat(directory)
  if (uid !== (account?.uid ?? process.getuid?.())) throw new Error(`${directory} was taken by another user.`)
}

async function assignOwner(directory: string, account: OsAccount): Promise<void> {
  await chmod(directory, 0o700)
  if (account !== undefined) await chown(directory, account.uid, account.gid)
}
