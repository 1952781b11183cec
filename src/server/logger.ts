import { pino, type Logger } from 'pino'
import { formatLogLine } from './log-text.ts'

export type { Logger }

export interface LoggerOptions {
  level: string
  name: string
  /** Undefined: text on a terminal outside production, otherwise JSON. */
  format?: 'json' | 'text'
}

/**
 * Logs to standard output: one JSON object per line for machines, or text for developers. Of an error it logs type, message,
 * stack, code and causes, not other properties.
 */
export function createLogger({ level, name, format }: LoggerOptions, { production }: { production: boolean }): Logger {
  const options = { level, name, serializers: { err: serialiseError }, timestamp: pino.stdTimeFunctions.isoTime }
  const isText = format === undefined ? process.stdout.isTTY && !production : format === 'text'
  return isText
    ? pino(options, { write: (line: string) => void process.stdout.write(formatLogLine(line)) })
    : pino(options)
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
