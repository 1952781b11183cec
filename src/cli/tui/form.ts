import { useRef } from 'react'
import { fit, plain, wrap } from './columns.ts'
import { windowOf } from './cursor.ts'
import { valueIn, type Draft } from './draft.ts'
import type { Field } from './field.ts'
import { remarksOn } from './remarks.ts'
import type { Judgement } from './rehearsal.ts'
import type { StyledLine } from './text.tsx'
import { shown } from './value.ts'

/** Where somebody is in the form. */
export interface FormPlace {
  group: string
  member: string
}

const HELP_LINES = 3
const REMARK_LINES = 3
const SERVERS = 'Set by the server'

/** The fields of a client, those that only the server sets last, under a heading of their own. */
export function fieldsOf(fields: readonly Field[], draft: Draft): Field[] {
  const known = new Set(fields.map(({ member }) => member))
  const isNew = draft.etag === undefined
  const own = fields.filter((field) => !isNew || field.creatable)
  const others = Object.keys(draft.base).filter((member) => !known.has(member))
  return [
    ...own,
    ...others.map((member): Field => ({
      member,
      group: SERVERS,
      help: 'Only the server sets it.',
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

/** The headings, in the order in which they first occur. */
export const groupsOf = (fields: readonly Field[]): string[] => [...new Set(fields.map(({ group }) => group))]

/** Whether somebody may edit a field of this draft. */
export const isEditable = (field: Field, { etag }: Draft): boolean =>
  etag === undefined ? field.creatable : field.changeable

interface FormOptions {
  fields: readonly Field[]
  draft: Draft
  judgement: Judgement
  place: FormPlace
  goTo(place: FormPlace): void
  width: number
  height: number
}

/** The form of one group: its lines, and the keys that move in it. */
export function useForm({ fields, draft, judgement, place, goTo, width, height }: FormOptions) {
  const groups = groupsOf(fields)
  const here = fields.filter(({ group }) => group === place.group)
  const room = Math.max(1, height - 3 - HELP_LINES - REMARK_LINES)
  const index = Math.max(
    0,
    here.findIndex(({ member }) => member === place.member),
  )
  const last = useRef(0)
  last.current = windowOf(index, last.current, here.length, room)
  const top = last.current
  const field = here[index]

  const toGroup = (by: number) => {
    const next = groups[(groups.indexOf(place.group) + by + groups.length) % groups.length] ?? place.group
    goTo({ group: next, member: fields.find(({ group }) => group === next)?.member ?? '' })
  }
  const moves: Readonly<Record<string, () => void>> = {
    up: () => toMember(index - 1),
    down: () => toMember(index + 1),
    pageup: () => toMember(index - room),
    pagedown: () => toMember(index + room),
    home: () => toMember(0),
    end: () => toMember(here.length - 1),
    left: () => toGroup(-1),
    right: () => toGroup(1),
    'shift+tab': () => toGroup(-1),
    tab: () => toGroup(1),
  }
  function toMember(to: number): void {
    const next = Math.max(0, Math.min(here.length - 1, to))
    goTo({ ...place, member: here[next]?.member ?? '' })
  }

  const rows = Array.from({ length: room }, (_, row): StyledLine => {
    const one = here[top + row]
    return one ? memberLine(one, draft, judgement, one === field, width) : { text: '' }
  })
  const more = here.length > room ? `${index + 1} of ${here.length}` : ''
  return {
    field,
    hears(name: string): boolean {
      moves[name]?.()
      return name in moves
    },
    lines: [
      { text: tabs(groups, place.group, (group) => signOf(fields, group, draft, judgement), width), bold: true },
      {
        text: `─── ${place.group} ${'─'.repeat(width)}`.slice(0, width - more.length - 2) + (more && ` ${more}`),
        dim: true,
      },
      ...rows,
      { text: '─'.repeat(width), dim: true },
      ...helpLines(field, draft, width),
      ...filled(field ? remarksOn(judgement, field.member, width - 2, REMARK_LINES) : [], REMARK_LINES),
    ] satisfies StyledLine[],
  }
}

function memberLine(field: Field, draft: Draft, judgement: Judgement, here: boolean, width: number): StyledLine {
  const { member } = field
  const value = valueIn(draft, member)
  const meant = value === undefined ? judgement.changes.find((change) => change.member === member)?.to : undefined
  const sign = memberSign(member, draft, judgement)
  const text = meant === undefined ? shown(value) : `${shown(meant)} (default)`
  return {
    text: `${here ? '>' : ' '}${sign} ${fit(member, 37)} ${text}`.slice(0, width * 4),
    inverse: here,
    dim: !here && (value === null || value === undefined || !isEditable(field, draft)),
    tone: here ? undefined : sign === 'x' ? 'bad' : sign === '!' ? 'risky' : undefined,
    bold: sign === '*',
  }
}

function memberSign(member: string, { changes }: Draft, { problems, warnings }: Judgement): string {
  if (problems[member]) return 'x'
  if (member in changes) return '*'
  return warnings.some((warning) => warning.member === member) ? '!' : ' '
}

function signOf(fields: readonly Field[], group: string, draft: Draft, judgement: Judgement): string {
  const here = fields.filter((field) => field.group === group)
  const signs = new Set(here.map(({ member }) => memberSign(member, draft, judgement)))
  return ['x', '*', '!'].filter((sign) => signs.has(sign)).join('')
}

/** The headings on one line, as many as there is room for around the one that is open. */
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
  if (!field) return filled([], HELP_LINES)
  const full = plain(shown(valueIn(draft, field.member)))
  const isCut = full.length > width - 40
  const help = `${field.help} ${field.bounds}`.trim()
  const fixed = isEditable(field, draft) ? '' : field.creatable ? ' Set once, when the client is registered.' : ''
  const said = wrap(help + fixed, width - 2, isCut ? HELP_LINES - 1 : HELP_LINES).map((text): StyledLine => ({
    text: ` ${text}`,
  }))
  return filled(isCut ? [{ text: ` = ${full}`, bold: true }, ...said] : said, HELP_LINES)
}

function filled(lines: readonly StyledLine[], count: number): StyledLine[] {
  return Array.from({ length: count }, (_, index) => lines[index] ?? { text: '' })
}
