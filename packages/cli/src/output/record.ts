import { cell } from './printable.ts'
import { widthOf, wrap } from './text-width.ts'

/** A label and its text. */
export type Labelled = readonly [label: string, text: string]

const GAP = 2
/** A value gets at least this width, even where the labels leave less. */
const MIN_TEXT_WIDTH = 20

/** The members of an object, one a line: name and whole value. Undefined for `width` separates them by tabs, for other programs. */
export function recordLines(value: object, width: number | undefined): string[] {
  const rows = Object.entries(value).map(([member, content]): Labelled => [member, cell(content)])
  return width === undefined ? rows.map((row) => row.join('\t')) : labelledLines(rows, width)
}

/** Labels, and beside them their texts, continued on further lines where they are too long. */
export function labelledLines(rows: readonly Labelled[], width: number): string[] {
  const labelWidth = Math.max(0, ...rows.map(([label]) => widthOf(label)))
  const textWidth = Math.max(MIN_TEXT_WIDTH, width - labelWidth - GAP)
  return rows.flatMap(([label, text]) =>
    wrap(text, textWidth).map((line, index) =>
      `${(index === 0 ? label : '').padEnd(labelWidth + GAP)}${line}`.trimEnd(),
    ),
  )
}

/** Labels and their texts, each on one line however long: an identifier or a secret must be copied in one piece. */
export function unbrokenLines(rows: readonly Labelled[]): string[] {
  const labelWidth = Math.max(0, ...rows.map(([label]) => widthOf(label)))
  return rows.map(([label, text]) => `${label.padEnd(labelWidth + GAP)}${text}`)
}

/** A title and labelled lines below it, separated from the next by an empty line. */
export interface Paragraph {
  title: string
  rows: readonly Labelled[]
}

export function paragraphLines(paragraphs: readonly Paragraph[], width: number): string[] {
  return paragraphs.flatMap(({ title, rows }) => [
    ...wrap(title, width),
    ...labelledLines(rows, width - GAP).map((line) => `${' '.repeat(GAP)}${line}`),
    '',
  ])
}
