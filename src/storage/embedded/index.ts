// `embedded` starts PostgreSQL for a server that was given no DATABASE_URL, from the binaries that npm installed. It
// owns the cluster's files, its process and the socket it listens on; what is stored in the database, and the pool
// that talks to it, belong to the rest of `storage`. The parts: `account` (who runs it), `binaries` (what is run),
// `cluster` (the data), `occupant` (who else may be using the data), `socket-directory`, `supervisor` (the process).
import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseAccount } from './os-account.ts'
import { provideBinaries } from './binaries.ts'
import { createCluster, findCluster, readPassword, SUPERUSER } from './cluster.ts'
import { PORT, serverSettings } from './server-settings.ts'
import { waitForLock, type LockOwner } from './lock-owner.ts'
import { makeSocketDirectory, restoreSocketDirectory } from './socket-directory.ts'
import { StartError, supervise, type SupervisedProcess } from './supervisor.ts'

export interface EmbeddedPostgres {
  /** What `pg` needs to connect; `host` is the directory of the unix socket. */
  connection: { host: string; port: number; user: string; password: string; database: string }
  /** Shuts PostgreSQL down and resolves when it is gone. Does nothing for a server that was only joined. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** The server's data directory; the cluster lies in `postgres` under it. Made when missing. */
  dataDirectory: string
  /** Receives the few lines an operator should see. */
  log: (message: string) => void
  /** Use the PostgreSQL that another process already runs on this directory, instead of failing. */
  join?: boolean
  /** PostgreSQL settings beyond, or instead of, our own. */
  settings?: Readonly<Record<string, string>>
}

/**
 * Starts PostgreSQL on `dataDirectory`, making the cluster on first use, and keeps it running until `stop()` or until
 * this process ends, however it ends. Resolves when connections are accepted.
 *
 * Rejects with an Error whose message is one line for the operator: no binaries for this platform, a directory that
 * another server uses (unless `join`), a directory that is not ours to use, or PostgreSQL's own reason.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDirectory = resolve(options.dataDirectory)
  await mkdir(dataDirectory, { recursive: true })
  const found = await findCluster(dataDirectory)
  const account = await chooseAccount(found)
  const binaries = await provideBinaries(account, dataDirectory)
  const directory = found ?? (await createCluster({ dataDirectory, account, initdb: binaries.initdb }))
  const password = await readPassword(directory)
  const connectionTo = (host: string) => ({ host, port: PORT, user: SUPERUSER, password, database: 'postgres' })

  const socketDirectory = await makeSocketDirectory(account, dataDirectory)
  const launch = async (): Promise<SupervisedProcess> => {
    await restoreSocketDirectory(socketDirectory, account)
    return supervise({
      postgres: binaries.postgres,
      settings: { ...serverSettings(socketDirectory), ...options.settings },
      log: options.log,
      directory,
      socketDirectory,
      account,
    })
  }
  try {
    const server = await launchWhenFree(launch, directory, options.log)
    return { connection: connectionTo(socketDirectory), stop: restartOnExit(server, launch, directory, options.log) }
  } catch (error) {
    await rm(socketDirectory, { recursive: true, force: true })
    if (!(error instanceof DirectoryInUseError) || options.join !== true) throw error
    return { connection: connectionTo(error.lockOwner.socketDirectory), stop: () => Promise.resolve() }
  }
}

/** How a process reaches the PostgreSQL that another one has started on `dataDirectory`, and keeps running. */
export async function joinEmbeddedPostgres(
  dataDirectory: string,
  socketDirectory: string,
): Promise<EmbeddedPostgres['connection']> {
  const directory = await findCluster(resolve(dataDirectory))
  if (directory === undefined) throw new Error(`There is no database in ${dataDirectory}.`)
  return {
    host: socketDirectory,
    port: PORT,
    user: SUPERUSER,
    password: await readPassword(directory),
    database: 'postgres',
  }
}

class DirectoryInUseError extends Error {
  readonly lockOwner: LockOwner
  constructor(directory: string, lockOwner: LockOwner) {
    super(
      `The database in ${directory} is in use by another running server (PostgreSQL is process ${lockOwner.pid}). ` +
        'Stop that one first, or set DATABASE_URL to a PostgreSQL server that both can share.',
    )
    this.lockOwner = lockOwner
  }
}

/** Launches when no other process holds the directory. Waits until processes of a killed predecessor have ended. */
async function launchWhenFree(
  launch: () => Promise<SupervisedProcess>,
  directory: string,
  log: (message: string) => void,
): Promise<SupervisedProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const lockOwner = await waitForLock(directory, log)
    if (lockOwner !== undefined) throw new DirectoryInUseError(directory, lockOwner)
    try {
      return await launch()
    } catch (error) {
      if (!(error instanceof StartError && error.transient) || attempt === 50) throw error
      await sleep(200)
    }
  }
}

/** Starts the server again whenever it ends unasked, at the same socket, so that pools simply reconnect. */
function restartOnExit(
  first: SupervisedProcess,
  launch: () => Promise<SupervisedProcess>,
  directory: string,
  log: (message: string) => void,
): () => Promise<void> {
  let server = first
  const stopping = new AbortController()
  const watch = async () => {
    await server.ended
    for (let retryDelayMs = 100; !stopping.signal.aborted; retryDelayMs = Math.min(retryDelayMs * 2, 5000)) {
      log('PostgreSQL ended unexpectedly; starting it again')
      try {
        server = await launchWhenFree(launch, directory, log)
        retryDelayMs = 50
        if (stopping.signal.aborted) server.stop()
        await server.ended
      } catch (error) {
        log(error instanceof Error ? error.message : String(error))
        await sleep(retryDelayMs, undefined, { ref: false, signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const watching = watch()
  return async () => {
    stopping.abort()
    server.stop()
    await watching
  }
}
