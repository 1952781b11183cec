import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { takeTurns } from '../../src/http/turns.ts'

const CONNECTIONS = 64

describe('turns', () => {
  it('let connections that wait go before the work of those that were taken', async () => {
    let taken = 0
    const takenBefore: number[] = []
    const server = createServer().listen(0, '127.0.0.1')
    const turns = takeTurns(server)
    server.on('connection', () => (taken += 1))
    server.on('request', (_, response) =>
      turns.begin(() => {
        takenBefore.push(taken)
        response.end()
      }),
    )
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const answers = Array.from({ length: CONNECTIONS }, async () => {
      const [response] = await once(request({ port, host: '127.0.0.1', agent: false }).end(), 'response')
      response.resume()
    })
    await Promise.all(answers)
    expect(takenBefore).toEqual(Array.from({ length: CONNECTIONS }, () => CONNECTIONS))
    expect(turns.waiting()).toBe(0)
    server.close()
  })
})
