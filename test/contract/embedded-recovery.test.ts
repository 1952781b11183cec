import { describe, expect, it } from 'vitest'
import { findProcess } from '../../src/storage/embedded/process-table.ts'
import { childrenOf, lostRows, postmasterOf, query, until, useDataDirectory } from '../support/embedded.ts'

const server = useDataDirectory()

/** Resolves when the process has begun to write and is in the middle of it. */
async function writing(child: ReturnType<typeof server.spawn>): Promise<void> {
  await child.said('ready')
  const before = child.rows.length
  await until(() => child.rows.length > before + 50)
}

describe('a server killed with SIGKILL', () => {
  it('takes PostgreSQL down with it, and the next one has every acknowledged row', async () => {
    const child = server.spawn()
    await writing(child)
    const postmaster = await postmasterOf(server.path())
    await child.kill('SIGKILL')
    await until(async () => (await findProcess(postmaster)) === undefined)

    const { connection } = await server.start()
    expect(await lostRows(connection, child.rows)).toEqual([])
  })

  it('may be followed by the next one at once', async () => {
    const child = server.spawn()
    await writing(child)
    await child.kill('SIGKILL')
    const { connection } = await server.start()
    expect(await lostRows(connection, child.rows)).toEqual([])
  })

  it('together with the supervisor, leaves a PostgreSQL that the next one shuts down and replaces', async () => {
    const child = server.spawn()
    await writing(child)
    const orphan = await postmasterOf(server.path())
    const supervisor = (await findProcess(orphan))?.parent ?? 0
    // A stopped server cannot put a new supervisor in the place of the one it loses.
    process.kill(child.pid, 'SIGSTOP')
    const watchers = (await childrenOf(supervisor)).filter((pid) => pid !== orphan)
    for (const pid of [...watchers, supervisor]) process.kill(pid, 'SIGKILL')
    await until(async () => (await findProcess(supervisor)) === undefined)
    await child.kill('SIGKILL')
    expect(await findProcess(orphan)).toBeDefined()

    const log: string[] = []
    const { connection } = await server.start({ log })
    expect(log).toContainEqual(expect.stringContaining(`process ${orphan}) was left behind`))
    expect(await findProcess(orphan)).toBeUndefined()
    expect(await lostRows(connection, child.rows)).toEqual([])
  })
})

describe('PostgreSQL itself', () => {
  it('killed with SIGKILL, is started again behind the same socket with every acknowledged row', async () => {
    const log: string[] = []
    const { connection } = await server.start({ log })
    await query(connection, 'CREATE TABLE kept AS SELECT 42 AS answer')
    const postmaster = await postmasterOf(server.path())
    process.kill(postmaster, 'SIGKILL')
    const answers = () => query(connection, 'SELECT answer FROM kept').catch(() => [])
    await until(async () => (await findProcess(postmaster)) === undefined && (await answers()).length > 0)
    expect(await answers()).toEqual([{ answer: 42 }])
    expect(log).toContain('PostgreSQL ended unexpectedly; starting it again')
  })

  it('outlives a Ctrl-C in the terminal for as long as the server drains', async () => {
    const child = server.spawn()
    await writing(child)
    const postmaster = await postmasterOf(server.path())
    process.kill(-child.pid, 'SIGINT')
    expect(await child.said('drained')).toBe(true)
    expect(await child.exited).toBe(0)
    expect(await findProcess(postmaster)).toBeUndefined()

    const { connection } = await server.start()
    expect(await lostRows(connection, child.rows)).toEqual([])
  })
})
