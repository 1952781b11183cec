import stringWidth from 'string-width'
import { printable } from './printable.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The graphemes of a text: what a reader sees as one character each. */
export function graphemesOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

/**
 * Text on one line without control characters, and without variation selectors: terminals disagree about the width of emoji
 * with them.
 */
export function sanitize(text: string): string {
  return printable(text).replaceAll(/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu, '')
}

export const widthOf = (text: string): number => stringWidth(text)

/** One line of exactly `width` columns, shortened with … or padded with spaces. */
export function fit(text: string, width: number): string {
  const line = sanitize(text)
  const wide = stringWidth(line)
  if (wide <= width) return line + ' '.repeat(width - wide)
  if (width <= 0) return ''
  let prefix = ''
  let used = 0
  for (const character of graphemesOf(line)) {
    const next = stringWidth(character)
    if (used + next > width - 1) break
    prefix += character
    used += next
  }
  return `${prefix}…${' '.repeat(width - 1 - used)}`
}

/** One line of exactly `width` columns, shortened in the middle, for identifiers. */
export function fitMiddle(text: string, width: number): string {
  const line = sanitize(text)
  if (stringWidth(line) <= width || width < 5) return fit(line, width)
  const characters = graphemesOf(line)
  const tail = Math.floor((width - 1) / 2)
  return fit(`${characters.slice(0, width - 1 - tail).join('')}…${characters.slice(-tail).join('')}`, width)
}

/** At most `maxLines` lines of at most `width` columns, broken between words where possible. */
export function wrap(text: string, width: number, maxLines = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of sanitize(paragraph).split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (stringWidth(longer) <= width) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      const pieces = hardWrap(word, width)
      lines.push(...pieces.slice(0, -1))
      line = pieces.at(-1) ?? ''
    }
    lines.push(line)
  }
  if (lines.length <= maxLines) return lines
  return [...lines.slice(0, maxLines - 1), fit(`${lines[maxLines - 1]} …`, width).trimEnd()]
}

/** Lines of at most `width` columns, broken anywhere, for text in which each space counts. */
export function hardWrap(text: string, width: number): string[] {
  const lines = ['']
  let used = 0
  for (const character of graphemesOf(sanitize(text))) {
    const next = stringWidth(character)
    if (used + next > width) {
      lines.push('')
      used = 0
    }
    lines[lines.length - 1] += character
    used += next
  }
  return lines
}
