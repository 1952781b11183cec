const LEVELS: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
}
/** The same on every line of one process, or shown elsewhere in the line. */
const OMITTED: ReadonlySet<string> = new Set(['level', 'time', 'msg', 'name', 'pid', 'hostname', 'err'])
const PLAIN_VALUE = /^[\w./:@+-]+$/

/** A line of the JSON log as text: time of day, level, message, fields, and below them the stack of an error. */
export function formatLogLine(line: string): string {
  const entry = parseEntry(line)
  if (!entry) return line
  const { level, time, msg, err } = entry
  const fields = Object.entries(entry)
    .filter(([name]) => !OMITTED.has(name))
    .map(([name, value]) => `${name}=${formatValue(value)}`)
  const timeOfDay = typeof time === 'string' ? time.slice(11, 23) : ''
  const label = (LEVELS[Number(level)] ?? String(level)).padEnd(5)
  const message = typeof msg === 'string' ? escapeControls(msg) : ''
  return `${[timeOfDay, label, message, ...fields].join(' ')}\n${err === undefined ? '' : formatError(err)}`
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  try {
    const entry: unknown = JSON.parse(line)
    return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Text of callers may contain anything. JSON escapes C0 controls; those that terminals also obey are escaped here. */
function formatValue(value: unknown): string {
  return typeof value === 'string' && PLAIN_VALUE.test(value) ? value : escapeControls(JSON.stringify(value))
}

function formatError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return `    ${formatValue(error)}\n`
  const { stack, message, cause } = error as { stack?: unknown; message?: unknown; cause?: unknown }
  const text = typeof stack === 'string' ? stack : String(message)
  const lines = text.split('\n').map((stackLine) => `    ${escapeControls(stackLine)}\n`)
  return lines.join('') + (cause === undefined ? '' : `    caused by:\n${formatError(cause)}`)
}

function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
