import { spawn } from 'node:child_process'
import { mkdir, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { exists, query, until, useDataDirectory } from '../support/embedded.ts'

const asRoot = process.getuid?.() === 0
const server = useDataDirectory()

describe('a first start', () => {
  it('makes a durable cluster that sorts by code point and listens on no network', async () => {
    const { connection } = await server.start()
    const [found] = await query(
      connection,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
         current_setting('full_page_writes') AS full_page_writes, current_setting('listen_addresses') AS addresses,
         pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datlocale AS locale,
         array(SELECT letter FROM unnest(ARRAY['b', 'Z', 'a', 'é']) AS letter ORDER BY letter) AS sorted
       FROM pg_database WHERE datname = current_database()`,
    )
    expect(found).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      addresses: '',
      encoding: 'UTF8',
      provider: 'b',
      locale: 'C.UTF-8',
      sorted: ['Z', 'a', 'b', 'é'],
    })
  })

  it('rejects connections without the password, and hides it from other users', async () => {
    const { connection } = await server.start()
    const intruder = new Client({ ...connection, password: 'guess' })
    await expect(intruder.connect()).rejects.toMatchObject({ code: '28P01' })
    const directory = join(server.path(), 'postgres')
    const modes = [directory, join(directory, 'superuser-password'), connection.host].map(
      async (path) => (await stat(path)).mode & 0o777,
    )
    expect(await Promise.all(modes)).toEqual([0o700, 0o600, 0o700])
  })

  it('is done again when the one before was killed in the middle', async () => {
    const unfinished = async () => {
      const names = await readdir(server.path()).catch(() => [])
      return names.filter((name) => name.startsWith('postgres.unfinished-'))
    }
    const child = server.spawn()
    const cluster = async () => join(server.path(), (await unfinished())[0] ?? '', 'cluster')
    await until(async () => exists(await cluster()))
    // Stopped, it cannot finish before it is killed, however far initdb gets.
    process.kill(child.pid, 'SIGSTOP')
    await until(async () => exists(join(await cluster(), 'PG_VERSION')))
    await child.kill('SIGKILL')
    expect(await exists(join(server.path(), 'postgres'))).toBe(false)

    const { connection } = await server.start()
    expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await unfinished()).toEqual([])
  })

  it('by two processes at once gives both the same cluster', async () => {
    const [one, other] = [server.spawn('join'), server.spawn('join')]
    const [first, second] = await Promise.all([one.said('ready'), other.said('ready')])
    expect(first).toEqual(second)
    expect((await readdir(server.path())).filter((name) => name !== 'postgres')).toEqual([])
  })

  it('leaves a directory alone that is not its own', async () => {
    await mkdir(join(server.path(), 'postgres'), { recursive: true })
    await writeFile(join(server.path(), 'postgres', 'PG_VERSION'), '18\n')
    await expect(server.start()).rejects.toThrow(/postgres is in the way: it is not a database of this server/)
    expect(await readdir(join(server.path(), 'postgres'))).toEqual(['PG_VERSION'])
  })
})

describe('a later start', () => {
  it('finds what was written before', async () => {
    const first = await server.start()
    await query(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    expect(await exists(first.connection.host)).toBe(false)

    const second = await server.start()
    expect(await query(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
  })

  it('is not kept out by a lock file whose number another process has been given', async () => {
    await (await server.start()).stop()
    const cluster = await realpath(join(server.path(), 'postgres'))
    // Under the account that runs PostgreSQL, which takes a process that it may not signal for gone.
    const { uid, gid } = await stat(cluster)
    const stranger = spawn('sleep', ['600'], { uid, gid, cwd: '/', stdio: 'ignore' })
    try {
      const lock = `${stranger.pid}\n${cluster}\n1700000000\n5432\n/tmp\n\n 1 1\nready   \n`
      await writeFile(join(cluster, 'postmaster.pid'), lock)
      const { connection } = await server.start()
      expect(await query(connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    } finally {
      stranger.kill()
    }
  })
})

describe('a second process on the same directory', () => {
  it('reports in one line that the database is in use', async () => {
    const child = server.spawn()
    await child.said('ready')
    const message = await server.start().catch((error: Error) => error.message)
    expect(message).toMatch(/^The database in .* is in use by another running server .* set DATABASE_URL .*$/)
  })

  it('joins the running one if it asks to, and does not stop it', async () => {
    const child = server.spawn()
    const connection = await child.said('ready')
    const joined = await server.start({ join: true })
    expect(joined.connection).toEqual(connection)
    await joined.stop()
    const before = child.rows.length
    await until(() => child.rows.length > before)
    expect(await query(joined.connection, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

describe('a data directory that only its owner can reach', () => {
  it('holds the cluster, or for root a link to where an unprivileged account keeps it', async () => {
    await server.replace(0o700)
    const first = await server.start()
    await query(first.connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const place = join(server.path(), 'postgres')
    const home = await realpath(place)
    try {
      const { uid, mode } = await stat(home)
      const elsewhere = { home: expect.stringMatching(/^\/var\/lib\/cerberus\/[a-z0-9]{12}$/), runByRoot: false }
      const inside = { home: join(await realpath(server.path()), 'postgres'), runByRoot: false }
      expect({ home, runByRoot: uid === 0 }).toEqual(asRoot ? elsewhere : inside)
      expect(mode & 0o777).toBe(0o700)
      await first.stop()
      const second = await server.start()
      expect(await query(second.connection, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }])
      await second.stop()
    } finally {
      await first.stop()
      if (asRoot) await rm(home, { recursive: true, force: true })
    }
  })
})
