import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/embedded.ts'
import { statusOf } from '../support/server-processes.ts'
import { RACE_TIMEOUT_MS, printFigures } from './race-report.ts'
import { startServerGroup, type ServerGroup } from './server-group.ts'

const CONNECTIONS = 400
const DOCUMENT = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
/** What one connection may pipeline. */
const PIPELINED = 16
/** A fifteenth of what the responses would take if each had its own copy. */
const MAX_GROWTH_MB = 150

describe('clients that ask for large documents and do not read', () => {
  let group: ServerGroup
  const sockets: Socket[] = []

  beforeAll(async () => {
    group = await startServerGroup({ processes: 1 })
  }, RACE_TIMEOUT_MS)
  afterAll(async () => {
    for (const socket of sockets) socket.destroy()
    await group?.close()
  })

  it(
    'do not fill the memory, do not keep others from being served, and are disconnected',
    async () => {
      const [server] = group.servers
      if (!server) throw new Error('There is no server.')
      const residentMegabytes = async () =>
        Number(/^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024
      await statusOf(group.at(0, '/openapi.json'))
      const before = await residentMegabytes()
      const descriptors = async () => (await readdir(`/proc/${server.pid}/fd`)).length
      const descriptorsBefore = await descriptors()
      for (let count = 0; count < CONNECTIONS; count += 1) {
        const socket = connect({ host: '127.0.0.1', port: server.port })
        socket.on('error', () => {})
        sockets.push(socket)
        await once(socket, 'connect')
        socket.pause()
        socket.write(DOCUMENT.repeat(PIPELINED))
      }
      let most = before
      for (let count = 0; count < 50; count += 1) {
        expect(await statusOf(group.at(0, '/.well-known/openid-configuration'))).toBe(200)
        most = Math.max(most, await residentMegabytes())
      }
      // Paused sockets do not notice that they were closed, so the server's descriptors are counted.
      await until(async () => (await descriptors()) < descriptorsBefore + CONNECTIONS / 10)
      most = Math.max(most, await residentMegabytes())
      printFigures('slow readers', { connections: CONNECTIONS, before: Math.round(before), most: Math.round(most) })
      expect(most - before).toBeLessThan(MAX_GROWTH_MB)
    },
    RACE_TIMEOUT_MS,
  )
})
