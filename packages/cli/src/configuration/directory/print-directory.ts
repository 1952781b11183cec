import { stringify } from 'yaml'
import { cell, printable } from '../../output/printable.ts'
import { titleOfEntry } from './entries.ts'
import type { DirectoryStep } from './plan-directory.ts'

/** A step in JSON and YAML. */
export const directoryStepToJson = ({ action, kind, key, entry, changes }: DirectoryStep): Record<string, unknown> => ({
  action,
  kind,
  key,
  changes,
  at: entry?.location() ?? null,
})

/** A step as lines: what it is about, and its changes. */
export function formatDirectoryStep(step: DirectoryStep): string {
  const { action, changes } = step
  const note = action === 'leave' ? ' (in no file; --prune removes it)' : ''
  const lines = changes.map(({ member, from, to }) =>
    action === 'create' ? `    ${member}: ${cell(to)}` : `    ${member}: ${cell(from)} → ${cell(to)}`,
  )
  return [`${printable(`${action.padEnd(8)}  ${titleOfEntry(step)}`)}${note}`, ...lines]
    .map((line) => `${line}\n`)
    .join('')
}

/** A step as a unified diff: `-` is the server, `+` the file. */
export function formatDirectoryDifference(step: DirectoryStep): string {
  const { action, entry, changes } = step
  const server = action === 'create' ? '/dev/null' : `server ${titleOfEntry(step)}`
  const head = [`--- ${server}`, `+++ ${entry?.location() ?? '/dev/null'}`].map(printable)
  const body = changes.flatMap(({ member, from, to }) => [
    ...(action === 'create' ? [] : yamlLines(member, from).map((line) => `-${line}`)),
    ...yamlLines(member, to).map((line) => `+${line}`),
  ])
  return [...head, ...body, ''].join('\n')
}

function yamlLines(member: string, value: unknown): string[] {
  const text = stringify({ [member]: value ?? null }, { lineWidth: 0 }).trimEnd()
  return text.split('\n').map(printable)
}
