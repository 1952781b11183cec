import { chmod, lstat, mkdir } from 'node:fs/promises'

const DIRECTORY = '/var/lib/cerberus'

/**
 * Where root keeps what an unprivileged account must reach while the project itself lies out of its reach. Only root
 * may write there, so what is found in it can be run and trusted.
 */
export async function provideSystemDirectory(): Promise<string> {
  try {
    await mkdir(DIRECTORY, { recursive: true })
    const { mode, uid } = await lstat(DIRECTORY)
    if (uid === 0 && (mode & 0o022) === 0) {
      // Root's umask may have closed it to everybody else.
      await chmod(DIRECTORY, 0o755)
      return DIRECTORY
    }
  } catch {
    // Said below.
  }
  throw new Error(
    `PostgreSQL cannot run as root, and no other account can reach this directory; ${DIRECTORY}, which would serve ` +
      'instead, cannot be made or is writable by others. Start as another user, or set DATABASE_URL.',
  )
}
