import type { Change } from 'cerberus-idp-admin-client'
import { stringify } from 'yaml'
import { logWarnings } from '../output/client-output.ts'
import { log } from '../output/log.ts'
import { type Format, print } from '../output/print.ts'
import { cell, printable } from '../output/printable.ts'
import { titleOf } from './apply.ts'
import type { DirectoryStep } from './directory/plan-directory.ts'
import { directoryStepToJson, formatDirectoryDifference, formatDirectoryStep } from './directory/print-directory.ts'
import type { Plan, Step } from './plan.ts'

/** Prints a plan. A table has a line for each client with its changes below; JSON and YAML are the list of steps. */
export function printPlan(plan: Plan, format: Format): void {
  if (format !== 'table') return print(planToJson(plan), format)
  process.stdout.write([...plan.steps.map(formatStep), ...plan.directory.map(formatDirectoryStep)].join(''))
  logPlanWarnings(plan)
  log(summaryOf(plan))
}

/** Logs the warnings about the clients after the plan. */
export function logPlanWarnings({ steps }: Plan): void {
  for (const step of steps) {
    if ('warnings' in step) logWarnings(step.warnings, `Warning: ${titleOf(step)}: `)
  }
}

/** The number of steps of each kind, on one line. */
export function summaryOf({ steps, directory, unchanged }: Plan): string {
  const count = (action: Step['action'] | DirectoryStep['action']) =>
    [...steps, ...directory].filter((step) => step.action === action).length
  const counts = [
    [count('register'), 'to register'],
    [count('create'), 'to create'],
    [count('change'), 'to change'],
    [count('remove'), 'to remove'],
    [count('leave'), 'in no file'],
  ] as const
  const parts = counts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)
  return `${[...parts, `${unchanged} unchanged`].join(', ')}.`
}

/** Prints differences as a unified diff: `-` is the server, `+` the files. */
export function printDifferences(plan: Plan, format: Format): void {
  if (format !== 'table') return print(planToJson(plan), format)
  const differences = [...plan.steps.map(formatDifference), ...plan.directory.map(formatDirectoryDifference)]
  process.stdout.write(differences.join(''))
}

const planToJson = ({ steps, directory }: Plan) => [...steps.map(toJson), ...directory.map(directoryStepToJson)]

function toJson(step: Step): Record<string, unknown> {
  if (step.action === 'remove' || step.action === 'leave') {
    const { externalId, clientId, name } = step.client
    return { action: step.action, externalId, clientId, name, changes: [], warnings: [], at: null }
  }
  const { action, entry, changes, warnings } = step
  const known: Readonly<Record<string, unknown>> = step.action === 'change' ? step.client : entry.members
  return {
    action,
    externalId: known['externalId'] ?? entry.externalId ?? null,
    clientId: known['clientId'] ?? entry.clientId ?? null,
    name: known['name'] ?? null,
    changes,
    warnings,
    at: entry.location(),
  }
}

function formatStep(step: Step): string {
  const shown: Readonly<Record<string, unknown>> = step.action === 'register' ? step.entry.members : step.client
  const columns = [step.action.padEnd(8), titleOf(step), cell(shown['name'])]
  const note = step.action === 'leave' ? ' (in no file; --prune removes it)' : ''
  const lines = changesOf(step).map(({ member, from, to }) =>
    step.action === 'register' ? `    ${member}: ${cell(to)}` : `    ${member}: ${cell(from)} → ${cell(to)}`,
  )
  return [`${printable(columns.join('  '))}${note}`, ...lines].map((line) => `${line}\n`).join('')
}

/** The changes to show: those of a new client's file, without the server's defaults. */
function changesOf(step: Step): readonly Change[] {
  if (step.action === 'change') return step.changes
  if (step.action !== 'register') return []
  return step.changes.filter(({ member }) => member === 'clientId' || Object.hasOwn(step.entry.members, member))
}

function formatDifference(step: Step): string {
  const [server, file] = [`server ${titleOf(step)}`, 'entry' in step ? step.entry.location() : '/dev/null']
  const head = [`--- ${step.action === 'register' ? '/dev/null' : server}`, `+++ ${file}`]
  if (step.action === 'leave' || step.action === 'remove')
    return [...head, `-name: ${cell(step.client['name'])}`, ''].join('\n')
  const body = changesOf(step).flatMap(({ member, from, to }) => [
    ...(step.action === 'register' ? [] : yamlLines(member, from).map((line) => `-${line}`)),
    ...yamlLines(member, to).map((line) => `+${line}`),
  ])
  return [...head.map(printable), ...body, ''].join('\n')
}

function yamlLines(member: string, value: unknown): string[] {
  const text = stringify({ [member]: value ?? null }, { lineWidth: 0 }).trimEnd()
  return text.split('\n').map(printable)
}
