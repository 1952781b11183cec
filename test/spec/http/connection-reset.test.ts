import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTestApp } from '../../support/app.ts'

describe('a client that resets its connection before it is heard', () => {
  it('is counted by the address that it connected from, or not served', async () => {
    const test = await createTestApp({ flushIntervalMs: 1 })
    const { port } = new URL(await test.app.listen({ port: 0, host: '127.0.0.1' }))
    const heard: string[] = []
    test.app.server.on('request', ({ url }) => heard.push(url ?? ''))
    for (const path of ['/oauth2/authorize', '/v1/me/profile', '/auth/account']) {
      const socket = connect({ port: Number(port), host: '127.0.0.1' })
      await Promise.all([once(socket, 'connect'), once(test.app.server, 'connection')])
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
      // Both are there before the server sees either.
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      socket.resetAndDestroy()
    }
    // Connections are taken in their order.
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
    expect(heard).toContain('/v1/me/profile')
    // Settles what the general limit has counted, which nothing could be that has no address.
    await expect(test.close()).resolves.toBeUndefined()
    const served = test.logs.filter((line) => line.includes('/v1/me/profile'))
    expect(served.map((line) => (JSON.parse(line) as { ip: string }).ip)).toEqual(served.map(() => '127.0.0.1'))
  })
})
