import { stringify } from 'yaml'
import { log } from './log.ts'
import { cell } from './printable.ts'
import { type Paragraph, paragraphLines, recordLines } from './record.ts'
import { type Columns, fitTable, tabSeparated } from './table.ts'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

const DEFAULT_WIDTH = 80

/** The number of columns of the terminal; undefined where the output goes elsewhere. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || DEFAULT_WIDTH : undefined
}

/** Writes a result to standard output. A table of an object has a line for each member. */
export function print(value: unknown, format: Format): void {
  if (format === 'json') return writeText(`${JSON.stringify(value ?? null, null, 2)}\n`)
  if (format === 'yaml') return writeText(stringify(value ?? null, { lineWidth: 0 }))
  if (typeof value !== 'object' || value === null) return writeText(`${cell(value)}\n`)
  writeLines(recordLines(value, terminalWidth()))
}

/**
 * Writes a list to standard output. A table fits the terminal; elsewhere, it has whole values separated by tabs. `wraps`
 * continues long cells on further lines instead of shortening them.
 */
export function printList<Row extends object>(
  rows: readonly Row[],
  format: Format,
  columns: Columns<Row>,
  options: { wraps?: boolean } = {},
): void {
  if (format !== 'table') return print(rows, format)
  const width = terminalWidth()
  if (width === undefined) return writeLines(tabSeparated(rows, columns))
  const { lines, omitted } = fitTable(rows, columns, width, options)
  writeLines(lines)
  if (omitted.length > 0) log(`Not shown in ${width} columns: ${omitted.join(', ')}. --output json shows all.`)
}

/** Writes paragraphs to the terminal. */
export function printParagraphs(paragraphs: readonly Paragraph[], width: number): void {
  writeLines(paragraphLines(paragraphs, width))
}

export function writeLines(lines: readonly string[]): void {
  writeText(lines.map((line) => `${line}\n`).join(''))
}

/** Writes text of any length to standard output, part by part; resolves when the receiver can take more. */
export async function printText(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once('drain', resolve))
}

function writeText(text: string): void {
  process.stdout.write(text)
}
