import type { ClientConfig } from 'pg'

/** The database cannot be used by this server. The message says why, and what to change. */
export class UnusableDatabaseError extends Error {}

/** Why a connection could not be opened, for the operator. Contains no password. */
export function toConnectionFailure(
  error: unknown,
  { host = '', port = 0, user, database }: ClientConfig,
): UnusableDatabaseError {
  const reason =
    error instanceof NoUsableHostError
      ? `, as ${user}, to the database ${database}: ${error.message}`
      : ` at ${describePlace({ host, port })}, as ${user}, to the database ${database}: ${describeFailure(error)}`
  return new UnusableDatabaseError(`Cannot connect to PostgreSQL${reason}. Check DATABASE_URL.`, { cause: error })
}

/** None of several hosts can be used. Its code is that of a connection that cannot be established (SQLSTATE 08001). */
export class NoUsableHostError extends Error {
  readonly code = '08001'
}

export function describePlace({ host, port }: { host: string; port: number }): string {
  return host.startsWith('/') ? `the socket in ${host}` : `${host}, port ${port}`
}

/** Why a connection failed, in the words of an operator where we have them. */
export function describeFailure(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  return (typeof code === 'string' ? REASONS[code] : undefined) ?? (message === '' ? String(code) : message)
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOENT: 'there is no such socket',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be resolved at present',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not respond',
  '28P01': 'the password is wrong or missing',
  '28000': 'the server does not admit this user from here (pg_hba.conf)',
  '3D000': 'this database does not exist',
  '53300': 'the server has no free connection (max_connections)',
  '57P03': 'the server is starting or stopping',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate was not issued by a trusted authority (sslrootcert in DATABASE_URL)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed (sslrootcert in DATABASE_URL)',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate was not issued by a trusted authority (sslrootcert in DATABASE_URL)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
}
