import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client, type ClientConfig, type QueryResultRow } from 'pg'
import { afterEach, beforeEach } from 'vitest'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded/index.ts'
import { findProcess, isAlive } from '../../src/storage/embedded/process-table.ts'
import { scratchDirectory } from './scratch-directory.ts'

const PROGRAM = fileURLToPath(new URL('embedded-process.ts', import.meta.url))

/** The process of `embedded-process.ts` on `dataDirectory`. Its working directory is the project's, for tsx. */
export function spawnEmbedded(dataDirectory: string, ...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dataDirectory, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error('The process could not be started')
  const exited = once(child, 'close')
  const rows: number[] = []
  const log: string[] = []
  const settled = new Map<string, unknown>()
  const waiting = new Map<string, (value: unknown) => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, word = '', value = ''] = /^(\w+) (.*)$/.exec(line) ?? []
    const parsed: unknown = JSON.parse(value)
    if (word === 'row') rows.push(Number(parsed))
    else if (word === 'log') log.push(String(parsed))
    else settled.set(word, parsed)
    waiting.get(word)?.(parsed)
  })
  return {
    pid,
    rows,
    log,
    /** What the process said after `word`; rejects if it ends without having said it. */
    async said(word: string): Promise<unknown> {
      if (settled.has(word)) return settled.get(word)
      const heard = new Promise<unknown>((resolve) => waiting.set(word, resolve))
      const ended = exited.then(() => {
        if (settled.has(word)) return settled.get(word)
        throw new Error(`The process ended before it said "${word}": ${JSON.stringify([...settled, log])}`)
      })
      return Promise.race([heard, ended])
    },
    async kill(signal: NodeJS.Signals): Promise<void> {
      process.kill(pid, signal)
      await exited
    },
    exited: exited.then(() => child.exitCode),
  }
}

/** An empty data directory that any account can reach, and what removes it with all that was made for it. */
export async function makeDataDirectory(mode = 0o755): Promise<{ path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(scratchDirectory(), 'cerberus-embedded-'))
  await chmod(directory, mode)
  return { path: join(directory, 'data'), remove: () => rm(directory, { recursive: true, force: true }) }
}

/** The rows of one statement, over a connection of its own. */
export async function query<Row extends QueryResultRow>(connection: ClientConfig, statement: string): Promise<Row[]> {
  const client = new Client(connection)
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Row>(statement)).rows
  } finally {
    await client.end()
  }
}

/** The numbers that the server acknowledged and the database does not hold. */
export async function lostRows(connection: ClientConfig, acknowledged: number[]): Promise<number[]> {
  const rows = await query<{ number: string }>(connection, 'SELECT number FROM acknowledged')
  const held = new Set(rows.map(({ number }) => Number(number)))
  return acknowledged.filter((number) => !held.has(number))
}

/** The process number of the PostgreSQL on `dataDirectory`. */
export async function postmasterOf(dataDirectory: string): Promise<number> {
  return Number((await readFile(join(dataDirectory, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

/** The process numbers of the children of `parent`. */
export async function childrenOf(parent: number): Promise<number[]> {
  const everyone =
    process.platform === 'linux'
      ? await readdir('/proc')
      : spawnSync('/bin/ps', ['-A', '-o', 'pid='], { encoding: 'utf8' }).stdout.split('\n')
  const numbers = everyone.map(Number).filter((pid) => pid > 0)
  const found = await Promise.all(numbers.map(findProcess))
  return numbers.filter((_, index) => found[index]?.parent === parent)
}

/** Resolves once `condition` holds; the test's own time limit ends a wait for something that never comes. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(5)
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * What each test of the embedded PostgreSQL works with: a data directory of its own that any account can reach, ways
 * to start a server on it, here or in a process that may be killed, and an end to all of them after the test.
 */
export function useDataDirectory() {
  let data = { path: '', remove: () => Promise.resolve() }
  const running: EmbeddedPostgres[] = []
  const children: ReturnType<typeof spawnEmbedded>[] = []

  beforeEach(async () => {
    data = await makeDataDirectory()
  })
  afterEach(async () => {
    for (const child of children.splice(0)) if (isAlive(child.pid)) await child.kill('SIGKILL')
    for (const postgres of running.splice(0)) await postgres.stop()
    await until(async () => !(await exists(join(data.path, 'postgres', 'postmaster.pid'))))
    await data.remove()
  })

  return {
    /** The data directory. It does not exist until a server makes it. */
    path: () => data.path,
    /** Takes another data directory, inside one of the given mode. */
    async replace(mode: number): Promise<void> {
      await data.remove()
      data = await makeDataDirectory(mode)
    },
    async start(options: { join?: boolean; log?: string[] } = {}): Promise<EmbeddedPostgres> {
      const log = (line: string) => options.log?.push(line)
      const postgres = await startEmbeddedPostgres({ dataDirectory: data.path, log, join: options.join ?? false })
      running.push(postgres)
      return postgres
    },
    spawn(...args: string[]) {
      const child = spawnEmbedded(data.path, ...args)
      children.push(child)
      return child
    },
  }
}
