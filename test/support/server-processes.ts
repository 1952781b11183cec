// The compiled server, run as the processes it is in production, for tests that kill, drain or outnumber it.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isAlive } from '../../src/storage/embedded/process-table.ts'
import { scratchDirectory } from './scratch-directory.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const OWNER = { email: 'owner@acme.test', password: 'correct horse battery staple' } as const

/** How a process ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

export interface ServerProcess {
  pid: number
  port: number
  /** Where it listens, without a trailing slash. */
  url: string
  /** What it wrote so far, to either output. */
  output(): string
  /** Resolves once it welcomes requests; rejects with what it wrote if it ends before. */
  ready(): Promise<void>
  /** Sends a signal and resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<ProcessEnd>
  ended: Promise<ProcessEnd>
}

export interface ServerSettings {
  /** Absent: it starts its own PostgreSQL in `dataDirectory`. */
  databaseUrl?: string
  /** Processes that serve together share it: the master key lies there. */
  dataDirectory: string
  /** Absent: any that is free. */
  port?: number
  /** Absent: the process's own address. Processes that serve together have one. */
  issuer?: string
  /** A directory with another server, as `dist/server/main.js`. Absent: the project's own, compiled now if it was not. */
  program?: string
  environment?: Readonly<Record<string, string>>
  /** A command instead of the server: `owner-reset`. */
  args?: readonly string[]
}

const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) process.kill(pid, 'SIGKILL')
})

const COMPILING = join(ROOT, 'node_modules', '.cerberus-compiling')
let compiled: Promise<void> | undefined

/** Compiles what is in src/ now, once. Of several test files that find dist/ out of date, one does it. */
export function compileServer(): Promise<void> {
  compiled ??= inTurn(() => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: ROOT, encoding: 'utf8' })
    if (status !== 0) throw new Error(`The server does not compile:\n${stderr}`)
  })
  return compiled
}

async function inTurn(work: () => void): Promise<void> {
  for (;;) {
    const taken = await writeFile(COMPILING, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    )
    if (taken) break
    const holder = Number(await readFile(COMPILING, 'utf8').catch(() => ''))
    if (holder > 0 && !isAlive(holder)) await rm(COMPILING, { force: true })
    await sleep(50)
  }
  try {
    work()
  } finally {
    await rm(COMPILING)
  }
}

/** Starts a server without waiting until it is ready. Its limits are out of the way. */
export async function spawnServer(settings: ServerSettings): Promise<ServerProcess> {
  if (settings.program === undefined) await compileServer()
  const port = settings.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const program =
    settings.program === undefined
      ? join(ROOT, 'dist', 'bundle', 'server', 'main.js')
      : join(settings.program, 'dist', 'server', 'main.js')
  const child = spawn(process.execPath, [program, ...(settings.args ?? [])], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      HOST: '127.0.0.1',
      PORT: String(port),
      ISSUER_URL: settings.issuer ?? url,
      CERBERUS_DATA_DIR: settings.dataDirectory,
      CERBERUS_ADMIN_EMAIL: OWNER.email,
      CERBERUS_ADMIN_PASSWORD: OWNER.password,
      LOG_LEVEL: 'warn',
      ...(settings.databaseUrl !== undefined && { DATABASE_URL: settings.databaseUrl }),
      ...Object.fromEntries(['RATE_MAX', 'AUTH_RATE_MAX', 'TOKEN_RATE_MAX'].map((name) => [name, '1000000000'])),
      ACCOUNT_RATE_MAX: '1000000',
      MAX_CONNECTIONS_PER_ADDRESS: '1000000',
      ...settings.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('The server could not be started')
  running.add(pid)
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => said.push(text))
  const output = () => said.join('')
  const ended = once(child, 'close').then((): ProcessEnd => {
    running.delete(pid)
    return { code: child.exitCode, signal: child.signalCode }
  })
  return {
    pid,
    port,
    url,
    output,
    ended,
    async ready() {
      while ((await statusOf(`${url}/health/ready`)) !== 200) {
        if (!running.has(pid)) throw new Error(`The server ended before it was ready:\n${output()}`)
        await sleep(20)
      }
    },
    async kill(signal) {
      if (running.has(pid)) process.kill(pid, signal)
      return ended
    },
  }
}

/** Starts a server and waits until it is ready. */
export async function startServer(settings: ServerSettings): Promise<ServerProcess> {
  const server = await spawnServer(settings)
  await server.ready()
  return server
}

/** A place for the data of servers that have a DATABASE_URL. Nothing is there until a server makes it. */
export async function makeServerDirectory(): Promise<{ path: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(scratchDirectory(), 'cerberus-server-'))
  return { path: join(directory, 'data'), remove: () => rm(directory, { recursive: true, force: true }) }
}

/** A free port. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return port
}

/** The status of a GET over a connection of its own, or undefined where nothing answers. */
export async function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', () => resolve(undefined))
  })
}
