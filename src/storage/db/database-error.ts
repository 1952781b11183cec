/**
 * Whether an error means that PostgreSQL is unavailable, so that the caller should retry. Covers the driver, the pool's
 * time limits, Prisma's own codes and SQLSTATE classes.
 */
export function isUnavailable(error: unknown): boolean {
  for (
    let current: unknown = error, depth = 0;
    current instanceof Error && depth < 5;
    current = causeOf(current), depth += 1
  ) {
    const code: unknown = 'code' in current ? current.code : undefined
    if (typeof code === 'string' && (UNAVAILABLE_CODES.has(code) || /^(08|53|57)/.test(code))) return true
    if (UNAVAILABLE_MESSAGES.test(current.message)) return true
  }
  return false
}

// 25006: read-only; 40001, 40P01: lost to another transaction; 55P03: lock not available.
const UNAVAILABLE_CODES = new Set(
  [
    '25006 40001 40P01 55P03',
    'P1001 P1002 P1008 P1017 P2024 P2028 P2034 P2037',
    'ECONNREFUSED ECONNRESET ENOENT EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN EHOSTUNREACH',
  ].flatMap((codes) => codes.split(' ')),
)

const UNAVAILABLE_MESSAGES =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|not queryable|Cannot use a pool after calling end|Too many statements wait|terminating connection|the database system is/i

function causeOf(error: Error): unknown {
  if (error.cause !== undefined) return error.cause
  // Prisma wraps the driver's error.
  const meta: unknown = 'meta' in error ? error.meta : undefined
  return typeof meta === 'object' && meta !== null && 'driverAdapterError' in meta ? meta.driverAdapterError : undefined
}

/**
 * Whether PostgreSQL rejected a statement, so that it had no effect. After a lost connection it is unknown whether the
 * statement was executed.
 */
export function hadNoEffect(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) && !/^(08|53|57)/.test(code)
}
