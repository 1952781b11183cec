/**
 * Whether an error means that PostgreSQL cannot serve at the moment, so that the caller should retry. Covers SQLSTATEs,
 * wherever the driver or Prisma puts them, the codes of both, and the time limits of the pool.
 */
export function isUnavailable(error: unknown): boolean {
  return causesOf(error).some(
    ({ code, originalCode, kind, message }) =>
      [code, originalCode].some((state) => typeof state === 'string' && isUnavailableCode(state)) ||
      (typeof kind === 'string' && UNAVAILABLE_KINDS.has(kind)) ||
      (typeof message === 'string' && UNAVAILABLE_MESSAGES.test(message)),
  )
}

function isUnavailableCode(code: string): boolean {
  return UNAVAILABLE_CODES.has(code) || (SQL_STATE.test(code) && UNAVAILABLE_CLASSES.has(code.slice(0, 2)))
}

const SQL_STATE = /^(?=.*\d)[0-9A-Z]{5}$/

/**
 * Classes of SQLSTATE (PostgreSQL, appendix A): connection, authentication, rollback, resources, object in use or locked,
 * operator intervention such as a time limit, system.
 */
const UNAVAILABLE_CLASSES = new Set(['08', '28', '40', '53', '55', '57', '58'])

const UNAVAILABLE_CODES = new Set(
  [
    // Read-only transaction; time limits of an idle and of a whole transaction.
    '25006 25P03 25P04',
    'P1000 P1001 P1002 P1003 P1008 P1010 P1011 P1017 P2024 P2028 P2034 P2037',
    'ECONNREFUSED ECONNRESET ENOENT EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ECONNABORTED',
  ].flatMap((codes) => codes.split(' ')),
)

/** How the driver adapter of Prisma names errors whose code it leaves out. */
const UNAVAILABLE_KINDS = new Set([
  'AuthenticationFailed',
  'ConnectionClosed',
  'DatabaseAccessDenied',
  'DatabaseDoesNotExist',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
  'TransactionWriteConflict',
])

const UNAVAILABLE_MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|not queryable|Cannot use a pool after calling end|Too many statements wait|terminating connection|the database system is/i

const MAX_CAUSES = 8

/** An error and what caused it. Prisma wraps the error of its driver adapter, whose cause is a plain object. */
function causesOf(error: unknown): Record<string, unknown>[] {
  const causes: Record<string, unknown>[] = []
  const waiting = [error]
  while (waiting.length > 0 && causes.length < MAX_CAUSES) {
    const current = waiting.shift()
    if (typeof current !== 'object' || current === null) continue
    const { code, originalCode, kind, message, cause, meta, errors } = current as Record<string, unknown>
    causes.push({ code, originalCode, kind, message })
    const driverError =
      typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? meta.driverAdapterError : undefined
    // `errors`: node tries all addresses of a host name.
    waiting.push(cause, driverError, ...(Array.isArray(errors) ? (errors as unknown[]) : []))
  }
  return causes
}

/**
 * Whether PostgreSQL rejected a statement, so that it had no effect. After a lost connection it is unknown whether the
 * statement was executed.
 */
export function hadNoEffect(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && SQL_STATE.test(code) && !/^(08|53|57|58)/.test(code)
}

/** Whether a statement gave up waiting for a lock, by `lock_timeout`. */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03'
}
