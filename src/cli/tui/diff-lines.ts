import { isDeepStrictEqual } from 'node:util'
import { chop } from './columns.ts'
import type { Change } from './draft.ts'
import type { StyledLine } from './text.tsx'
import { shown } from './value.ts'

/** What changes, member by member: what goes after -, what comes after +. */
export function diffLines(changes: readonly Change[], width: number): StyledLine[] {
  return changes.flatMap(({ member, from, to }) => {
    const [before, after] = [partsOf(from), partsOf(to)]
    const marked = [
      ...before.filter((part) => !after.includes(part)).map((part) => ({ sign: '-', part })),
      ...after.map((part) => ({ sign: before.includes(part) ? ' ' : '+', part })),
    ]
    const isReordered = marked.every(({ sign }) => sign === ' ') && !isDeepStrictEqual(from, to)
    const head: StyledLine = { text: ` ${member}${isReordered ? ' (in another order)' : ''}`, bold: true }
    return [head, ...marked.flatMap(({ sign, part }) => signed(sign, part, width))]
  })
}

function signed(sign: string, part: string, width: number): StyledLine[] {
  const tone = sign === '+' ? 'good' : sign === '-' ? 'bad' : undefined
  return chop(part, width - 5).map((text, index): StyledLine => ({
    text: `  ${index === 0 ? sign : ' '} ${text}`,
    tone,
    dim: sign === ' ',
  }))
}

/** A list by its items, an object by the lines of its JSON, everything else as a whole. */
function partsOf(value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, null, 2).split('\n')
  return typeof value === 'string' && value.includes('\n') ? value.split('\n') : [shown(value)]
}
