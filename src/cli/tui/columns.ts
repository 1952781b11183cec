import stringWidth from 'string-width'
import { printable } from '../output.ts'

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a reader takes for one character each. */
export function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

/**
 * Text as a terminal may be given it, on one line: nothing that it would obey. Selectors of a picture's style are left out,
 * since terminals do not agree on how wide they make it.
 */
export function plain(text: string): string {
  return printable(text).replaceAll(/[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu, '')
}

export const widthOf = (text: string): number => stringWidth(text)

/** One line of exactly `width` columns: shortened with … or filled up with spaces. */
export function fit(text: string, width: number): string {
  const line = plain(text)
  const wide = stringWidth(line)
  if (wide <= width) return line + ' '.repeat(width - wide)
  if (width <= 0) return ''
  let kept = ''
  let used = 0
  for (const character of charactersOf(line)) {
    const next = stringWidth(character)
    if (used + next > width - 1) break
    kept += character
    used += next
  }
  return `${kept}…${' '.repeat(width - 1 - used)}`
}

/** One line of exactly `width` columns whose end matters more than its middle, such as an identifier. */
export function fitMiddle(text: string, width: number): string {
  const line = plain(text)
  if (stringWidth(line) <= width || width < 5) return fit(line, width)
  const characters = charactersOf(line)
  const tail = Math.floor((width - 1) / 2)
  return fit(`${characters.slice(0, width - 1 - tail).join('')}…${characters.slice(-tail).join('')}`, width)
}

/** Lines of at most `width` columns, broken between words where that can be; never more than `most`. */
export function wrap(text: string, width: number, most = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = []
  for (const paragraph of text.split('\n')) {
    let line = ''
    for (const word of plain(paragraph).split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (stringWidth(longer) <= width) {
        line = longer
        continue
      }
      if (line !== '') lines.push(line)
      const pieces = chop(word, width)
      lines.push(...pieces.slice(0, -1))
      line = pieces.at(-1) ?? ''
    }
    lines.push(line)
  }
  if (lines.length <= most) return lines
  return [...lines.slice(0, most - 1), fit(`${lines[most - 1]} …`, width).trimEnd()]
}

/** Lines of at most `width` columns, broken where they are full: for text in which each space counts. */
export function chop(text: string, width: number): string[] {
  const lines = ['']
  let used = 0
  for (const character of charactersOf(plain(text))) {
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
