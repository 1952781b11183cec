import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A proxy in front of PostgreSQL that can answer statements in its place. */
export interface DatabaseProxy {
  connectionString: string
  /** Answers every statement but BEGIN, COMMIT and ROLLBACK with this SQLSTATE. A severity of FATAL closes the connection. */
  refuse(sqlState: string | undefined): void
  /** Answers no statement at all, as a network that loses every packet does; or none of connections with this name. */
  swallow(swallowing: boolean, applicationName?: string): void
  close(): Promise<void>
}

/** The states with which PostgreSQL closes the connection. */
const FATAL_STATES = /^(57P0|57P05|25P03|25P04|08)/
const TRANSACTION_CONTROL = /^\s*(BEGIN|COMMIT|ROLLBACK)/i
const SYNC = 'S'

/** Speaks just enough of the protocol of PostgreSQL (its documentation §55.2) to know where a statement ends. */
export async function startDatabaseProxy(connectionString: string): Promise<DatabaseProxy> {
  const target = new URL(connectionString)
  const socketDirectory = target.searchParams.get('host')
  const path = socketDirectory === null ? undefined : `${socketDirectory}/.s.PGSQL.${target.port || 5432}`
  let refused: string | undefined
  let isSwallowed: (applicationName: string) => boolean = () => false
  const sockets = new Set<Socket>()

  const server = createServer((client) => {
    const upstream =
      path === undefined ? connect({ host: target.hostname, port: Number(target.port) }) : connect({ path })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    upstream.pipe(client)
    let started = false
    let name = ''
    let failing = false
    let unread = Buffer.alloc(0)
    client.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk])
      for (;;) {
        const header = started ? 1 : 0
        if (unread.length < header + 4) return
        const length = header + unread.readUInt32BE(header)
        if (unread.length < length) return
        const message = unread.subarray(0, length)
        unread = unread.subarray(length)
        handle(message)
        started = true
      }
    })

    function handle(message: Buffer): void {
      const type = started ? String.fromCharCode(message[0] ?? 0) : ''
      const isStatement =
        (type === 'Q' && !TRANSACTION_CONTROL.test(message.toString('latin1', 5))) || /[PBE]/.test(type)
      if (!started) name = /\0application_name\0([^\0]*)\0/.exec(message.toString('latin1'))?.[1] ?? ''
      if (isSwallowed(name) && started) return
      if (refused === undefined && !failing) return void upstream.write(message)
      if (failing) {
        // After an error everything up to Sync is ignored.
        if (type !== SYNC) return
        failing = false
        return void client.write(readyForQuery)
      }
      if (!isStatement) return void upstream.write(message)
      const state = refused ?? ''
      const isFatal = FATAL_STATES.test(state)
      client.write(errorResponse(isFatal ? 'FATAL' : 'ERROR', state))
      if (isFatal) {
        upstream.write(terminate)
        client.end()
      } else if (type === 'Q') client.write(readyForQuery)
      else failing = true
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxied = new URL(connectionString)
  proxied.searchParams.delete('host')
  proxied.hostname = '127.0.0.1'
  proxied.port = String((server.address() as AddressInfo).port)
  return {
    connectionString: proxied.href,
    refuse(sqlState) {
      refused = sqlState
    },
    swallow(swallowing, applicationName) {
      isSwallowed = (name) => swallowing && (applicationName === undefined || name === applicationName)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const terminate = Buffer.from([0x58, 0, 0, 0, 4])
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

function errorResponse(severity: string, sqlState: string): Buffer {
  const fields = [`S${severity}`, `V${severity}`, `C${sqlState}`, 'Mrefused by the test'].map((field) => `${field}\0`)
  const body = Buffer.from(`${fields.join('')}\0`)
  const header = Buffer.alloc(5)
  header.write('E')
  header.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([header, body])
}
