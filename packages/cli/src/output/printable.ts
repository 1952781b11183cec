// `output` is what the command writes: results to standard output (`print`), everything else to standard error (`log`).

/** Text on one line without control characters: names chosen by others can contain terminal escape sequences. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cf}/gu, (character) => (character === '\n' ? ' ' : '\u{fffd}'))
}

/** A value on one line. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return printable(value) || '-'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '-' : printable(value.join(' '))
  }
  return printable(JSON.stringify(value))
}
