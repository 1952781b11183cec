/** @jsxImportSource react */
import { useState } from 'react'
import { stateOf } from './client-line.ts'
import { useMemberSearch } from './member-search.ts'
import { isChanged, valueIn, withMember, type Draft } from './draft.ts'
import type { Field } from './field.ts'
import { isEditable, useForm, type FormPlace } from './form.ts'
import { Frame, useRoom, type KeyHint, type Message } from './frame.tsx'
import { useKeys } from './keys.tsx'
import { useJudgement } from './rehearsal.ts'
import type { Below } from './requests.ts'
import { Lines } from './text.tsx'
import { useWork } from './work.ts'
import { said } from './value.ts'

/** What somebody wants to do with a client, besides moving in its form. */
export type Errand =
  | { name: 'edit'; field: Field }
  | { name: 'copy'; rehearsed: boolean }
  | { name: 'hanging'; below: Exclude<Below, 'secrets'> }
  | { name: 'diff' | 'json' | 'secrets' | 'test' | 'clone' | 'switch' | 'delete' | 'leave' }

interface ClientFormOptions {
  draft: Draft
  setDraft(draft: Draft): void
  fields: readonly Field[]
  place: FormPlace
  goTo(place: FormPlace): void
  message: Message | undefined
  hasUnsaved: boolean
  onErrand(errand: Errand): void
  onBack(): void
}

const editing: readonly KeyHint[] = [
  ['←→', 'group'],
  ['Enter', 'edit'],
  ['u', 'undo'],
  ['/', 'find'],
  ['s', 'save'],
  ['c', 'copy as'],
  ['j', 'JSON'],
]
const ofOldClients: readonly KeyHint[] = [
  ['t', 'test'],
  ['k', 'secrets'],
  ['g', 'grants'],
  ['o', 'consents'],
  ['e', 'events'],
  ['d', 'on/off'],
  ['C', 'clone'],
  ['D', 'delete'],
  ['Esc', 'back'],
]

/** The form of a client: all that it has, by groups, and what the server says to what is changed. */
export function ClientForm(options: ClientFormOptions) {
  const { draft, setDraft, fields, hasUnsaved, onErrand, onBack } = options
  const { session, leave, now } = useWork()
  const { width, height } = useRoom()
  const [message, setMessage] = useState(options.message)
  const judgement = useJudgement(session, draft)
  const [first] = fields
  const place = options.place.group === '' && first ? { group: first.group, member: first.member } : options.place
  const form = useForm({ fields, draft, judgement, place, goTo: options.goTo, width, height })
  const search = useMemberSearch(fields, options.goTo)
  const isNew = draft.etag === undefined
  const { field } = form

  const edit = () => {
    if (!field) return
    if (isEditable(field, draft)) onErrand({ name: 'edit', field })
    else setMessage({ text: `${field.member} cannot be changed here.` })
  }
  const old: Readonly<Record<string, Errand>> = isNew
    ? {}
    : {
        t: { name: 'test' },
        k: { name: 'secrets' },
        g: { name: 'hanging', below: 'grants' },
        o: { name: 'hanging', below: 'consents' },
        e: { name: 'hanging', below: 'events' },
        d: { name: 'switch' },
        C: { name: 'clone' },
        D: { name: 'delete' },
      }
  const commands: Readonly<Record<string, () => void>> = {
    enter: edit,
    ' ': () => {
      if (field?.kind !== 'flag' || !isEditable(field, draft)) return edit()
      setDraft(withMember(draft, field.member, valueIn(draft, field.member) !== true))
    },
    u: () =>
      field &&
      !(isNew && field.member === 'name') &&
      setDraft(withMember(draft, field.member, draft.base[field.member])),
    s: () => (isNew || isChanged(draft) ? onErrand({ name: 'diff' }) : setMessage({ text: 'Nothing is changed.' })),
    '/': search.begin,
    c: () => onErrand({ name: 'copy', rehearsed: false }),
    j: () => onErrand({ name: 'json' }),
    q: leave,
    escape: () => (hasUnsaved ? onErrand({ name: 'leave' }) : onBack()),
  }
  useKeys((key) => {
    setMessage(undefined)
    if (search.isOn) return search.hears(key)
    if (form.hears(key.name)) return
    const errand = old[key.name]
    if (errand) onErrand(errand)
    else commands[key.name]?.()
  }, search.isOn)

  const name = said(valueIn(draft, 'name'))
  const title = isNew ? 'New client' : `Clients › ${name}`
  const count = Object.keys(draft.changes).length
  const state = isNew ? 'not registered yet' : `${said(draft.base['clientId'])} · ${stateOf(draft.base, now())}`
  const pending = isChanged(draft) && !isNew ? ` · * ${count} changed` : ''
  const asking = judgement.settled || judgement.failure ? '' : ' · asking the server …'
  const keys = search.isOn
    ? search.keys
    : isNew
      ? [...editing, ['Esc', 'back'] as const]
      : [...editing, ...ofOldClients]
  return (
    <Frame
      title={title}
      keys={keys}
      isTyping={search.isOn}
      message={message ?? search.message ?? { text: `${state}${pending}${asking}` }}
    >
      <Lines width={width} lines={form.lines} />
    </Frame>
  )
}
