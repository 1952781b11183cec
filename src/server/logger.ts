import { pino, type Logger } from 'pino'

export type { Logger }

/** Logs JSON lines to standard output. Of an error it logs type, message, stack, code and causes, not other properties. */
export function createLogger({ level, name }: { level: string; name: string }): Logger {
  return pino({ level, name, serializers: { err: serialiseError } })
}

function serialiseError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...('code' in error && { code: String(error.code) }),
    ...(error.cause !== undefined && depth < 3 && { cause: serialiseError(error.cause, depth + 1) }),
  }
}
