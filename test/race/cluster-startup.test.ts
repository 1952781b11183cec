import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { childrenOf, makeDataDirectory, postmasterOf, until } from '../support/embedded.ts'
import { createSeededDatabase } from '../support/cluster.ts'
import { MASTER_KEY } from '../support/seed.ts'
import { makeServerDirectory, spawnServer, startServer, type ServerProcess } from '../support/server-processes.ts'
import { isAlive } from '../../src/storage/embedded/process-table.ts'
import { RACE_TIMEOUT_MS } from './race-report.ts'
import { buildMutatedServer } from './mutated-server.ts'

const linesOf = (server: ServerProcess, words: string) =>
  server
    .output()
    .split('\n')
    .filter((line) => line.includes(words))

describe('a start with WORKERS', () => {
  const undo: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const step of undo.splice(0).toReversed()) await step()
  })

  async function settings(workers: string, more: Record<string, string> = {}) {
    const database = await createSeededDatabase()
    const directory = await makeServerDirectory()
    undo.push(database.drop, directory.remove)
    return {
      databaseUrl: database.connectionString,
      dataDirectory: directory.path,
      environment: { WORKERS: workers, SECRET_ENCRYPTION_KEY: MASTER_KEY.toString('base64'), ...more },
    }
  }
  /** A port on which another program listens. */
  async function takePort(): Promise<number> {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    undo.push(() => new Promise((resolve) => other.close(resolve)))
    return (other.address() as AddressInfo).port
  }
  function toBeKilled(server: ServerProcess): ServerProcess {
    undo.push(() => server.kill('SIGKILL'))
    return server
  }

  it.each(['1', '2'])('WORKERS=%s says once that the port is taken, and exits with 1', async (workers) => {
    const port = await takePort()
    const server = toBeKilled(await spawnServer({ ...(await settings(workers)), port }))
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.output().trim()).toBe(`Cannot listen on 127.0.0.1, port ${port}: the port is in use.`)
  })

  it('says once that the port of the metrics is taken', async () => {
    const port = await takePort()
    const server = toBeKilled(await spawnServer(await settings('2', { METRICS_PORT: String(port) })))
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(linesOf(server, `port ${port}: the port is in use`)).toHaveLength(1)
  })

  it.each(['1', '2'])('WORKERS=%s tells a wrong configuration once', async (workers) => {
    const server = toBeKilled(await spawnServer(await settings(workers, { RATE_MAX: 'many' })))
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(linesOf(server, 'RATE_MAX')).toHaveLength(1)
  })

  it(
    'announces itself once, when all of them serve',
    async () => {
      const server = toBeKilled(await startServer(await settings('2')))
      await until(() => server.output().includes('Cerberus is listening'))
      expect(linesOf(server, 'Cerberus is listening')).toHaveLength(1)
      expect(await childrenOf(server.pid)).toHaveLength(2)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'gives up when the workers never come to serve',
    async () => {
      const mutant = await buildMutatedServer([
        {
          file: 'server/cluster/cluster-worker.js',
          edits: [['const [, , socketDirectory', 'process.exit(7);\nconst [, , socketDirectory']],
        },
      ])
      undo.push(mutant.remove)
      const server = toBeKilled(await spawnServer({ ...(await settings('2')), program: mutant.program }))
      expect(await server.ended).toEqual({ code: 1, signal: null })
      expect(linesOf(server, 'exited before they were ready')).toHaveLength(1)
      expect(linesOf(server, '"code":7,')[0]).toMatch(/worker exited, restarting/)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'has workers that end with a primary that is killed, and so does its PostgreSQL',
    async () => {
      const data = await makeDataDirectory()
      undo.push(data.remove)
      const server = toBeKilled(await startServer({ dataDirectory: data.path, environment: { WORKERS: '2' } }))
      const postmaster = await postmasterOf(data.path)
      // Two workers, and what watches over PostgreSQL.
      const children = await childrenOf(server.pid)
      expect(children).toHaveLength(3)
      await server.kill('SIGKILL')
      await until(() => ![postmaster, ...children].some(isAlive))
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'is cut off by a second signal',
    async () => {
      const common = await settings('2', { SHUTDOWN_DELAY_SEC: '600', LOG_LEVEL: 'info' })
      const server = toBeKilled(await startServer(common))
      const children = await childrenOf(server.pid)
      process.kill(server.pid, 'SIGTERM')
      await until(() => linesOf(server, '"shutdown started"').length > 0)
      process.kill(server.pid, 'SIGTERM')
      expect(await server.ended).toEqual({ code: 1, signal: null })
      await until(() => !children.some(isAlive))
    },
    RACE_TIMEOUT_MS,
  )
})
