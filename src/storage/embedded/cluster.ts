import { chown, lstat, mkdtemp, open, readFile, readdir, realpath, rename, rm, rmdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { randomAlphanumeric, randomToken } from '../../lib/crypto/random.ts'
import { canReach, readFailureReason, runAs, type OsAccount } from './os-account.ts'
import { provideSystemDirectory } from './system-directory.ts'
import { removeAbandoned, temporaryPrefixIn } from './temporary-directory.ts'

export const SUPERUSER = 'cerberus'
export const MAJOR_VERSION = '18'

const PASSWORD_FILE = 'superuser-password'

/**
 * The real path of the cluster under `dataDirectory`; `undefined` if it does not exist yet. Rejects if the
 * directory is not a cluster of ours, because it might contain other data.
 */
export async function findCluster(dataDirectory: string): Promise<string | undefined> {
  const clusterPath = join(dataDirectory, 'postgres')
  const entry = await lstat(clusterPath).catch(() => undefined)
  if (entry === undefined) return undefined
  const directory = await realpath(clusterPath).catch(() => undefined)
  if (directory === undefined) {
    throw new Error(
      `${clusterPath} points to a directory that is gone. Restore it, or remove the link to start afresh.`,
    )
  }
  const content = await readdir(directory).catch((error: unknown) => {
    throw new Error(`The database in ${clusterPath} belongs to another user.`, { cause: error })
  })
  if (content.length === 0 && !entry.isSymbolicLink()) {
    await rmdir(clusterPath)
    return undefined
  }
  if (!content.includes('PG_VERSION') || !content.includes(PASSWORD_FILE)) {
    throw new Error(`${clusterPath} is in the way: it is not a database of this server. Move it elsewhere.`)
  }
  const version = (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim()
  if (version === MAJOR_VERSION) return directory
  throw new Error(
    `${clusterPath} was written by PostgreSQL ${version}; this release brings PostgreSQL ${MAJOR_VERSION}.`,
  )
}

/** The password of `SUPERUSER`. It lies, readable by its owner only, among the files that it protects. */
export async function readPassword(directory: string): Promise<string> {
  return (await readFile(join(directory, PASSWORD_FILE), 'utf8')).trim()
}

/**
 * Makes the cluster under `dataDirectory` and resolves with its real path. Everything happens under another name and
 * reaches the disk before the cluster gets its own, so one that was interrupted is never mistaken for a whole one.
 * When two processes do this at once, both get the same cluster.
 *
 * Where `account` cannot reach `dataDirectory`, the cluster lies in a system directory and `postgres` is a link to it.
 */
export async function createCluster(options: {
  dataDirectory: string
  account: OsAccount
  initdb: string
}): Promise<string> {
  const { dataDirectory, account } = options
  const clusterPath = join(dataDirectory, 'postgres')
  const isReachable = await canReach(account, dataDirectory)
  const base = isReachable ? dataDirectory : await provideSystemDirectory()
  await removeAbandoned(base)
  const unfinished = await mkdtemp(temporaryPrefixIn(base))
  try {
    const cluster = await initialise(unfinished, account, options.initdb)
    const finalPath = isReachable ? clusterPath : join(base, randomAlphanumeric(12))
    await rename(cluster, finalPath).catch(ignoreIfExists)
    if (!isReachable) {
      await symlink(finalPath, clusterPath).catch(async (error: unknown) => {
        await rm(finalPath, { recursive: true })
        ignoreIfExists(error)
      })
    }
    await syncDirectory(base)
    await syncDirectory(dataDirectory)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return realpath(clusterPath)
}

async function initialise(directory: string, account: OsAccount, initdb: string): Promise<string> {
  const cluster = join(directory, 'cluster')
  const passwordFile = join(directory, PASSWORD_FILE)
  const file = await open(passwordFile, 'wx', 0o600)
  await file.writeFile(`${randomToken()}\n`)
  await file.sync()
  await file.close()
  if (account !== undefined) {
    await chown(passwordFile, account.uid, account.gid)
    await chown(directory, account.uid, account.gid)
  }
  // initdb writes its files through to the disk: that costs some 30 ms here, and a power cut soon after the first
  // start could otherwise take files that PostgreSQL, which did not write them, would never have flushed. The builtin
  // C.UTF-8 sorts by code point, the same on every platform and with every version of its C library.
  const locale = '--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8'.split(' ')
  const access = [`--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const args = [`--pgdata=${cluster}`, ...access, ...locale, '--text-search-config=simple', '--no-instructions']
  await runAs(account, initdb, args).catch((error: unknown) => {
    throw new Error(`PostgreSQL could not make its data directory: ${readFailureReason(error)}`, { cause: error })
  })
  await rename(passwordFile, join(cluster, PASSWORD_FILE))
  await syncDirectory(cluster)
  return cluster
}

/** Another process has created the cluster already; that one is used. */
function ignoreIfExists(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
}

/** Makes the names in a directory survive a power cut. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync()
  await handle.close()
}
