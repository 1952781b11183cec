import type { ClientConfig } from 'pg'

/** The database cannot be used by this server. The message says why, and what to change. */
export class UnusableDatabaseError extends Error {}

/** Why a connection could not be opened, for the operator. Contains no password. */
export function toConnectionFailure(
  error: unknown,
  { host, port, user, database }: ClientConfig,
): UnusableDatabaseError {
  const place = host?.startsWith('/') === true ? `the socket in ${host}` : `${host}, port ${port}`
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  const message = error instanceof Error ? error.message : String(error)
  const reason = (typeof code === 'string' ? REASONS[code] : undefined) ?? (message === '' ? String(code) : message)
  return new UnusableDatabaseError(
    `Cannot connect to PostgreSQL at ${place}, as ${user}, to the database ${database}: ${reason}. Check DATABASE_URL.`,
    { cause: error },
  )
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
