// The one place where connections to PostgreSQL are configured. A connection inherits nothing: neither the variables of
// libpq (`PGOPTIONS`, `PGPORT`, …) nor what `ALTER DATABASE` and `ALTER ROLE … SET` say about the settings named here.

import { userInfo } from 'node:os'
import { Client, type ClientConfig } from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'

/** A PostgreSQL URL, or its parts, which the embedded server returns. */
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

/**
 * The complete configuration of a connection, with `settings` besides the pinned ones. `options` in a URL count where they
 * contradict neither. Throws when the URL names a certificate that cannot be read.
 */
export function connectionConfig(
  connection: Connection | { connectionString: string },
  settings: Readonly<Record<string, string>> = {},
): ClientConfig & { host: string; port: number; user: string } {
  const given = partsOf(connection)
  const user = given.user === undefined || given.user === '' ? userInfo().username : given.user
  return {
    // Undefined would mean what PGSSLMODE says.
    ssl: given.ssl ?? false,
    password: given.password,
    sslnegotiation: given.sslnegotiation ?? 'postgres',
    application_name: given.application_name ?? 'cerberus',
    host: given.host === undefined || given.host === '' ? 'localhost' : given.host,
    port: given.port ?? DEFAULT_PORT,
    user,
    database: given.database ?? user,
    options: [given.options, startupOptions({ ...PINNED_SETTINGS, ...settings })].filter(Boolean).join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  }
}

function partsOf(connection: Connection | { connectionString: string }): ClientConfig {
  if (typeof connection === 'string') return parseIntoClientConfig(connection)
  return 'connectionString' in connection ? parseIntoClientConfig(connection.connectionString) : connection
}

/** Settings in the form of the start packet, where a blank separates options. */
function startupOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, '\\$&')}`)
    .join(' ')
}

/** A client that does not read the two variables for which `pg` knows no neutral value. */
export class PinnedClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config)
    const { connectionParameters } = this as unknown as { connectionParameters: { replication?: string } }
    // PGREPLICATION
    delete connectionParameters.replication
    // PGPASSWORD
    if (typeof config !== 'object' || config.password === undefined || config.password === '') {
      Reflect.set(this, 'password', null)
    }
  }
}
