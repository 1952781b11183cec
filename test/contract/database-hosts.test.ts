// Several hosts in DATABASE_URL: a primary and a standby, which a failover makes the primary.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../src/config/config.ts'
import { connectDatabase } from '../../src/storage/db/database.ts'
import { openChangePoller } from '../../src/storage/db/change-poller.ts'
import { applyMigrations, MIGRATIONS_DIRECTORY } from '../../src/storage/db/migrate.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/storage/embedded/index.ts'
import { createTestApp } from '../support/app.ts'
import { makeAuthority, makeCertificate, SERVER_AUTH } from '../support/certificates.ts'
import { startDatabaseProxy } from '../support/database-proxy.ts'
import { makeDataDirectory, query } from '../support/embedded.ts'
import { eventually } from '../support/eventually.ts'
import { relyingParty } from '../support/relying-party.ts'

const UNUSED = '127.0.0.1:1'
const start = (dataDirectory: string) => startEmbeddedPostgres({ dataDirectory, log: () => undefined })
const copy = (from: string, to: string) => promisify(execFile)('cp', ['-a', from, to])

let directories: Awaited<ReturnType<typeof makeDataDirectory>>[] = []
let primary: EmbeddedPostgres
let standby: EmbeddedPostgres

const urlOf = ({ connection }: EmbeddedPostgres) => {
  const { host, user, password, database } = connection
  return `postgresql://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`
}
const migrate = (connectionString: string) =>
  applyMigrations({ connection: { connectionString }, directory: MIGRATIONS_DIRECTORY, log: () => undefined })

beforeAll(async () => {
  directories = [await makeDataDirectory(), await makeDataDirectory()]
  const [first = '', second = ''] = directories.map(({ path }) => path)
  primary = await start(first)
  await migrate(urlOf(primary))
  await (await createTestApp({ connectionString: urlOf(primary) })).close()
  await primary.stop()
  await copy(first, second)
  // A file of the account that runs PostgreSQL.
  await copy(join(second, 'postgres/PG_VERSION'), join(second, 'postgres/standby.signal'))
  primary = await start(first)
  standby = await start(second)
}, 60_000)
afterAll(async () => {
  await Promise.all([primary?.stop(), standby?.stop()])
  for (const directory of directories) await directory.remove()
})

/** The URL of the parts, as the server uses it. */
function databaseUrl(parts: { authority?: string; parameters?: Record<string, string> }): string {
  const { user, password, database } = primary.connection
  const parameters = new URLSearchParams(parts.parameters)
  const text = `postgresql://${user}:${password}@${parts.authority ?? ''}/${database}?${parameters.toString()}`
  return readConfig({ DATABASE_URL: text }).databaseUrl ?? ''
}

const sockets = (...servers: EmbeddedPostgres[]) => servers.map(({ connection }) => connection.host).join(',')

/** Where both pools, and the connection that polls for changes, lead. */
async function reached(url: string): Promise<string[]> {
  const database = connectDatabase({ connection: url, poolSize: 2, onError: () => {} })
  const state = `SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS state`
  try {
    const answers = await Promise.all(
      [database.hotPool, database.pool].map(async (pool) => (await pool.query<{ state: string }>(state)).rows),
    )
    const poller = await openChangePoller(database.settings, { onChange() {}, onReset() {}, onTime() {} })
    const polled = poller.isCurrent() ? 'polled' : 'not polled'
    await poller.close()
    return [...answers.flat().map((row) => row.state), polled]
  } finally {
    await database.close()
  }
}

describe('several hosts', () => {
  it('in parameters: the one that accepts writes is used, wherever it stands', async () => {
    for (const host of [sockets(standby, primary), sockets(primary, standby)]) {
      for (const attributes of [{}, { target_session_attrs: 'read-write' }, { target_session_attrs: 'primary' }]) {
        const url = databaseUrl({ parameters: { host, ...attributes } })
        expect(await reached(url)).toEqual(['primary', 'primary', 'polled'])
      }
    }
    expect(await migrate(databaseUrl({ parameters: { host: sockets(standby, primary) } }))).toEqual([])
  })

  it('with target_session_attrs=any: the first that accepts a connection is used', async () => {
    const url = databaseUrl({ parameters: { host: sockets(standby, primary), target_session_attrs: 'any' } })
    expect((await reached(url)).slice(0, 2)).toEqual(['standby', 'standby'])
    await expect(migrate(url)).rejects.toThrow('The database server is a standby')
  })

  it('in the place of one, with a port each: refused and silent ones are passed over', async () => {
    const [silent, behind, open] = await Promise.all(
      [primary, standby, primary].map((server) => startDatabaseProxy(urlOf(server))),
    )
    silent?.swallow(true)
    const places = [silent, behind, open].map((proxy) => new URL(proxy?.connectionString ?? '').host)
    const startedAt = performance.now()
    expect(await reached(databaseUrl({ authority: [UNUSED, ...places].join(',') }))).toEqual([
      'primary',
      'primary',
      'polled',
    ])
    expect(performance.now() - startedAt).toBeLessThan(1_800)
    await Promise.all([silent, behind, open].map((proxy) => proxy?.close()))
  })

  it('none of which can be used: the message names each with its reason, and no password', async () => {
    const directory = join(tmpdir(), 'cerberus-nowhere')
    const url = databaseUrl({ parameters: { host: `${directory},${sockets(standby)}` } })
    const { message } = await migrate(url).then(
      () => new Error('migrated'),
      (error: unknown) => error as Error,
    )
    expect(message).toContain(`the socket in ${directory}: there is no such socket; `)
    expect(message).toContain(`the socket in ${standby.connection.host}: it accepts no writes. Check DATABASE_URL.`)
    expect(message).not.toContain(primary.connection.password)
  })

  it('over TLS: the certificate must have the name of the host that is used', async () => {
    const authority = await makeAuthority()
    const { certificate, key } = await makeCertificate({
      subject: 'CN=localhost',
      authority,
      names: [{ type: 'dns', value: 'localhost' }],
      extendedUsages: [SERVER_AUTH],
    })
    const names: unknown[] = []
    const server = createTlsServer({ cert: certificate, key, ALPNProtocols: ['postgresql'] }, (socket) => {
      names.push(socket.servername)
      const upstream = connect(`${primary.connection.host}/.s.PGSQL.5432`)
      for (const end of [socket, upstream]) end.on('error', () => {})
      socket.pipe(upstream).pipe(socket)
    })
    server.on('tlsClientError', () => {})
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const file = join(dirname(directories[0]?.path ?? ''), 'authority.pem')
    await writeFile(file, authority.certificate)
    const parameters = { sslmode: 'verify-full', sslrootcert: file, sslnegotiation: 'direct' }
    const url = databaseUrl({ authority: `127.0.0.1:${port},localhost:${port}`, parameters })
    expect(await reached(url)).toEqual(['primary', 'primary', 'polled'])
    expect(names.at(-1)).toBe('localhost')
    await expect(migrate(databaseUrl({ authority: `127.0.0.1:${port},[::1]:1`, parameters }))).rejects.toThrow(
      /127\.0\.0\.1, port \d+: its certificate is for another host name; ::1, port 1: nothing listens there/,
    )
    await new Promise((resolve) => server.close(resolve))
    await rm(file)
  })

  it('after a failover: readiness fails until the standby is the primary, and then all goes on there', async () => {
    const url = databaseUrl({ parameters: { host: sockets(primary, standby) } })
    const test = await createTestApp({ connectionString: url })
    const readiness = async () => (await test.app.inject('/health/ready')).statusCode
    expect(await readiness()).toBe(200)
    await primary.stop()
    expect(await readiness()).toBe(503)
    const answer = await test.app.inject({
      method: 'POST',
      url: '/v1/auth/login',
      payload: { email: 'a@b', password: 'c' },
    })
    expect(answer.statusCode).toBe(503)
    await query({ connectionString: urlOf(standby) }, 'SELECT pg_promote()')
    await eventually(readiness, (status) => status === 200)
    await test.changesRead()
    // By Prisma, and by the statements of the hot pool.
    const party = relyingParty(test, await test.registerClient())
    const tokens = await party.tokens()
    expect((await party.refresh(tokens.refresh_token)).statusCode).toBe(200)
    await test.close()
  })
})
