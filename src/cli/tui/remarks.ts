import { inWords } from './answers.ts'
import { wrap } from './columns.ts'
import type { Judgement } from './rehearsal.ts'
import type { StyledLine } from './text.tsx'

/** What the server says to one member, in at most `most` lines: what it refuses, then what is risky, then what of others. */
export function remarksOn(judgement: Judgement, member: string, width: number, most: number): StyledLine[] {
  const { problems, warnings, failure } = judgement
  const refused = problems[member] ?? []
  const others = Object.entries(problems).filter(([name]) => name !== member)
  const lines: StyledLine[] = []
  const tell = (text: string, tone: StyledLine['tone']) => {
    for (const line of wrap(text, width)) lines.push({ text: ` ${line}`, tone, bold: tone === 'bad' })
  }
  if (failure) tell(inWords(failure), 'bad')
  for (const problem of refused) tell(`x ${member} ${problem}`, 'bad')
  for (const one of warnings.filter((warning) => warning.member === member)) {
    tell(`! ${one.member} ${one.message}. ${one.advice}`, 'risky')
  }
  for (const [name, [problem = '']] of others) tell(`x ${name} ${problem}`, 'bad')
  const elsewhere = warnings.filter((warning) => warning.member !== member).map((warning) => warning.member)
  if (elsewhere.length > 0) tell(`! also risky: ${[...new Set(elsewhere)].join(', ')}`, undefined)
  if (lines.length <= most) return lines
  return [...lines.slice(0, most - 1), { text: ' …' }]
}
