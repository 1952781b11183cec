import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The operating-system account PostgreSQL runs under; `undefined` stands for the one this process runs under. */
export type OsAccount = { uid: number; gid: number } | undefined

/** The whole environment of PostgreSQL's programs: English messages, and the `PATH` in which `/bin/sh` finds `rm`. */
export const ENVIRONMENT = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' }

/**
 * PostgreSQL refuses to run as root, so root hands it to an unprivileged account: the owner of an existing cluster,
 * else `postgres`, else `nobody` (a new cluster needs an account that /etc/passwd knows).
 */
export async function chooseAccount(clusterDirectory: string | undefined): Promise<OsAccount> {
  if (process.getuid?.() !== 0) return undefined
  if (clusterDirectory !== undefined) {
    const { uid, gid } = await stat(clusterDirectory)
    if (uid !== 0) return { uid, gid }
    throw new Error(
      `${clusterDirectory} belongs to root, and PostgreSQL refuses to run as root. Give it to another account.`,
    )
  }
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find((fields) => fields[0] === name) ?? []
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is neither a postgres nor a nobody account to run it. ' +
      'Start as another user, or set DATABASE_URL to a PostgreSQL server.',
  )
}

/** Whether `account` can enter `directory`: every folder above it counts, and so do access lists. */
export async function canReach(account: OsAccount, directory: string): Promise<boolean> {
  if (account === undefined) return true
  return runAs(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory]).then(
    () => true,
    () => false,
  )
}

/** Runs a program to its end under `account`. Rejects when it cannot be run or exits with another status than 0. */
export function runAs(
  account: OsAccount,
  executable: string,
  args: string[],
): Promise<{ stdout: string; stderr: string }> {
  return run(executable, args, { ...account, cwd: '/', env: ENVIRONMENT })
}

/** The one line worth showing of what a failed program wrote. */
export function readFailureReason(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const lines = output.split('\n').filter((line) => line.trim() !== '')
  return (lines.find((line) => /error|fatal/i.test(line)) ?? lines[0] ?? String(error)).trim()
}
