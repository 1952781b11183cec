import { stringify } from 'yaml'
import { warn } from '../client-requests.ts'
import { cell, printable, show, tell, type Format } from '../output.ts'
import { titleOf } from './apply.ts'
import type { Change } from './compare.ts'
import type { Plan, Step } from './plan.ts'

/** A plan for people: a line for each client, and below it what changes. JSON and YAML are the list of what is to be done. */
export function showPlan(plan: Plan, format: Format): void {
  if (format !== 'table') return show(plan.steps.map(representStep), format)
  process.stdout.write(plan.steps.map(lineOf).join(''))
  tellWarnings(plan)
  tell(summaryOf(plan))
}

/** What is risky in the clients as they would be. */
export function tellWarnings({ steps }: Plan): void {
  for (const step of steps) {
    if ('warnings' in step) warn(step.warnings, `Warning: ${titleOf(step)}: `)
  }
}

/** How much is to be done, in one line. */
export function summaryOf({ steps, unchanged }: Plan): string {
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length
  const counts = [
    [count('register'), 'to register'],
    [count('change'), 'to change'],
    [count('remove'), 'to remove'],
    [count('leave'), 'in no file'],
  ] as const
  const said = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)
  return `${[...said, `${unchanged} as the files say`].join(', ')}.`
}

/** What differs, as `diff` writes it: `-` is the server's, `+` the files'. */
export function showDifferences(plan: Plan, format: Format): void {
  if (format !== 'table') return show(plan.steps.map(representStep), format)
  process.stdout.write(plan.steps.map(differenceOf).join(''))
}

function representStep(step: Step): Record<string, unknown> {
  if (step.action === 'remove' || step.action === 'leave') {
    const { externalId, clientId, name } = step.client
    return { action: step.action, externalId, clientId, name, changes: [], warnings: [], at: null }
  }
  const { action, entry, changes, warnings } = step
  const known = step.action === 'change' ? step.client : entry.members
  return {
    action,
    externalId: known['externalId'] ?? entry.externalId ?? null,
    clientId: known['clientId'] ?? null,
    name: known['name'] ?? null,
    changes,
    warnings,
    at: entry.at(),
  }
}

function lineOf(step: Step): string {
  const own = step.action === 'register' ? step.entry.members : step.client
  const words = [step.action.padEnd(8), titleOf(step), cell(own['name'])]
  const aside = step.action === 'leave' ? ' (in no file; --prune removes it)' : ''
  const lines = changesOf(step).map(({ member, from, to }) =>
    step.action === 'register' ? `    ${member}: ${cell(to)}` : `    ${member}: ${cell(from)} → ${cell(to)}`,
  )
  return [`${printable(words.join('  '))}${aside}`, ...lines].map((line) => `${line}\n`).join('')
}

/** Of a new client, what its file says: all else is the server's default. */
function changesOf(step: Step): readonly Change[] {
  if (step.action === 'change') return step.changes
  if (step.action !== 'register') return []
  return step.changes.filter(({ member }) => Object.hasOwn(step.entry.members, member))
}

function differenceOf(step: Step): string {
  const [server, file] = [`server ${titleOf(step)}`, 'entry' in step ? step.entry.at() : '/dev/null']
  const head = [`--- ${step.action === 'register' ? '/dev/null' : server}`, `+++ ${file}`]
  if (step.action === 'leave' || step.action === 'remove')
    return [...head, `-name: ${cell(step.client['name'])}`, ''].join('\n')
  const body = changesOf(step).flatMap(({ member, from, to }) => [
    ...(step.action === 'register' ? [] : yamlOf(member, from).map((line) => `-${line}`)),
    ...yamlOf(member, to).map((line) => `+${line}`),
  ])
  return [...head.map(printable), ...body, ''].join('\n')
}

function yamlOf(member: string, value: unknown): string[] {
  const text = stringify({ [member]: value ?? null }, { lineWidth: 0 }).trimEnd()
  return text.split('\n').map(printable)
}
