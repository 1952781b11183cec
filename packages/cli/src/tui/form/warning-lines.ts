import { wrap } from '../../output/text-width.ts'
import type { StyledLine } from '../frame/text.tsx'
import { failureText } from '../query.ts'
import type { LiveEvaluation } from './dry-run.ts'

/** What the server says about one member, on at most `maxLines` lines: its problems and warnings, then those of others. */
export function warningLines(
  evaluation: LiveEvaluation,
  member: string,
  width: number,
  maxLines: number,
): StyledLine[] {
  const { problems, warnings, failure } = evaluation
  const own = problems[member] ?? []
  const others = Object.entries(problems).filter(([name]) => name !== member)
  const lines: StyledLine[] = []
  const add = (text: string, tone: StyledLine['tone']) => {
    for (const line of wrap(text, width)) lines.push({ text: ` ${line}`, tone, bold: tone === 'bad' })
  }
  if (failure) add(failureText(failure), 'bad')
  for (const problem of own) add(`x ${member} ${problem}`, 'bad')
  for (const one of warnings.filter((warning) => warning.member === member)) {
    add(`! ${one.member} ${one.message}. ${one.advice}`, 'risky')
  }
  for (const [name, [problem = '']] of others) add(`x ${name} ${problem}`, 'bad')
  const elsewhere = warnings.filter((warning) => warning.member !== member).map((warning) => warning.member)
  if (elsewhere.length > 0) add(`! more warnings: ${[...new Set(elsewhere)].join(', ')}`, undefined)
  if (lines.length <= maxLines) return lines
  return [...lines.slice(0, maxLines - 1), { text: ' …' }]
}
