import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { createSecondaryListener } from '../../src/http/server/secondary-listener.ts'
import { createServer as createAppServer } from '../../src/http/server/server.ts'

const ISSUER = 'http://localhost'
const FAMILIES = { main: '127.0.0.1', second: '127.0.0.2' }

function createApp(guard: (handle: RequestListener) => RequestListener = (handle) => handle) {
  const app = createAppServer({
    issuer: ISSUER,
    logger: pino({ level: 'silent' }),
    trustedProxies: [],
    https: false,
    guardRequests: (_server, handle) => guard(handle),
  })
  app.get('/', () => ({ served: true }))
  return app
}

describe('a listener at a second address', () => {
  it('serves the routes of the app, behind the same guard, and closes with the app', async () => {
    let guarded = 0
    const app = createApp((handle) => (request, response) => {
      guarded += 1
      handle(request, response)
    })
    const second = createSecondaryListener(app, { issuer: ISSUER, https: false })
    await app.listen({ host: FAMILIES.main, port: 0 })
    const { port } = app.server.address() as AddressInfo
    await second.listen({ host: FAMILIES.second, port })
    for (const host of Object.values(FAMILIES)) {
      const answer = await fetch(`http://${host}:${port}/`)
      expect([answer.status, await answer.json()]).toEqual([200, { served: true }])
    }
    expect(guarded).toBe(2)
    await app.close()
    for (const host of Object.values(FAMILIES))
      await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow('fetch failed')
  })

  it('rejects when the port is in use', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, FAMILIES.second, resolve))
    const { port } = other.address() as AddressInfo
    const app = createApp()
    const second = createSecondaryListener(app, { issuer: ISSUER, https: false })
    await app.ready()
    await expect(second.listen({ host: FAMILIES.second, port })).rejects.toThrow('EADDRINUSE')
    await app.close()
    other.close()
  })

  it('keeps the limits on connections of the main server', async () => {
    const app = createApp()
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections } = app.server
    expect({ headersTimeout, requestTimeout, keepAliveTimeout, timeout, maxConnections }).toEqual({
      headersTimeout: 15_000,
      requestTimeout: 20_000,
      keepAliveTimeout: 72_000,
      timeout: 60_000,
      maxConnections: 10_000,
    })
    await app.close()
  })
})
