import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, Server, Socket, type AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createConnectionsPerAddress } from '../../../src/http/overload/connections-per-address.ts'
import { createSlowReaderGuard, type SlowReaderLimits } from '../../../src/http/overload/slow-readers.ts'
import { createTestApp, type TestApp } from '../../support/app.ts'
import { eventually } from '../../support/eventually.ts'

const MAX_CONNECTIONS = 20
/** As many as one connection may pipeline. */
const MANY = 16
const DOCUMENT = 'GET /openapi.json HTTP/1.1\r\nHost: auth.example.com\r\n\r\n'
const HEALTH = 'GET /health HTTP/1.1\r\nHost: auth.example.com\r\n\r\n'

let test: TestApp
let proxied: TestApp
let port: number
let started = 0
const sockets = new Set<Socket>()

beforeAll(async () => {
  const connectionsPerAddress = MAX_CONNECTIONS
  test = await createTestApp({
    connectionsPerAddress,
    beforeReady: (app) =>
      app.addHook('onRequest', (_request, _reply, done) => {
        started += 1
        done()
      }),
  })
  proxied = await createTestApp({ connectionsPerAddress, mtls: { trustedProxies: ['127.0.0.0/8'] } })
  port = Number(new URL(await test.app.listen({ port: 0, host: '127.0.0.1' })).port)
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
})
afterAll(() => Promise.all([test.close(), proxied.close()]))

/** A connection, from one address of loopback. Whether the server closed it is `closed`. */
async function open(from = '127.0.0.1', at = port) {
  const socket = connect({ port: at, host: '127.0.0.1', localAddress: from })
  sockets.add(socket)
  const state = { socket, closed: false, received: '' }
  socket.on('error', () => {})
  socket.on('close', () => (state.closed = true))
  await once(socket, 'connect')
  return state
}
const read = (state: Awaited<ReturnType<typeof open>>) => {
  state.socket.setEncoding('latin1')
  state.socket.on('data', (text: string) => (state.received += text))
}
const answersIn = (text: string) => text.split('HTTP/1.1 200').length - 1

describe('RFC 9112 §9.3.2: requests that a connection pipelines', () => {
  it('are answered in their order', async () => {
    const connection = await open()
    read(connection)
    connection.socket.write(HEALTH + DOCUMENT + HEALTH.replace('/health', '/nothing') + HEALTH)
    const text = await eventually(
      () => connection.received,
      (received) => answersIn(received) === 3 && received.endsWith('}'),
    )
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200', '404', '200'])
  })

  it('are started one after another, when the response to the one before is sent', async () => {
    const before = started
    const connection = await open()
    connection.socket.pause()
    // More than the buffers at both ends of the connection hold.
    connection.socket.write(DOCUMENT.repeat(MANY))
    await eventually(
      () => started - before,
      (count) => count > 0,
    )
    // Others are served meanwhile.
    const other = await open()
    read(other)
    for (let sent = 1; sent <= MANY; sent += 1) {
      other.socket.write(HEALTH)
      await eventually(
        () => answersIn(other.received),
        (count) => count === sent,
      )
    }
    expect(started - before - MANY).toBeLessThan(MANY)
    read(connection)
    connection.socket.resume()
    await eventually(
      () => started - before,
      (count) => count === 2 * MANY,
    )
  })

  it('are few: a connection that sends many at once is closed', async () => {
    const connection = await open()
    connection.socket.pause()
    connection.socket.write(DOCUMENT.repeat(100))
    connection.socket.resume()
    expect(
      await eventually(
        () => connection.closed,
        (closed) => closed,
      ),
    ).toBe(true)
  })
})

/** More than the system buffers at both ends of a connection. */
const LARGE = 16 * 1024 * 1024

describe('a response that its client does not take', () => {
  const closing: (() => void)[] = []
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  /** A server of large responses, and the local ports of the connections that it has closed. */
  async function serveLarge(limits: Partial<SlowReaderLimits>) {
    const guard = createSlowReaderGuard({ progressCheckIntervalMs: 3_600_000, maxUnsentBytes: 100 * LARGE, ...limits })
    const body = Buffer.alloc(LARGE)
    let answered = 0
    const server = createServer(
      guard((_request, response) => {
        response.end(body)
        answered += 1
      }),
    )
    const closed: (number | undefined)[] = []
    server.on('connection', (socket: Socket) => {
      const { remotePort } = socket
      socket.on('close', () => closed.push(remotePort))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    closing.push(() => server.close().closeAllConnections())
    const at = (server.address() as AddressInfo).port
    return {
      closed,
      /** A connection that has asked for a large response, and reads nothing yet. */
      async ask() {
        const { socket } = await open('127.0.0.1', at)
        socket.pause()
        const before = answered
        socket.write(DOCUMENT)
        await eventually(
          () => answered,
          (count) => count > before,
        )
        return socket
      },
    }
  }

  it('closes the connection when it takes no byte between three checks, and not while it takes some', async () => {
    const { ask, closed } = await serveLarge({ progressCheckIntervalMs: 250 })
    const slow = await ask()
    const silent = await ask()
    let pauses = 0
    slow.resume()
    slow.on('data', () => {
      // The system asks for more bytes when a good part of its buffer is free.
      if (slow.bytesRead < (pauses + 1) * 2 * 1024 * 1024) return
      pauses += 1
      slow.pause()
      setTimeout(() => slow.resume(), 150)
    })
    expect(
      await eventually(
        () => closed,
        ({ length }) => length > 0,
      ),
    ).toEqual([silent.localPort])
    await eventually(
      () => slow.bytesRead,
      (bytes) => bytes > LARGE,
    )
    expect(closed).toEqual([silent.localPort])
  })

  it('counts with all others: beyond the total, the connection that waits longest is closed', async () => {
    const { ask, closed } = await serveLarge({ maxUnsentBytes: 2.5 * LARGE })
    const first = await ask()
    const second = await ask()
    expect(closed).toEqual([])
    const third = await ask()
    expect(
      await eventually(
        () => closed,
        ({ length }) => length > 0,
      ),
    ).toEqual([first.localPort])
    // What is taken no longer counts.
    second.resume()
    await eventually(
      () => second.bytesRead,
      (bytes) => bytes > LARGE,
    )
    await ask()
    third.resume()
    await eventually(
      () => third.bytesRead,
      (bytes) => bytes > LARGE,
    )
    expect(closed).toEqual([first.localPort])
  })
})

describe('connections of one address', () => {
  it('are limited; those of other addresses are not, and closed ones do not count', async () => {
    const mine = await Promise.all(Array.from({ length: MAX_CONNECTIONS + 5 }, () => open()))
    const rejected = await eventually(
      () => mine.filter(({ closed }) => closed).length,
      (count) => count >= 5,
    )
    expect(rejected).toBe(5)
    const other = await open('127.0.0.2')
    read(other)
    other.socket.write(HEALTH)
    await eventually(
      () => answersIn(other.received),
      (count) => count === 1,
    )
    for (const { socket } of mine) socket.destroy()
    await eventually(
      async () => {
        const again = await open()
        read(again)
        again.socket.write(HEALTH)
        await Promise.race([once(again.socket, 'data'), once(again.socket, 'close')])
        return again.closed
      },
      (closed) => !closed,
    )
  })

  it('are those of a /64 together for IPv6, and of an IPv4 address in any form', () => {
    const listener = new Server()
    createConnectionsPerAddress({ max: 2, trustedProxies: [] })(listener)
    const isRejected = (remoteAddress: string) => {
      const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
      listener.emit('connection', socket)
      return socket.destroyed
    }
    const peers = ['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1', '192.0.2.1', '::ffff:192.0.2.1']
    expect([...peers, '192.0.2.1'].map(isRejected)).toEqual([false, false, true, false, false, false, true])
  })

  it('are not limited for a trusted proxy', async () => {
    const at = Number(new URL(await proxied.app.listen({ port: 0, host: '127.0.0.1' })).port)
    const connections = await Promise.all(Array.from({ length: MAX_CONNECTIONS + 5 }, () => open('127.0.0.1', at)))
    for (const connection of connections) {
      read(connection)
      connection.socket.write(HEALTH)
    }
    const served = await eventually(
      () => connections.filter(({ received }) => answersIn(received) === 1).length,
      (count) => count === connections.length,
    )
    expect(served).toBe(MAX_CONNECTIONS + 5)
  })
})
