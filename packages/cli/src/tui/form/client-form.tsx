/** @jsxImportSource react */
import {
  asText,
  type Draft,
  type Field,
  isChanged,
  type RelatedResource,
  valueIn,
  withMember,
} from 'cerberus-idp-admin-client'
import { useState } from 'react'
import { useApp } from '../app-context.ts'
import { Frame, type KeyHint, type Message, useContentSize } from '../frame/frame.tsx'
import { useKeys } from '../frame/keyboard.tsx'
import { Lines } from '../frame/text.tsx'
import { stateOf } from '../list/client-line.ts'

import { useDraftEvaluation } from './dry-run.ts'
import { type FormPlace, isEditable, useForm } from './form.ts'
import { useMemberSearch } from './member-search.ts'

/** A task on a client that has a screen of its own. */
export type Task =
  | { name: 'edit'; field: Field }
  | { name: 'copy' }
  | { name: 'related'; resource: RelatedResource }
  | { name: 'diff' | 'json' | 'secrets' | 'test' | 'clone' | 'toggle' | 'delete' | 'discard' }

interface ClientFormOptions {
  draft: Draft
  setDraft(draft: Draft): void
  fields: readonly Field[]
  place: FormPlace
  goTo(place: FormPlace): void
  message: Message | undefined
  hasUnsaved: boolean
  onTask(task: Task): void
  onBack(): void
}

const editKeys: readonly KeyHint[] = [
  ['←→', 'group'],
  ['Enter', 'edit'],
  ['u', 'undo'],
  ['/', 'find'],
  ['s', 'save'],
  ['c', 'copy'],
  ['j', 'JSON'],
]
const registeredClientKeys = (isActive: boolean): readonly KeyHint[] => [
  ['t', 'test'],
  ['g', 'grants'],
  ['k', 'secrets'],
  ['o', 'consents'],
  ['e', 'events'],
  ['d', isActive ? 'disable' : 'enable'],
  ['C', 'clone'],
  ['D', 'delete'],
  ['Esc', 'back'],
]

/** The form of a client, by groups, with the problems and warnings of the server. */
export function ClientForm(options: ClientFormOptions) {
  const { draft, setDraft, fields, hasUnsaved, onTask, onBack } = options
  const { session, quit, now } = useApp()
  const { width, height } = useContentSize()
  const [message, setMessage] = useState(options.message)
  const evaluation = useDraftEvaluation(session, draft)
  const [first] = fields
  const place = options.place.group === '' && first ? { group: first.group, member: first.member } : options.place
  const form = useForm({ fields, draft, evaluation, place, goTo: options.goTo, width, height })
  const search = useMemberSearch(fields, options.goTo)
  const isNew = draft.etag === undefined
  const { field } = form

  const edit = () => {
    if (!field) return
    if (isEditable(field, draft)) onTask({ name: 'edit', field })
    else setMessage({ text: `${field.member} cannot be changed.` })
  }
  const tasks: Readonly<Record<string, Task>> = isNew
    ? {}
    : {
        t: { name: 'test' },
        k: { name: 'secrets' },
        g: { name: 'related', resource: 'grants' },
        o: { name: 'related', resource: 'consents' },
        e: { name: 'related', resource: 'events' },
        d: { name: 'toggle' },
        C: { name: 'clone' },
        D: { name: 'delete' },
      }
  const commands: Readonly<Record<string, () => void>> = {
    enter: edit,
    ' ': () => {
      if (field?.kind !== 'boolean' || !isEditable(field, draft)) return edit()
      setDraft(withMember(draft, field.member, valueIn(draft, field.member) !== true))
    },
    u: () =>
      field &&
      !(isNew && field.member === 'name') &&
      setDraft(withMember(draft, field.member, draft.base[field.member])),
    s: () => (isNew || isChanged(draft) ? onTask({ name: 'diff' }) : setMessage({ text: 'There are no changes.' })),
    '/': search.open,
    c: () => onTask({ name: 'copy' }),
    j: () => onTask({ name: 'json' }),
    q: quit,
    escape: () => (hasUnsaved ? onTask({ name: 'discard' }) : onBack()),
  }
  useKeys((key) => {
    setMessage(undefined)
    if (search.isOpen) return search.handleKey(key)
    if (form.handleKey(key.name)) return
    const task = tasks[key.name]
    if (task) onTask(task)
    else commands[key.name]?.()
  }, search.isOpen)

  const name = asText(valueIn(draft, 'name'))
  const title = isNew ? 'New client' : `Clients › ${name}`
  const count = Object.keys(draft.changes).length
  const state = isNew ? 'not registered yet' : `${asText(draft.base['clientId'])} · ${stateOf(draft.base, now())}`
  const pending = isChanged(draft) && !isNew ? ` · * ${count} changed` : ''
  const checking = evaluation.isCurrent || evaluation.failure ? '' : ' · checking …'
  const keys = search.isOpen
    ? search.keys
    : isNew
      ? [...editKeys, ['Esc', 'back'] as const]
      : [...editKeys, ...registeredClientKeys(draft.base['isActive'] === true)]
  return (
    <Frame
      title={title}
      keys={keys}
      isTyping={search.isOpen}
      message={message ?? search.message ?? { text: `${state}${pending}${checking}` }}
    >
      <Lines width={width} lines={form.lines} />
    </Frame>
  )
}
