import { stringify } from 'yaml'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

/** A column of a list: the member that it shows. */
export type Columns = readonly string[]

/** Writes a value to standard output. A table of a list has `columns`; one of an object has a line for each member. */
export function show(value: unknown, format: Format, columns: Columns = []): void {
  process.stdout.write(rendered(value, format, columns))
}

let listener: ((line: string) => void) | undefined

/** Tells something beside the answer, on standard error, unless somebody else listens. */
export function tell(line: string): void {
  if (listener) listener(printable(line))
  else process.stderr.write(`${printable(line)}\n`)
}

/** Has what is told told here from now on: where the screen is drawn, it would be drawn over. */
export function tellTo(whoever: (line: string) => void): void {
  listener = whoever
}

const SECOND = 1000

/**
 * Counts the seconds for whoever waits at a terminal, on a line that is gone when the function that this answers is called.
 * A script is told nothing, and who listens is told once.
 */
export function tellOfWaiting(what: string): () => void {
  if (!process.stderr.isTTY && !listener) return () => undefined
  let [seconds, line] = [0, '']
  const timer = setInterval(() => {
    seconds += 1
    if (listener) {
      if (seconds === 1) tell(`Waiting for ${what} …`)
      return
    }
    line = `Waiting for ${what} … ${seconds} s`
    process.stderr.write(`\r${line}`)
  }, SECOND)
  timer.unref()
  return () => {
    clearInterval(timer)
    if (line !== '') process.stderr.write(`\r${' '.repeat(line.length)}\r`)
  }
}

function rendered(value: unknown, format: Format, columns: Columns): string {
  if (format === 'json') return `${JSON.stringify(value ?? null, null, 2)}\n`
  if (format === 'yaml') return stringify(value ?? null, { lineWidth: 0 })
  if (Array.isArray(value)) return listed(value as Record<string, unknown>[], columns)
  if (typeof value !== 'object' || value === null) return `${cell(value)}\n`
  return aligned(Object.entries(value).map(([member, content]) => [member, cell(content)]))
}

function listed(rows: readonly Record<string, unknown>[], columns: Columns): string {
  const names = columns.length > 0 ? columns : [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const head = names.map((name) => name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())
  return aligned([head, ...rows.map((row) => names.map((name) => cell(row[name])))])
}

/** Lines of cells, each column as wide as its widest cell; the last one has no edge. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const line of lines) {
    for (const [index, text] of line.entries()) widths[index] = Math.max(widths[index] ?? 0, text.length)
  }
  const written = lines.map((line) =>
    line
      .map((text, index) => text.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return written.map((line) => `${line}\n`).join('')
}

/** A value on one line, as it may stand on a terminal. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return printable(value) || '-'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '-' : printable(value.join(' '))
  }
  return printable(JSON.stringify(value))
}

/** Text on one line, for a terminal: what others have written can hold sequences that it would obey. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, (character) => (character === '\n' ? ' ' : '\u{fffd}'))
}
