// Starting as an operator does: ports that are taken, a lost password, a lost key, commands, and npm's signals.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { COMMAND } from '../support/cli.ts'
import { createDatabase, type TestDatabase } from '../support/cluster.ts'
import { childrenOf, makeDataDirectory, query, until } from '../support/embedded.ts'
import {
  compileServer,
  freePort,
  makeServerDirectory,
  OWNER,
  ROOT,
  spawnServer,
  startServer,
  statusOf,
  type ServerProcess,
  type ServerSettings,
} from '../support/server-processes.ts'
import { HELP } from '../../src/server/commands/command-line.ts'
import { isAlive } from '../../src/storage/embedded/process-table.ts'

// Each test starts several processes.
vi.setConfig({ testTimeout: 120_000 })

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A migrated database without an organisation, an empty data directory, and no password for the owner. */
async function place(): Promise<ServerSettings & { database: TestDatabase }> {
  const [database, directory] = [await createDatabase(), await makeServerDirectory()]
  undo.push(database.drop, directory.remove)
  const environment = { CERBERUS_ADMIN_PASSWORD: '' }
  return { database, databaseUrl: database.connectionString, dataDirectory: directory.path, environment }
}

async function spawned(settings: ServerSettings): Promise<ServerProcess> {
  const server = await spawnServer(settings)
  undo.push(() => server.kill('SIGKILL'))
  return server
}

/** Runs a command to its end. */
async function run(settings: ServerSettings): Promise<{ code: number | null; output: string }> {
  const server = await spawned(settings)
  const { code } = await server.ended
  return { code, output: server.output() }
}

async function started(settings: ServerSettings): Promise<ServerProcess> {
  const server = await startServer(settings)
  undo.push(() => server.kill('SIGKILL'))
  return server
}

const passwordIn = (output: string) => /Password {3}(\S+) {3}\(shown this once\)/.exec(output)?.[1] ?? 'none'

async function signIn(server: ServerProcess, password: string) {
  const response = await fetch(`${server.url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: OWNER.email, password }),
  })
  return { status: response.status, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

const profileStatus = async (server: ServerProcess, cookie: string) =>
  (await fetch(`${server.url}/v1/me/profile`, { headers: { cookie } })).status

describe('a first start', () => {
  it.each([
    ['PORT', '1'],
    ['METRICS_PORT', '2'],
  ])('whose %s is taken makes no owner, with WORKERS=%s; the next one does', async (variable, workers) => {
    const settings = await place()
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    undo.push(() => new Promise((resolve) => other.close(resolve)))
    const taken = String((other.address() as { port: number }).port)
    const environment = { ...settings.environment, WORKERS: workers, ISSUER_URL: '', [variable]: taken }
    const { code, output } = await run({ ...settings, environment })
    expect(code).toBe(1)
    expect(output.trim()).toBe(`Cannot listen on 127.0.0.1, port ${taken}: the port is in use.`)
    const organisations = await query({ connectionString: settings.databaseUrl }, 'SELECT id FROM organisations')
    expect(organisations).toEqual([])

    const server = await started(settings)
    await until(() => server.output().includes('shown this once'))
    expect(await signIn(server, passwordIn(server.output()))).toMatchObject({ status: 200 })
  })

  it('says when another program has the second address of localhost', async () => {
    const settings = await place()
    const other = createServer().listen(0, '::1')
    await once(other, 'listening')
    undo.push(() => new Promise((resolve) => other.close(resolve)))
    const port = (other.address() as { port: number }).port
    const environment = { ...settings.environment, HOST: 'localhost', PORT: String(port), ISSUER_URL: '' }
    const { code, output } = await run({ ...settings, environment })
    expect(code).toBe(1)
    expect(output).toContain(`port ${port}: the port is in use.`)
  })
})

describe('owner-reset', () => {
  it('beside a running server: a new password, no session of before, an event', async () => {
    const settings = await place()
    const server = await started(settings)
    await until(() => server.output().includes('shown this once'))
    const before = passwordIn(server.output())
    const { cookie } = await signIn(server, before)
    expect(await profileStatus(server, cookie)).toBe(200)

    const reset = await run({ ...settings, args: ['owner-reset'] })
    expect(reset.code).toBe(0)
    expect(reset.output).toContain('Ended sessions: 1.')
    expect(await profileStatus(server, cookie)).toBe(401)
    expect(await signIn(server, before)).toMatchObject({ status: 401 })
    expect(await signIn(server, passwordIn(reset.output))).toMatchObject({ status: 200 })
    const events = await query(
      { connectionString: settings.databaseUrl },
      `SELECT metadata->>'by' AS by FROM audit_events WHERE type = 'user.password_reset'`,
    )
    expect(events).toEqual([{ by: 'operator' }])

    const unknown = await run({ ...settings, args: ['owner', 'reset', '--email', 'stranger@acme.test'] })
    expect(unknown).toEqual({
      code: 1,
      output: `No owner has this e-mail address. The owners are:\n  ${OWNER.email} (acme)\n`,
    })
  })

  it('reaches the embedded PostgreSQL of a running server, whatever PG variables the shell has', async () => {
    const data = await makeDataDirectory()
    undo.push(data.remove)
    const environment = {
      CERBERUS_ADMIN_PASSWORD: '',
      PGHOST: 'nowhere.invalid',
      PGPORT: '1',
      PGUSER: 'mallory',
      PGPASSWORD: 'wrong',
      PGDATABASE: 'nowhere',
      PGSSLMODE: 'require',
      PGOPTIONS: '-c search_path=nowhere',
      PGREPLICATION: 'true',
      PGDATA: '/nowhere',
      PGTZ: 'Pacific/Chatham',
    }
    const settings = { dataDirectory: data.path, environment }
    const server = await started(settings)
    const reset = await run({ ...settings, args: ['owner-reset'] })
    expect(await signIn(server, passwordIn(reset.output))).toMatchObject({ status: 200 })
    expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null })

    // The command line runs the same, and here the database has to be started for it.
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, 'owner', 'reset'], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment, CERBERUS_DATA_DIR: data.path },
    })
    expect(stdout).toContain('shown this once')
    await until(() => !existsSync(join(data.path, 'postgres', 'postmaster.pid')))
  })
})

describe('secret.key', () => {
  it('that is missing beside a database in use is never made anew, and another key is refused', async () => {
    const settings = await place()
    const server = await started(settings)
    await server.kill('SIGTERM')
    const file = join(settings.dataDirectory, 'secret.key')
    await rm(file)
    const { code, output } = await run(settings)
    expect(code).toBe(1)
    expect(output).toMatch(/secret\.key is missing.*Restore the file from the backup.*SECRET_ENCRYPTION_KEY/)
    expect(output).not.toMatch(/^\s+at /m)
    expect(existsSync(file)).toBe(false)

    const environment = { SECRET_ENCRYPTION_KEY: 'qCzBz5DqvvdIZyxvgTS2aWFjCVJ0WXOIvYjfUIyjzjA=' }
    const other = await run({ ...settings, environment })
    expect(other.code).toBe(1)
    expect(other.output).toMatch(/None of the signing keys .* can be decrypted.*KEY_PREVIOUS.*secret\.key/)
    expect(other.output).not.toMatch(/^\s+at /m)
  })
})

describe('the arguments', () => {
  it('are read before anything is started', async () => {
    const settings = await place()
    const help = await run({ ...settings, args: ['--help'], environment: { PORT: 'not read' } })
    expect(help).toEqual({ code: 0, output: HELP })
    const mistyped = await run({ ...settings, args: ['rotate-key'], environment: { PORT: 'not read' } })
    expect(mistyped.code).toBe(1)
    expect(mistyped.output).toMatch(/^Unknown command rotate-key\. .*\n$/)
    expect(existsSync(settings.dataDirectory)).toBe(false)
  })
})

describe('a database that cannot be reached', () => {
  it('is named in one message without a stack', async () => {
    const settings = await place()
    const { code, output } = await run({ ...settings, databaseUrl: 'postgresql://me:geheim@127.0.0.1:1/mine' })
    expect(code).toBe(1)
    expect(output).toMatch(/Cannot connect to PostgreSQL at 127\.0\.0\.1, port 1, as me, to the database mine/)
    expect(output).not.toMatch(/geheim|^\s+at /m)
  })
})

describe('npm run dev', () => {
  it('reads .env as npm start does, and the environment outranks it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cerberus-dev-'))
    undo.push(() => rm(directory, { recursive: true }))
    await mkdir(join(directory, 'src/server'), { recursive: true })
    await cp(join(ROOT, 'scripts/load-environment.mjs'), join(directory, 'scripts/load-environment.mjs'))
    await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    await writeFile(join(directory, '.env'), 'ISSUER_URL=https://of.the.file\nPORT=4100\n')
    await writeFile(
      join(directory, 'src/server/main.ts'),
      `console.log('with ' + process.env['ISSUER_URL'] + ' ' + process.env['PORT'])`,
    )
    const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { scripts: { dev: string } }
    const [build, start = ''] = scripts.dev.split(' && ')
    expect(build).toBe('node scripts/build.mjs')
    const shell = spawn('sh', ['-c', start], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        HOME: process.env['HOME'],
        PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH']}`,
        PORT: '4200',
      },
    })
    undo.push(() => Promise.resolve(shell.kill('SIGKILL')))
    const [line] = (await once(createInterface({ input: shell.stdout }), 'line')) as [string]
    expect(line).toBe('with https://of.the.file 4200')
    expect(await readFile(join(ROOT, 'scripts/start.mjs'), 'utf8')).toContain("import('./load-environment.mjs')")
  })
})

describe('npm start', () => {
  beforeAll(() => compileServer())

  it('passes SIGTERM on: the server finishes, and nothing is left', async () => {
    const settings = await place()
    const port = await freePort()
    const npm = spawn('npm', ['start'], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        HOST: '127.0.0.1',
        PORT: String(port),
        DATABASE_URL: settings.databaseUrl,
        CERBERUS_DATA_DIR: settings.dataDirectory,
        LOG_LEVEL: 'info',
      },
    })
    const written: string[] = []
    npm.stdout.setEncoding('utf8').on('data', (text: string) => written.push(text))
    const closed = once(npm, 'close')
    await until(async () => (await statusOf(`http://127.0.0.1:${port}/health/ready`)) === 200)
    const processes = await descendantsOf(npm.pid ?? 0)
    undo.push(async () => {
      for (const pid of processes) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    })
    npm.kill('SIGTERM')
    await closed
    await until(() => processes.every((pid) => !isAlive(pid)))
    const lines = written
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.at(-1)).toContain('shutdown')
    const times = lines.map((line) => (JSON.parse(line) as { time: unknown }).time)
    expect(times.filter((time) => !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(time)))).toEqual([])
    expect(written.join('')).toContain('shutdown started')
  })
})

async function descendantsOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid)
  const further = await Promise.all(children.map(descendantsOf))
  return [...children, ...further.flat()]
}
