import { stringify } from 'yaml'
import { cell } from './printable.ts'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

/** The members that a table of a list shows, one a column. */
export type Columns = readonly string[]

/** Writes a result to standard output. A table of a list has `columns`; one of an object has a line for each member. */
export function print(value: unknown, format: Format, columns: Columns = []): void {
  process.stdout.write(render(value, format, columns))
}

function render(value: unknown, format: Format, columns: Columns): string {
  if (format === 'json') return `${JSON.stringify(value ?? null, null, 2)}\n`
  if (format === 'yaml') return stringify(value ?? null, { lineWidth: 0 })
  if (Array.isArray(value)) return renderList(value as Record<string, unknown>[], columns)
  if (typeof value !== 'object' || value === null) return `${cell(value)}\n`
  return alignColumns(Object.entries(value).map(([member, content]) => [member, cell(content)]))
}

function renderList(rows: readonly Record<string, unknown>[], columns: Columns): string {
  const names = columns.length > 0 ? columns : [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const head = names.map((name) => name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase())
  return alignColumns([head, ...rows.map((row) => names.map((name) => cell(row[name])))])
}

/** Lines of cells. Each column is as wide as its widest cell. */
function alignColumns(lines: readonly (readonly string[])[]): string {
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
