// What journeys stand on: the server on a port of this machine, applications on ports of their own, a clock that runs.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createPasswords } from '../../src/authentication/factors/password/passwords.ts'
import { uuidv7 } from '../../src/lib/crypto/random.ts'
import { createTestApp, OWNER, type TestApp, type TestAppOptions } from './app.ts'
import type { TestClock } from './clock.ts'
import { freePort } from './server-processes.ts'
import { cheapHashing } from './seed.ts'

/** Something that listens. */
export interface LoopbackServer {
  port: number
  close(): Promise<void>
}

/** Listens on a free port of the loopback interface, reachable as `localhost` and as `127.0.0.1`. */
export async function listenOnLoopback(handler: RequestListener): Promise<LoopbackServer> {
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
  /** Adds a user to the owner's organisation, without permissions. Returns the sign-in data. */
  addPerson(email: string): Promise<{ email: string; password: string }>
}

/**
 * The server on a real socket, its issuer being its address. The owner has a name, Ada Lovelace. `close` ends the
 * connections that browsers keep open.
 */
export async function startJourneyServer(options: TestAppOptions = {}): Promise<JourneyServer> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const test = await createTestApp({ issuer, clock: createRunningClock(), ...options })
  await test.app.listen({ port, host: '127.0.0.1' })
  const named = await test.app.inject({
    method: 'PATCH',
    url: '/v1/me/profile',
    headers: { cookie: await test.signIn(OWNER) },
    payload: { firstName: 'Ada', lastName: 'Lovelace' },
  })
  if (named.statusCode !== 200) throw new Error(`Naming the owner answered ${named.statusCode}: ${named.body}`)
  return {
    ...test,
    issuer,
    async addPerson(email) {
      const { prisma } = test.database
      const { id: organisationId } = await prisma.organisation.findFirstOrThrow()
      const password = 'a password of theirs'
      const passwordHash = await createPasswords(1, cheapHashing).hash(password)
      const [createdAt, updatedAt] = [test.clock.now(), test.clock.now()]
      await prisma.user.create({
        data: { id: uuidv7(createdAt), organisationId, email, emailKey: email, passwordHash, createdAt, updatedAt },
      })
      return { email, password }
    },
    async close() {
      test.app.server.closeAllConnections()
      await test.close()
    },
  }
}
