import { cell } from './printable.ts'
import { fit, fitMiddle, widthOf, wrap } from './text-width.ts'

/** A column of a list. */
export interface Column<Row> {
  /** The member that it shows. */
  member: keyof Row & string
  /** Its heading at a terminal; by default made from the name of the member. */
  heading?: string
  /** Its text at a terminal, where a short form is enough. */
  short?(row: Row): string
  /** An identifier, which is shown whole, so that it can be copied. */
  isIdentifier?: true
}

/** The columns of a list, the most important first: the last are left out where the terminal is too narrow. */
export type Columns<Row> = readonly ((keyof Row & string) | Column<Row>)[]

export interface Table {
  lines: string[]
  /** The headings of the columns that the terminal has no room for. */
  omitted: string[]
}

const GAP = 2
const MIN_WIDTH = 12
/** Less would not be a date any more. */
const DATE_WIDTH = 10
const SHORT_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d$/
const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/

/** Lines of cells separated by tabs, with whole values, for other programs. */
export function tabSeparated<Row extends object>(rows: readonly Row[], columns: Columns<Row>): string[] {
  const members = columns.map((column) => (typeof column === 'string' ? column : column.member))
  return [members.map(headingOf), ...rows.map((row) => members.map((member) => cell(row[member])))].map((cells) =>
    cells.join('\t'),
  )
}

/**
 * A table of at most `width` columns. Columns that are empty in all rows are left out. Long cells are shortened, or with
 * `wraps` continued on further lines.
 */
export function fitTable<Row extends object>(
  rows: readonly Row[],
  columns: Columns<Row>,
  width: number,
  { wraps = false }: { wraps?: boolean } = {},
): Table {
  const all = columns.map((column) => (typeof column === 'string' ? { member: column } : column))
  const filled = all.filter(({ member }) => rows.length === 0 || rows.some((row) => cell(row[member]) !== '-'))
  for (let count = filled.length; ; count -= 1) {
    const kept = filled.slice(0, count)
    const lines = [
      kept.map(({ heading, member }) => heading ?? headingOf(member)),
      ...rows.map((row) => kept.map((column) => shortCell(row, column))),
    ]
    const widths = fitWidths(lines, kept, width)
    if (!widths && count > 1) continue
    const drawn = drawLines(lines, kept, widths ?? [width], wraps)
    return { lines: drawn, omitted: filled.slice(count).map(({ heading, member }) => heading ?? headingOf(member)) }
  }
}

/** The widths of the columns within `width`: the widest are reduced first. Undefined where they do not fit. */
function fitWidths<Row>(
  lines: readonly (readonly string[])[],
  columns: readonly Column<Row>[],
  width: number,
): number[] | undefined {
  const natural = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))))
  const available = width - GAP * (columns.length - 1)
  const widest = Math.max(...natural)
  const minimum = columns.map((_, index) => (lines.some((line) => SHORT_TIME.test(line[index] ?? '')) ? DATE_WIDTH : 0))
  for (let limit = widest; limit >= MIN_WIDTH || limit === widest; limit -= 1) {
    const widths = natural.map((wide, index) =>
      columns[index]?.isIdentifier ? wide : Math.min(wide, Math.max(limit, minimum[index] ?? 0)),
    )
    if (widths.reduce((sum, wide) => sum + wide, 0) <= available) return widths
  }
  return undefined
}

function drawLines<Row>(
  lines: readonly (readonly string[])[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
  wraps: boolean,
): string[] {
  return lines.flatMap((line) => {
    const cells = line.map((text, index) => {
      const width = widths[index] ?? 0
      if (wraps) return wrap(text, width).map((part) => fit(part, width))
      const shown = SHORT_TIME.test(text) && width < text.length ? text.slice(0, DATE_WIDTH) : text
      return [columns[index]?.isIdentifier ? fitMiddle(shown, width) : fit(shown, width)]
    })
    const height = Math.max(...cells.map((parts) => parts.length))
    return Array.from({ length: height }, (_, row) =>
      cells
        .map((parts, index) => parts[row] ?? ' '.repeat(widths[index] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
    )
  })
}

/** `clientType` as CLIENT_TYPE. */
function headingOf(member: string): string {
  return member.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()
}

/** A value as a table at a terminal shows it: times to the minute, in UTC. */
function shortCell<Row>(row: Row, { member, short }: Column<Row>): string {
  if (short) return short(row) || '-'
  const value = row[member]
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return cell(value).replace(TIME, '$1 $2')
}
