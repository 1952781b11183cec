import { Agent } from 'node:http'
import { availableParallelism } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findProcess, isAlive } from '../../src/storage/embedded/process-table.ts'
import { childrenOf } from '../support/embedded.ts'
import { eventually } from '../support/eventually.ts'
import { OWNER } from '../support/server-processes.ts'
import { startServerGroup, type ServerGroup, type RaceClient } from './server-group.ts'
import { RACE_TIMEOUT_MS, repeat } from './race-report.ts'
import { stringMember, send } from './http-client.ts'

describe('passwords are hashed in a process of their own', () => {
  let bench: ServerGroup
  let client: RaceClient
  beforeAll(async () => {
    bench = await startServerGroup({ processes: 1 })
    client = await bench.registerClient()
  }, RACE_TIMEOUT_MS)
  afterAll(() => bench?.close())

  async function findHasher(): Promise<number | undefined> {
    for (const pid of await childrenOf(bench.serverAt(0).pid)) {
      if ((await findProcess(pid))?.command.includes('hash-worker-program')) return pid
    }
    return undefined
  }
  const hasher = async () => Number(await eventually(findHasher, (pid) => pid !== undefined))
  const signIn = (agent?: Agent) => send(bench.at(0, '/v1/auth/login'), { json: OWNER, ...(agent && { agent }) })
  const signIns = async () => {
    const [row] = await bench.query<{ count: number }>('SELECT count(*)::int AS count FROM sessions')
    return row?.count ?? 0
  }

  it(
    'which tokens do not wait for',
    async () => {
      const pid = await hasher()
      process.kill(pid, 'SIGSTOP')
      let answered = 0
      const waiting = repeat(6).map(() => signIn().finally(() => (answered += 1)))
      const tokens = await bench.tokens(client, 20)
      for (const token of tokens) {
        expect((await bench.refresh(0, client, stringMember(token, 'refresh_token'))).status).toBe(200)
      }
      expect(answered).toBe(0)
      process.kill(pid, 'SIGCONT')
      expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(repeat(6).map(() => 200))
      expect(await hasher()).toBe(pid)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'and which is replaced when it dies: its hashes fail as something to be tried again',
    async () => {
      const before = await hasher()
      const lost = await eventually(
        async () => {
          const pid = await hasher()
          process.kill(pid, 'SIGSTOP')
          const answer = signIn()
          // By then, or by another time, it has been asked.
          await bench.tokens(client, 1)
          process.kill(pid, 'SIGKILL')
          return answer
        },
        ({ status }) => status !== 200,
      )
      expect(lost.status).toBe(503)
      expect(lost.headers['retry-after']).toBeDefined()
      expect((await signIn()).status).toBe(200)
      expect(await hasher()).not.toBe(before)
      expect(bench.output()).toContain('password hash worker exited')
      expect(bench.output()).not.toContain(OWNER.password)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'and no password is hashed for a disconnected client',
    async () => {
      const pid = await hasher()
      process.kill(pid, 'SIGSTOP')
      const before = await signIns()
      const leaving = new Agent({ keepAlive: true })
      const gone = repeat(availableParallelism() + 10).map(() => signIn(leaving))
      const staying = signIn()
      await bench.tokens(client, 1)
      leaving.destroy()
      expect(new Set((await Promise.all(gone)).map(({ status }) => status))).toEqual(new Set([0]))
      process.kill(pid, 'SIGCONT')
      expect((await staying).status).toBe(200)
      // Some may have had their turn: as many as are hashed at once.
      expect(await signIns()).toBeLessThan(before + availableParallelism() + 1)
    },
    RACE_TIMEOUT_MS,
  )

  it(
    'and which ends with the server, however that ends',
    async () => {
      await signIn()
      const pid = await hasher()
      await bench.serverAt(0).kill('SIGKILL')
      expect(
        await eventually(
          () => isAlive(pid),
          (alive) => !alive,
        ),
      ).toBe(false)
    },
    RACE_TIMEOUT_MS,
  )
})
