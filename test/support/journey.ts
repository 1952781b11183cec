// What journeys stand on: the server on a port of this machine, applications on ports of their own, a clock that runs.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestApp, OWNER, type TestApp } from './app.ts'
import type { TestClock } from './clock.ts'

/** Something that listens. */
export interface Listening {
  port: number
  close(): Promise<void>
}

/** Listens on a free port of the loopback interface, reachable as `localhost` and as `127.0.0.1`. */
export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A clock that runs like any other and can be put forward. */
function createRunningClock(): TestClock {
  let ahead = 0
  return {
    now: () => new Date(Date.now() + ahead),
    advance(seconds) {
      ahead += seconds * 1000
    },
  }
}

export interface JourneyServer extends TestApp {
  issuer: string
}

/**
 * The server on a real socket, its issuer being its address. The owner has a name, Ada Lovelace. `close` ends the
 * connections that browsers keep open.
 */
export async function startJourneyServer(): Promise<JourneyServer> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const test = await createTestApp({ issuer, clock: createRunningClock() })
  await test.app.listen({ port, host: '127.0.0.1' })
  const named = await test.app.inject({
    method: 'PATCH',
    url: '/v1/me/profile',
    headers: { cookie: await test.signIn(OWNER) },
    payload: { givenName: 'Ada', familyName: 'Lovelace' },
  })
  if (named.statusCode !== 200) throw new Error(`Naming the owner answered ${named.statusCode}: ${named.body}`)
  return {
    ...test,
    issuer,
    async close() {
      test.app.server.closeAllConnections()
      await test.close()
    },
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const { port, close } = await listen(() => undefined)
  await close()
  return port
}
