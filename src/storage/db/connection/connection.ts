// `storage/db/connection` makes the connections of every pool: what is pinned in each, which host is used, and what a failure
// to connect means.

// The one place where connections to PostgreSQL are configured. A connection inherits nothing: neither the variables of
// libpq (`PGOPTIONS`, `PGPORT`, …) nor what `ALTER DATABASE` and `ALTER ROLE … SET` say about the settings named here.

import { userInfo } from 'node:os'
import { callbackify } from 'node:util'
import { Client, type ClientConfig } from 'pg'
import { parse, toClientConfig } from 'pg-connection-string'
import { createHostSelection, PROBE_TIMEOUT_MS, type DatabaseHost, type HostSelection } from './host-selection.ts'

/** A PostgreSQL URL in the form that `config` returns, or its parts, which the embedded server returns. */
export type Connection = string | { host: string; port?: number; user: string; password: string; database: string }

const CONNECT_TIMEOUT_MS = 5_000
const DEFAULT_PORT = 5432

/**
 * Settings on which statements rely, and which a role, a database or a template may set otherwise. Options of the start
 * packet outrank those. A setting that exists in PostgreSQL 14 already, and that any role may set, can be listed here.
 */
const PINNED_SETTINGS: Readonly<Record<string, string>> = {
  // Prisma names the schema in its statements, and our own statements rely on the path.
  search_path: 'public',
  // How `pg` reads values.
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  extra_float_digits: '1',
  // How PostgreSQL reads statements and parameters.
  array_nulls: 'on',
  standard_conforming_strings: 'on',
  transform_null_equals: 'off',
  gin_fuzzy_search_limit: '0',
  // A statement that waited for a row sees the committed version, and writes it.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  // A session lives as long as its pool wants it to.
  exit_on_error: 'off',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '60s',
}

/** `host` and `port` are those of the first host. */
export interface ConnectionConfig extends ClientConfig {
  host: string
  port: number
  user: string
  /** Where there are several hosts. Read by `PinnedClient`. */
  hostSelection?: HostSelection
}

/**
 * The complete configuration of a connection, with `settings` besides the pinned ones. `options` in a URL count where they
 * contradict neither. Throws when the URL names a certificate that cannot be read.
 */
export function connectionConfig(
  connection: Connection | { connectionString: string },
  settings: Readonly<Record<string, string>> = {},
): ConnectionConfig {
  const [given, ...hosts] = partsOf(connection)
  const user = given.user === undefined || given.user === '' ? userInfo().username : given.user
  const config = {
    // Undefined would mean what PGSSLMODE says.
    ssl: given.ssl ?? false,
    password: given.password,
    sslnegotiation: given.sslnegotiation ?? 'postgres',
    application_name: given.application_name ?? 'cerberus',
    ...hosts[0],
    user,
    database: given.database ?? user,
    options: [given.options, startupOptions({ ...PINNED_SETTINGS, ...settings })].filter(Boolean).join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  }
  if (hosts.length === 1) return config
  const hostSelection = createHostSelection({
    hosts,
    mustWrite: given.target_session_attrs !== 'any',
    openClient: (host) =>
      new PinnedClient({
        ...config,
        ...host,
        application_name: `${config.application_name}-host-check`,
        connectionTimeoutMillis: PROBE_TIMEOUT_MS,
        query_timeout: PROBE_TIMEOUT_MS,
      }),
  })
  return { ...config, hostSelection }
}

type Given = ClientConfig & { target_session_attrs?: string }

/** The parts of a connection, and its hosts. Several of them are in the parameters `host` and `port` of a URL. */
function partsOf(connection: Connection | { connectionString: string }): [Given, DatabaseHost, ...DatabaseHost[]] {
  if (typeof connection !== 'string' && !('connectionString' in connection)) {
    return [connection, { host: connection.host, port: connection.port ?? DEFAULT_PORT }]
  }
  const parsed = parse(typeof connection === 'string' ? connection : connection.connectionString)
  const names = (parsed.host ?? '').split(',')
  const ports = (parsed.port ?? '').split(',')
  const [first, ...others] = names.map((name, index) => ({
    host: name === '' ? 'localhost' : name,
    port: Number(ports[ports.length === 1 ? 0 : index] || DEFAULT_PORT),
  }))
  return [toClientConfig(parsed), first ?? { host: 'localhost', port: DEFAULT_PORT }, ...others]
}

/** Settings in the form of the start packet, where a blank separates options. */
function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}

/**
 * A client that does not read the two variables for which `pg` knows no neutral value, and that connects to one of several
 * hosts when its configuration has a `hostSelection`.
 */
export class PinnedClient extends Client {
  readonly #hostSelection: HostSelection | undefined
  #isEnded = false

  constructor(config?: string | (ClientConfig & { hostSelection?: HostSelection })) {
    super(config)
    this.#hostSelection = typeof config === 'object' ? config.hostSelection : undefined
    const { connectionParameters } = this as unknown as { connectionParameters: { replication?: string } }
    // PGREPLICATION
    delete connectionParameters.replication
    // PGPASSWORD
    if (typeof config !== 'object' || config.password === undefined || config.password === '') {
      Reflect.set(this, 'password', null)
    }
  }

  override connect(): Promise<this>
  override connect(callback: (error: Error | null) => void): void
  override connect(callback?: (error: Error | null) => void): Promise<this> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.connect((error) => (error ? reject(error) : resolve(this)))
      })
    }
    const selection = this.#hostSelection
    if (selection === undefined) super.connect(callback)
    else {
      // Called back by `pg` itself: the pool must listen for errors before the next message is read.
      callbackify(() => this.#selectHost(selection))((failure: Error | null) => {
        if (failure) return callback(failure)
        super.connect((error: Error | null) => {
          if (error) selection.reset()
          callback(error)
        })
      })
    }
    return undefined
  }

  override end(): Promise<void>
  override end(callback: (error: Error) => void): void
  override end(callback?: (error: Error) => void): Promise<void> | undefined {
    this.#isEnded = true
    if (callback === undefined) return super.end()
    super.end(callback)
    return undefined
  }

  async #selectHost(selection: HostSelection): Promise<void> {
    // The host is also the name that the certificate of the server must have.
    Object.assign(this, await selection.select())
    // The pool gave up meanwhile, or the client was ended.
    if (this.#isEnded || this.connection.stream.destroyed) throw new Error('Connection terminated')
  }
}
