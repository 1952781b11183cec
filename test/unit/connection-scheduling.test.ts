import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createConnectionScheduler } from '../../src/http/overload/connection-scheduler.ts'
import { eventually } from '../support/eventually.ts'

const MANY = 40

describe('turns', () => {
  it('let connections that wait go before most of the work of those that were taken', async () => {
    let taken = 0
    const takenBefore: number[] = []
    const server = createServer().listen(0, '127.0.0.1')
    const turns = createConnectionScheduler(server)
    server.on('connection', () => (taken += 1))
    server.on('request', (_, response) =>
      turns.schedule(() => {
        takenBefore.push(taken)
        response.end()
      }),
    )
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const open = () => Array.from({ length: MANY }, () => connect({ port, host: '127.0.0.1' }))
    const isHeard = (socket: Socket) => once(socket, 'data')

    const old = open()
    const ask = () => {
      for (const socket of old) socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      return Promise.all(old.map(isHeard))
    }
    await ask()
    expect(taken).toBe(MANY)
    takenBefore.length = 0
    const young = open()
    await once(server, 'connection')
    await ask()
    expect(takenBefore.length).toBe(MANY)
    // Two at a time while there are new ones: without turns, all would be begun before the third of them is taken.
    expect(takenBefore.at(-1)).toBeGreaterThanOrEqual(MANY + MANY / 2 - 2)
    expect(turns.queueLength()).toBe(0)

    await eventually(
      () => taken,
      (count) => count === 2 * MANY,
    )
    takenBefore.length = 0
    await ask()
    expect(takenBefore).toEqual(Array.from({ length: MANY }, () => 2 * MANY))
    for (const socket of [...old, ...young]) socket.destroy()
    server.close()
  })
})
