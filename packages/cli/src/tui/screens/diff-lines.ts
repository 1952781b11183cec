import { type Change, formatValue, isEqualJson } from 'cerberus-idp-admin-client'
import { hardWrap } from '../../output/text-width.ts'
import type { StyledLine } from '../frame/text.tsx'

/** Changes as a diff, member by member: - removed, + added. */
export function diffLines(changes: readonly Change[], width: number): StyledLine[] {
  return changes.flatMap(({ member, from, to }) => {
    const [before, after] = [partsOf(from), partsOf(to)]
    const marked = [
      ...before.filter((part) => !after.includes(part)).map((part) => ({ sign: '-', part })),
      ...after.map((part) => ({ sign: before.includes(part) ? ' ' : '+', part })),
    ]
    const isReordered = marked.every(({ sign }) => sign === ' ') && !isEqualJson(from, to)
    const head: StyledLine = { text: ` ${member}${isReordered ? ' (reordered)' : ''}`, bold: true }
    return [head, ...marked.flatMap(({ sign, part }) => signed(sign, part, width))]
  })
}

function signed(sign: string, part: string, width: number): StyledLine[] {
  const tone = sign === '+' ? 'good' : sign === '-' ? 'bad' : undefined
  return hardWrap(part, width - 5).map((text, index): StyledLine => ({
    text: `  ${index === 0 ? sign : ' '} ${text}`,
    tone,
    dim: sign === ' ',
  }))
}

/** The parts that are compared: items of a list, lines of JSON or of a text, or the whole value. */
function partsOf(value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, null, 2).split('\n')
  return typeof value === 'string' && value.includes('\n') ? value.split('\n') : [formatValue(value)]
}
