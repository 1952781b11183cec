// `form` is the form of a client: its groups and lines, the search for a field, and what the server says about the draft.

import { type Draft, type Field, formatValue, valueIn } from 'cerberus-idp-admin-client'
import { useRef } from 'react'
import { fit, sanitize, wrap } from '../../output/text-width.ts'
import { scrollOffset } from '../frame/cursor.ts'
import type { StyledLine } from '../frame/text.tsx'
import type { LiveEvaluation } from './dry-run.ts'
import { warningLines } from './warning-lines.ts'

/** The position in the form. */
export interface FormPlace {
  group: string
  member: string
}

const HELP_LINES = 3
const WARNING_LINES = 3
const READ_ONLY_GROUP = 'Set by the server'

/** The fields of a client. Those that only the server sets come last, in a group of their own. */
export function fieldsOf(fields: readonly Field[], draft: Draft): Field[] {
  const known = new Set(fields.map(({ member }) => member))
  const isNew = draft.etag === undefined
  const own = fields.filter((field) => !isNew || field.creatable)
  const others = Object.keys(draft.base).filter((member) => !known.has(member))
  return [
    ...own,
    ...others.map((member): Field => ({
      member,
      group: READ_ONLY_GROUP,
      help: 'Set by the server.',
      kind: 'text',
      nullable: true,
      choices: [],
      supported: [],
      bounds: '',
      creatable: false,
      changeable: false,
    })),
  ]
}

/** The groups, in the order of their first field. */
export const groupsOf = (fields: readonly Field[]): string[] => [...new Set(fields.map(({ group }) => group))]

/** Whether a field of this draft can be edited. */
export const isEditable = (field: Field, { etag }: Draft): boolean =>
  etag === undefined ? field.creatable : field.changeable

interface FormOptions {
  fields: readonly Field[]
  draft: Draft
  evaluation: LiveEvaluation
  place: FormPlace
  goTo(place: FormPlace): void
  width: number
  height: number
}

/** The form of one group: its lines, and the keys that move within it. */
export function useForm({ fields, draft, evaluation, place, goTo, width, height }: FormOptions) {
  const groups = groupsOf(fields)
  const groupFields = fields.filter(({ group }) => group === place.group)
  const visible = Math.max(1, height - 3 - HELP_LINES - WARNING_LINES)
  const index = Math.max(
    0,
    groupFields.findIndex(({ member }) => member === place.member),
  )
  const last = useRef(0)
  last.current = scrollOffset(index, last.current, groupFields.length, visible)
  const top = last.current
  const field = groupFields[index]

  const toGroup = (by: number) => {
    const next = groups[(groups.indexOf(place.group) + by + groups.length) % groups.length] ?? place.group
    goTo({ group: next, member: fields.find(({ group }) => group === next)?.member ?? '' })
  }
  const moves: Readonly<Record<string, () => void>> = {
    up: () => toMember(index - 1),
    down: () => toMember(index + 1),
    pageup: () => toMember(index - visible),
    pagedown: () => toMember(index + visible),
    home: () => toMember(0),
    end: () => toMember(groupFields.length - 1),
    left: () => toGroup(-1),
    right: () => toGroup(1),
    'shift+tab': () => toGroup(-1),
    tab: () => toGroup(1),
  }
  function toMember(to: number): void {
    const next = Math.max(0, Math.min(groupFields.length - 1, to))
    goTo({ ...place, member: groupFields[next]?.member ?? '' })
  }

  const rows = Array.from({ length: visible }, (_, row): StyledLine => {
    const one = groupFields[top + row]
    return one ? memberLine(one, draft, evaluation, one === field, width) : { text: '' }
  })
  const more = groupFields.length > visible ? `${index + 1} of ${groupFields.length}` : ''
  return {
    field,
    handleKey(name: string): boolean {
      moves[name]?.()
      return name in moves
    },
    lines: [
      { text: tabs(groups, place.group, (group) => groupSign(fields, group, draft, evaluation), width), bold: true },
      {
        text: `─── ${place.group} ${'─'.repeat(width)}`.slice(0, width - more.length - 2) + (more && ` ${more}`),
        dim: true,
      },
      ...rows,
      { text: '─'.repeat(width), dim: true },
      ...helpLines(field, draft, width),
      ...padLines(field ? warningLines(evaluation, field.member, width - 2, WARNING_LINES) : [], WARNING_LINES),
    ] satisfies StyledLine[],
  }
}

function memberLine(
  field: Field,
  draft: Draft,
  evaluation: LiveEvaluation,
  isSelected: boolean,
  width: number,
): StyledLine {
  const { member } = field
  const value = valueIn(draft, member)
  const byDefault = value === undefined ? evaluation.changes.find((change) => change.member === member)?.to : undefined
  const sign = memberSign(member, draft, evaluation)
  const text = byDefault === undefined ? formatValue(value) : `${formatValue(byDefault)} (default)`
  return {
    text: `${isSelected ? '>' : ' '}${sign} ${fit(member, 37)} ${text}`.slice(0, width * 4),
    inverse: isSelected,
    dim: !isSelected && (value === null || value === undefined || !isEditable(field, draft)),
    tone: isSelected ? undefined : sign === 'x' ? 'bad' : sign === '!' ? 'risky' : undefined,
    bold: sign === '*',
  }
}

function memberSign(member: string, { changes }: Draft, { problems, warnings }: LiveEvaluation): string {
  if (problems[member]) return 'x'
  if (member in changes) return '*'
  return warnings.some((warning) => warning.member === member) ? '!' : ' '
}

function groupSign(fields: readonly Field[], group: string, draft: Draft, evaluation: LiveEvaluation): string {
  const groupFields = fields.filter((field) => field.group === group)
  const signs = new Set(groupFields.map(({ member }) => memberSign(member, draft, evaluation)))
  return ['x', '*', '!'].filter((sign) => signs.has(sign)).join('')
}

/** The groups as tabs on one line: as many as fit, around the open one. */
function tabs(groups: readonly string[], open: string, sign: (group: string) => string, width: number): string {
  const labels = groups.map((group) => `${group} ${sign(group)}`.trimEnd())
  const at = groups.indexOf(open)
  const drawn = (from: number, to: number) =>
    `${from > 0 ? ' ‹ ' : '   '}${labels
      .slice(from, to + 1)
      .map((label, index) => (from + index === at ? `[${label}]` : ` ${label} `))
      .join(' ')}${to < labels.length - 1 ? ' ›' : '  '}`
  let [from, to] = [at, at]
  for (;;) {
    if (to + 1 < labels.length && drawn(from, to + 1).length <= width) to += 1
    else if (from > 0 && drawn(from - 1, to).length <= width) from -= 1
    else return drawn(from, to)
  }
}

function helpLines(field: Field | undefined, draft: Draft, width: number): StyledLine[] {
  if (!field) return padLines([], HELP_LINES)
  const full = sanitize(formatValue(valueIn(draft, field.member)))
  const isCut = full.length > width - 40
  const help = `${field.help} ${field.bounds}`.trim()
  const note = isEditable(field, draft) ? '' : field.creatable ? ' Cannot be changed after registration.' : ''
  const lines = wrap(help + note, width - 2, isCut ? HELP_LINES - 1 : HELP_LINES).map((text): StyledLine => ({
    text: ` ${text}`,
  }))
  return padLines(isCut ? [{ text: ` = ${full}`, bold: true }, ...lines] : lines, HELP_LINES)
}

function padLines(lines: readonly StyledLine[], count: number): StyledLine[] {
  return Array.from({ length: count }, (_, index) => lines[index] ?? { text: '' })
}
